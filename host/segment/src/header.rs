//! What stands at the head of a segment, before its first frame.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use mcap::records::Metadata;
use sluis_frame::{CameraId, Rgb, Size, Style, Timestamp};

use crate::error::Error;
use crate::id::{Binding, SegmentId};
use crate::summary::PluginFact;

/// What holds for a whole segment. Written as MCAP metadata: one record `sluis.segment`, then one `sluis.plugin` for each component.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentHeader {
    /// The shop.
    pub shop: String,
    /// The camera.
    pub camera: CameraId,
    /// The segment.
    pub segment: SegmentId,
    /// The true size of the pictures. Coded video can be padded to more.
    pub size: Size,
    /// Nominal frames per second.
    pub rate: f64,
    /// Metres per count of depth; `None` for a camera without depth.
    pub depth_unit: Option<f32>,
    /// How masked pixels were destroyed.
    pub style: Style,
    /// Capture of the first frame.
    pub started: Timestamp,
    /// When everything of it must be gone.
    pub deadline: Timestamp,
    /// The components that were at work.
    pub plugins: Vec<PluginFact>,
}

/// The name of the first metadata record.
pub(crate) const SEGMENT: &str = "sluis.segment";
/// The name of the metadata records after it.
pub(crate) const PLUGIN: &str = "sluis.plugin";
/// The version of the layout of a segment.
const VERSION: &str = "1";

// === impl SegmentHeader ===

impl SegmentHeader {
    /// What the segment's seal is bound to.
    pub fn binding(&self) -> Binding {
        Binding { shop: self.shop.clone(), camera: self.camera.clone(), segment: self.segment }
    }

    /// As MCAP metadata, in the order in which they are written.
    pub(crate) fn to_records(&self) -> Vec<Metadata> {
        let mut fields = Fields::default();
        fields.put("version", VERSION);
        fields.put("shop", &self.shop);
        fields.put("camera", &self.camera);
        fields.put("segment", self.segment);
        fields.put("width", self.size.width);
        fields.put("height", self.size.height);
        fields.put("frames-per-second", self.rate);
        if let Some(unit) = self.depth_unit {
            fields.put("depth-unit-metres", unit);
        }
        match self.style {
            Style::Fill(Rgb(r, g, b)) => {
                fields.put("style", "fill");
                fields.put("fill", hex::encode([r, g, b]));
            }
            Style::Pixelate => fields.put("style", "pixelate"),
            Style::Blur => fields.put("style", "blur"),
        }
        fields.put("started-ns", self.started.as_nanos());
        fields.put("deadline-ns", self.deadline.as_nanos());
        let plugins = self.plugins.iter().map(|plugin| {
            let mut fields = Fields::default();
            fields.put("name", &plugin.name);
            fields.put("world", &plugin.world);
            fields.put("version", &plugin.version);
            fields.put("sha256", &plugin.digest);
            fields.record(PLUGIN)
        });
        std::iter::once(fields.record(SEGMENT)).chain(plugins).collect()
    }

    /// From MCAP metadata, in the order in which they were read. Anything that is not in a header is refused.
    ///
    /// # Errors
    ///
    /// [`Error::NotASegment`].
    pub(crate) fn from_records(records: Vec<Metadata>) -> Result<Self, Error> {
        let mut records = records.into_iter();
        let first = records.next().ok_or_else(|| Error::NotASegment("its header is missing".to_owned()))?;
        let mut fields = Fields::of(first, SEGMENT)?;
        if fields.take::<String>("version")? != VERSION {
            let what = "its version is unknown: open it with the program that wrote it, or with a newer one";
            return Err(Error::NotASegment(what.to_owned()));
        }
        let header = Self {
            shop: fields.take("shop")?,
            camera: fields.take("camera")?,
            segment: fields.take("segment")?,
            size: Size::new(fields.take("width")?, fields.take("height")?),
            rate: fields.take("frames-per-second")?,
            depth_unit: fields.has("depth-unit-metres").then(|| fields.take("depth-unit-metres")).transpose()?,
            style: match fields.take::<String>("style")?.as_str() {
                "fill" => {
                    let mut rgb = [0; 3];
                    hex::decode_to_slice(fields.take::<String>("fill")?, &mut rgb).map_err(|_| unreadable("fill"))?;
                    Style::Fill(Rgb(rgb[0], rgb[1], rgb[2]))
                }
                "pixelate" => Style::Pixelate,
                "blur" => Style::Blur,
                _ => return Err(unreadable("style")),
            },
            started: Timestamp::from_nanos(fields.take("started-ns")?),
            deadline: Timestamp::from_nanos(fields.take("deadline-ns")?),
            plugins: records
                .map(|record| {
                    let mut fields = Fields::of(record, PLUGIN)?;
                    let plugin = PluginFact {
                        name: fields.take("name")?,
                        world: fields.take("world")?,
                        version: fields.take("version")?,
                        digest: fields.take("sha256")?,
                    };
                    fields.end()?;
                    Ok(plugin)
                })
                .collect::<Result<_, Error>>()?,
        };
        fields.end()?;
        Ok(header)
    }
}

/// The fields of one metadata record.
#[derive(Default)]
struct Fields(BTreeMap<String, String>);

// === impl Fields ===

impl Fields {
    fn of(record: Metadata, name: &str) -> Result<Self, Error> {
        if record.name == name {
            Ok(Self(record.metadata))
        } else {
            Err(Error::NotASegment(format!("it has metadata `{}` where `{name}` belongs", record.name)))
        }
    }

    fn put(&mut self, name: &str, value: impl Display) {
        self.0.insert(name.to_owned(), value.to_string());
    }

    fn record(self, name: &str) -> Metadata {
        Metadata { name: name.to_owned(), metadata: self.0 }
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn take<T: FromStr>(&mut self, name: &str) -> Result<T, Error> {
        self.0.remove(name).and_then(|text| text.parse().ok()).ok_or_else(|| unreadable(name))
    }

    /// All fields must have been taken.
    fn end(self) -> Result<(), Error> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Error::NotASegment(format!("its header holds a foreign field, `{name}`"))),
        }
    }
}

fn unreadable(field: &str) -> Error {
    Error::NotASegment(format!("its header has no `{field}`, or one that cannot be read"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_header() -> impl Strategy<Value = SegmentHeader> {
        let style = prop_oneof![
            any::<[u8; 3]>().prop_map(|[r, g, b]| Style::Fill(Rgb(r, g, b))),
            Just(Style::Pixelate),
            Just(Style::Blur)
        ];
        let plugin = (".{0,9}", "[a-z-]{1,9}", "[0-9.]{1,9}", "[0-9a-f]{64}")
            .prop_map(|(name, world, version, digest)| PluginFact { name, world, version, digest });
        let plugins = prop::collection::vec(plugin, 0..3);
        let numbers = (any::<[u8; 16]>(), any::<u32>(), any::<u32>(), 0.01f64..500.0, any::<i64>(), any::<i64>());
        (".{0,20}", numbers, prop::option::of(1e-6f32..1.0), style, plugins).prop_map(
            |(shop, (segment, width, height, rate, started, deadline), depth_unit, style, plugins)| SegmentHeader {
                shop,
                camera: CameraId::new("shelf-1").unwrap(),
                segment: SegmentId::from_bytes(segment),
                size: Size::new(width, height),
                rate,
                depth_unit,
                style,
                started: Timestamp::from_nanos(started),
                deadline: Timestamp::from_nanos(deadline),
                plugins,
            },
        )
    }

    proptest! {
        #[test]
        fn a_header_comes_back_as_it_was(header in any_header()) {
            prop_assert_eq!(SegmentHeader::from_records(header.to_records()).unwrap(), header);
        }

        #[test]
        fn a_header_with_a_foreign_field_or_record_is_refused(header in any_header(), at in any::<prop::sample::Index>()) {
            let mut records = header.to_records();
            let at = at.index(records.len());
            records[at].metadata.insert("note".to_owned(), "x".to_owned());
            prop_assert!(SegmentHeader::from_records(records).is_err());
            let mut records = header.to_records();
            records.push(Metadata { name: "note".to_owned(), metadata: BTreeMap::new() });
            prop_assert!(SegmentHeader::from_records(records).is_err());
        }
    }
}
