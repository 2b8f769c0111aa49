//! `sluis audience`: reports about those who look at screens.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use miette::{IntoDiagnostic, WrapErr};
use sluis_audience::report::{Facts, Format};
use sluis_audience::{LocalTime, MinGroup, Playlist, Report};
use sluis_frame::{AgeClass, Clock, SexClass, SystemClock};
use sluis_vault::Act;

use super::place::{Asker, Place};
use super::{Outcome, complain, progress, say, when};
use crate::audience::{self, Gathered};

#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Tell, per screen, advert and quarter of an hour, how many were present, how many looked, and for how long.
    ///
    /// Groups smaller than `--min-group`, and groups by which such could be computed, are merged with others. Whole days only, unless `--unfinished` is given. Every opening
    /// of a segment is logged with the reason.
    Report(Arguments),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sluis audience report --vault vault --playlist adverts.csv --reason \"weekly report\"\n  \
                  sluis audience report --vault vault --playlist adverts.csv --format html --out report.html --reason \"weekly report\""
)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// What was on the screens, as CSV or JSON with `screen`, `advert`, `start` and `end`. Without it all is one.
    #[arg(long, value_name = "FILE")]
    playlist: Option<PathBuf>,
    /// The smallest group that may be told of. Use one for all reports that the same people see: two can be compared.
    #[arg(long, value_name = "N", default_value = "5", value_parser = min_group)]
    min_group: MinGroup,
    /// How the report is written.
    #[arg(long, value_enum, default_value_t = FormatName::Table)]
    format: FormatName,
    /// Where to; standard output when nothing is said.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Days and quarters are of this time zone, such as Europe/Amsterdam. Default: the machine's.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Also tell of days that are not over, or partly destroyed. Such a report is not for passing on: with a second one of the same day, small groups can be computed.
    #[arg(long)]
    unfinished: bool,
    #[command(flatten)]
    asker: Asker,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    /// A table for a terminal.
    Table,
    /// Comma-separated values.
    Csv,
    /// One JSON object.
    Json,
    /// A page with charts, complete in itself.
    Html,
}

pub(super) fn run(task: &Task) -> miette::Result<Outcome> {
    let Task::Report(arguments) = task;
    let time_zone = when::zone(arguments.time_zone.as_deref())?;
    // The playlist first: a mistake in it should cost no opening.
    let playlist = arguments.playlist.as_deref().map(read_playlist).transpose()?.unwrap_or_default();
    let archive = arguments.place.visit()?;
    let reason = arguments.asker.reason(&archive, Act::Report)?;
    let bar = progress::segments(false);
    let gathered = audience::gather(&archive, &reason, SystemClock.now(), &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let Gathered { shops, visits, segments, complete_from, complete_until } = gathered.into_diagnostic()?;
    if segments == 0 {
        complain("no segment of this vault was recorded with an audience meter at work");
    }
    let facts = Facts {
        min_group: arguments.min_group,
        local: LocalTime::new(time_zone),
        demographics: visits.iter().any(|v| v.age() != AgeClass::Unknown || v.sex() != SexClass::Undetermined),
        shop: shops.join(", "),
        complete_from,
        complete_until,
    };
    let report = Report::new(&visits, &playlist, facts, arguments.unfinished);
    for day in report.unfinished() {
        let left_out =
            if arguments.unfinished { "is in the report" } else { "is left out; `--unfinished` takes it in" };
        complain(&format!("{day} is not over, or was partly destroyed at its deadline: it {left_out}"));
    }
    let text = report.write(arguments.format.into());
    match &arguments.out {
        Some(path) => write(path, &text)?,
        None => say(text.trim_end()),
    }
    Ok(Outcome::Done)
}

fn read_playlist(path: &Path) -> miette::Result<Playlist> {
    let text = fs::read_to_string(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read the playlist {}", path.display()))?;
    Playlist::read(&path.display().to_string(), &text).into_diagnostic()
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> miette::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = || format!("cannot write {}", path.display());
    let mut file = tempfile::NamedTempFile::new_in(folder).into_diagnostic().wrap_err_with(cannot)?;
    file.write_all(text.as_bytes()).into_diagnostic().wrap_err_with(cannot)?;
    file.persist(path).into_diagnostic().wrap_err_with(cannot)?;
    Ok(())
}

fn min_group(text: &str) -> Result<MinGroup, String> {
    let size = text.parse().map_err(|_| format!("`{text}` is no number of people"))?;
    MinGroup::new(size).map_err(|e| e.to_string())
}

// === impl FormatName ===

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Table => Self::Table,
            FormatName::Csv => Self::Csv,
            FormatName::Json => Self::Json,
            FormatName::Html => Self::Html,
        }
    }
}
