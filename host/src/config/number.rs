//! Numbers that know their unit and their range.

/// A whole number with a unit, a range and a default. Another value is an error that says the unit and the range.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident: $range:expr, $unit:literal, default $default:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(u32);

        impl $name {
            /// The smallest.
            pub const MIN: Self = Self(*$range.start());
            /// The largest.
            pub const MAX: Self = Self(*$range.end());

            /// The number, in the unit that the type is named after.
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;

                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(f, "a whole number of {} from {} to {}", $unit, $name::MIN.0, $name::MAX.0)
                    }

                    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<$name, E> {
                        u32::try_from(value)
                            .ok()
                            .filter(|value| $range.contains(value))
                            .map($name)
                            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Signed(value), &self))
                    }
                }

                deserializer.deserialize_i64(Visitor)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u32(self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "integer", "minimum": Self::MIN.0, "maximum": Self::MAX.0 })
            }
        }
    };
}

number! {
    /// Seconds of a segment. The default of a minute loses little when a machine fails and keeps files few.
    SegmentSeconds: (1..=3600), "seconds", default 60
}

number! {
    /// Hours until a recording is destroyed. The default of 72 is what the EDPB's Guidelines 3/2019 (paragraph 121) call usual; the ceiling of 720
    /// is the 30 days that the study's policy promises at the most.
    RetentionHours: (1..=720), "hours", default 72
}

number! {
    /// People of the smallest group that a report may tell of. The least is 3: of two, each knows the other. The default of 5 is what the project's issue
    /// on audiences asks for.
    SmallestGroup: (3..=1000), "people", default 5
}

number! {
    /// Hours that a raw frame may wait, sealed, for a machine that is too slow. A day at the most: until the shop has been closed once.
    DeferredHours: (1..=24), "hours", default 4
}

number! {
    /// Days for which a decided request is kept. The law names no time; a complaint or a claim can be expected for months, so the default is a year.
    RequestDays: (30..=3650), "days", default 365
}

number! {
    /// Days for which a copy for a person is kept, so that it can be fetched. No recording outlives 30 days, and neither does its copy.
    CopyDays: (1..=30), "days", default 30
}

number! {
    /// Disk for the waiting frames of one camera, in GiB.
    DeferredGib: (1..=1000), "GiB", default 8
}

number! {
    /// Memory of one chamber, in MiB.
    MemoryMib: (16..=4096), "MiB", default 256
}

number! {
    /// Wall clock of one call about one frame, in milliseconds.
    CallMs: (10..=10_000), "milliseconds", default 2000
}

number! {
    /// What a new version may use of one processor while it is tried, in percent.
    SharePercent: (1..=100), "percent", default 10
}

number! {
    /// Frames with people in them that a new version must have been compared on. The default is about half a minute of people at ten frames a second.
    PeopleFrames: (10..=100_000), "frames", default 300
}

number! {
    /// Minutes between two looks at the registry.
    UpdateMinutes: (1..=10_080), "minutes", default 60
}

number! {
    /// Seconds that a frame may take at one station. The default leaves room for a component that is made anew on a busy machine (30 s at most).
    StuckSeconds: (5..=600), "seconds", default 45
}

number! {
    /// What uploads may take of the line, in megabits a second. Two cameras of the shop study make 5; the default leaves room for the tills of a shop with 50.
    UploadMbit: (1..=10_000), "megabits a second", default 20
}

number! {
    /// Free disk below which local copies that the cloud has too make room, in GiB.
    KeepFreeGib: (1..=100_000), "GiB", default 10
}

number! {
    /// Free disk below which nothing more is recorded, in GiB. The index, the ledger and the log need room to say so; with 0 recording goes on until nothing can be written.
    StopBelowGib: (0..=100_000), "GiB", default 1
}
