//! What versions of the contract have in common, written once.
//!
//! Each macro writes, into the module of a version, how one part of what was generated there is put into our words. It expects there the generated modules
//! `types` and that of its own world, and `camera`, which says what a component of that version is told about its camera. A version that has a part otherwise
//! writes that part itself.

/// Rectangles.
macro_rules! rectangles {
    () => {
        impl From<types::Rect> for sluis_frame::Rect {
            fn from(rect: types::Rect) -> Self {
                Self::new(rect.x, rect.y, rect.width, rect.height)
            }
        }

        impl From<sluis_frame::Rect> for types::Rect {
            fn from(rect: sluis_frame::Rect) -> Self {
                Self { x: rect.x, y: rect.y, width: rect.width, height: rect.height }
            }
        }
    };
}

/// How an instance of a world is made, and its chamber.
macro_rules! world {
    ($exports:ident, $world:ident) => {
        impl crate::contract::Prepared<dyn crate::contract::$world> for crate::contract::Found<$exports::GuestIndices> {
            fn instantiate(
                &self,
                store: &mut wasmtime::Store<crate::live::Hosted>,
            ) -> wasmtime::Result<Box<dyn crate::contract::$world>> {
                let instance = self.pre.instantiate(&mut *store)?;
                Ok(Box::new(self.exports.load(store, &instance)?))
            }
        }

        impl crate::contract::Guest for $exports::Guest {
            fn create(
                &self,
                store: &mut wasmtime::Store<crate::live::Hosted>,
                facts: &crate::plugin::CameraFacts,
                settings: &str,
            ) -> wasmtime::Result<Result<wasmtime::component::ResourceAny, String>> {
                self.chamber().call_create(store, camera(facts), settings)
            }
        }
    };
}

/// World `privacy-filter`.
macro_rules! filter {
    () => {
        world!(filter, Filter);

        impl crate::contract::Filter for filter::Guest {
            fn find(
                &self,
                store: &mut wasmtime::Store<crate::live::Hosted>,
                chamber: wasmtime::component::ResourceAny,
                frame: wasmtime::component::Resource<crate::picture::Lent>,
            ) -> wasmtime::Result<Vec<crate::answer::Region>> {
                let regions = self.chamber().call_find(store, chamber, frame)?;
                Ok(regions.into_iter().map(Into::into).collect())
            }
        }

        impl From<filter::Region> for crate::answer::Region {
            fn from(region: filter::Region) -> Self {
                use crate::answer::Subject;
                let subject = match region.subject {
                    filter::Subject::Face => Subject::Face,
                    filter::Subject::Head => Subject::Head,
                    filter::Subject::Person => Subject::Person,
                    filter::Subject::Identifier => Subject::Identifier,
                };
                Self { area: region.area.into(), subject, confidence: region.confidence }
            }
        }
    };
}

/// World `anonymisation-audit`.
macro_rules! audit {
    () => {
        world!(audit, Audit);

        impl crate::contract::Audit for audit::Guest {
            fn inspect(
                &self,
                store: &mut wasmtime::Store<crate::live::Hosted>,
                chamber: wasmtime::component::ResourceAny,
                frame: wasmtime::component::Resource<crate::picture::Lent>,
                masks: &[sluis_frame::Rect],
            ) -> wasmtime::Result<crate::answer::Inspection> {
                let masks: Vec<types::Rect> = masks.iter().map(|mask| (*mask).into()).collect();
                let verdict = self.chamber().call_inspect(store, chamber, frame, &masks)?;
                let findings = verdict.findings.into_iter().map(Into::into).collect();
                Ok(crate::answer::Inspection { findings, worst_score: verdict.worst_score })
            }
        }

        impl From<audit::Finding> for sluis_frame::Finding {
            fn from(finding: audit::Finding) -> Self {
                use sluis_frame::Fault;
                let fault = match finding.fault {
                    audit::Fault::Face => Fault::Face,
                    audit::Fault::Head => Fault::Head,
                    audit::Fault::VanishedMask => Fault::VanishedMask,
                    audit::Fault::BareBody => Fault::BareBody,
                };
                Self { area: finding.area.into(), fault, score: finding.score }
            }
        }
    };
}

/// World `gesture-detector`.
macro_rules! gestures {
    () => {
        world!(gestures, Gestures);

        impl crate::contract::Gestures for gestures::Guest {
            fn observe(
                &self,
                store: &mut wasmtime::Store<crate::live::Hosted>,
                chamber: wasmtime::component::ResourceAny,
                frame: wasmtime::component::Resource<crate::picture::Lent>,
            ) -> wasmtime::Result<Vec<crate::answer::ToldEvent>> {
                let events = self.chamber().call_observe(store, chamber, frame)?;
                Ok(events.into_iter().map(Into::into).collect())
            }
        }

        impl From<gestures::Event> for crate::answer::ToldEvent {
            fn from(event: gestures::Event) -> Self {
                use sluis_frame::Gesture;
                let gesture = match event.kind {
                    gestures::Kind::Approach => Gesture::Approach,
                    gestures::Kind::Dwell => Gesture::Dwell,
                    gestures::Kind::Reach => Gesture::Reach,
                    gestures::Kind::Take => Gesture::Take,
                    gestures::Kind::PutBack => Gesture::PutBack,
                    gestures::Kind::Wait => Gesture::Wait,
                    gestures::Kind::Leave => Gesture::Leave,
                };
                Self {
                    gesture,
                    track: event.track,
                    zone: event.zone,
                    start_ms: event.start_ms,
                    end_ms: event.end_ms,
                    contact: event.contact.map(|point| (point.x, point.y)),
                    position: event.position.map(|point| (point.x, point.y)),
                    confidence: event.confidence,
                }
            }
        }
    };
}

/// World `audience-meter`.
macro_rules! audience {
    () => {
        world!(audience, Audience);

        impl crate::contract::Audience for audience::Guest {
            fn measure(
                &self,
                store: &mut wasmtime::Store<crate::live::Hosted>,
                chamber: wasmtime::component::ResourceAny,
                frame: wasmtime::component::Resource<crate::picture::Lent>,
            ) -> wasmtime::Result<Vec<crate::answer::Face>> {
                let faces = self.chamber().call_measure(store, chamber, frame)?;
                Ok(faces.into_iter().map(Into::into).collect())
            }
        }

        impl From<audience::Face> for crate::answer::Face {
            fn from(face: audience::Face) -> Self {
                use crate::answer::{AgeClass, SexClass, SizeClass};
                let size = match face.size {
                    audience::SizeClass::Small => SizeClass::Small,
                    audience::SizeClass::Medium => SizeClass::Medium,
                    audience::SizeClass::Large => SizeClass::Large,
                };
                let age = match face.age {
                    audience::AgeClass::Unknown => AgeClass::Unknown,
                    audience::AgeClass::From18To29 => AgeClass::From18To29,
                    audience::AgeClass::From30To44 => AgeClass::From30To44,
                    audience::AgeClass::From45To59 => AgeClass::From45To59,
                    audience::AgeClass::From60 => AgeClass::From60,
                };
                let sex = match face.sex {
                    audience::SexClass::Undetermined => SexClass::Undetermined,
                    audience::SexClass::Female => SexClass::Female,
                    audience::SexClass::Male => SexClass::Male,
                };
                Self { area: face.area.into(), attentive: face.attentive, size, age, sex }
            }
        }
    };
}

/// How a component of any of these four worlds is linked.
macro_rules! link {
    () => {
        /// Finds in a component what its world exports.
        pub(super) fn link(
            world: crate::world::World,
            pre: wasmtime::component::InstancePre<crate::live::Hosted>,
        ) -> wasmtime::Result<crate::contract::Linked> {
            use crate::contract::{Found, Linked};
            use crate::world::World;
            Ok(match world {
                World::PrivacyFilter => {
                    Linked::Filter(std::sync::Arc::new(Found { exports: filter::GuestIndices::new(&pre)?, pre }))
                }
                World::AnonymisationAudit => {
                    Linked::Audit(std::sync::Arc::new(Found { exports: audit::GuestIndices::new(&pre)?, pre }))
                }
                World::GestureDetector => {
                    Linked::Gestures(std::sync::Arc::new(Found { exports: gestures::GuestIndices::new(&pre)?, pre }))
                }
                World::AudienceMeter => {
                    Linked::Audience(std::sync::Arc::new(Found { exports: audience::GuestIndices::new(&pre)?, pre }))
                }
            })
        }
    };
}
