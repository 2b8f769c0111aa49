//! What the recipient of a folder must know.

use std::io::{self, Write};

use crate::manifest::Manifest;

/// Its name in the folder.
pub(crate) const FILE: &str = "README.md";

pub(crate) fn write(manifest: &Manifest, to: &mut impl Write) -> io::Result<()> {
    let deadline = manifest.segments.iter().map(|part| (part.delete_by_ns, &part.delete_by));
    let (first, last) = (deadline.clone().min(), deadline.max());
    writeln!(to, "# Training data from a shop\n")?;
    match (first, last) {
        (Some((_, first)), Some((_, last))) if first == last => writeln!(to, "**Delete all of this by {first}.**\n")?,
        (Some((_, first)), Some((_, last))) => {
            writeln!(to, "**The first of this must be deleted by {first}, all of it by {last}.**\n")?;
        }
        _ => writeln!(to, "Nothing is left in it.\n")?,
    }
    write!(
        to,
        "Faces are masked beyond recovery, and still this is personal data: clothes, gait and time remain. It was handed out for one purpose:\n\n> {}\n\n\
         Do not copy it on, do not try to recognise anybody, and delete what must be deleted: each segment has its own deadline in `export.json` (`delete_by`). \
         `sluis dataset purge --out FOLDER` takes out what is past it, and `sluis dataset erase --out FOLDER --segment ID` what somebody wants erased.\n\n\
         | path | what |\n|---|---|\n\
         | `export.json` | what this is, of which segments, why, until when; SHA-256 of every file |\n\
         | `mcap/` | recordings, plain MCAP: Foxglove, `pip install mcap` |\n\
         | `activitynet.json` | events, in the form of ActivityNet |\n\
         | `coco.json`, `images/` | boxes of masks on a picture a second, in the form of COCO |\n\
         | `shards/` | a clip (`.mp4`) and its label (`.json`) for each event, in the form of WebDataset |\n\n\
         Only the forms that were asked for are there. Labels are what a detector told, not what a person has checked.\n",
        manifest.reason
    )
}
