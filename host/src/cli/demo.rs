//! `sluis demo`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use miette::IntoDiagnostic;
use sluis_frame::{Rgb, Style};

use super::mode::ModeName;
use super::{Outcome, complain, say, say_json};
use crate::assembly::Choice;
use crate::config::Keep;
use crate::demo::{self, Progress, Settings};
use crate::pipeline::Stop;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sluis demo\n  sluis demo --input aisle.mp4 --out study --video study/cleared.mp4 --fill 00ff00\n  \
                        sluis vault ls --vault study/vault"
)]
pub(super) struct Arguments {
    /// A recording: an MP4 file (H.264), a folder of pictures, a folder of colour and 16-bit depth pictures, or one picture. Each is a camera of its own.
    /// Without any, 20 seconds of a drawn shop with depth are shown.
    #[arg(long = "input", value_name = "PATH")]
    inputs: Vec<PathBuf>,
    /// Where to write: the vault to DIR/vault, the contact sheet to DIR/contact-sheet.png.
    #[arg(long, value_name = "DIR", default_value = "sluis-demo")]
    out: PathBuf,
    /// Stop after N seconds of each recording.
    #[arg(long, value_name = "N", value_parser = seconds)]
    seconds: Option<f64>,
    /// Play recordings at their own speed instead of as fast as possible.
    #[arg(long)]
    real_time: bool,
    /// Also write the cleared video, one picture per frame. With several inputs, one file each: FILE-CAMERA.mp4.
    #[arg(long, value_name = "FILE.mp4")]
    video: Option<PathBuf>,
    /// The colour of filled masks.
    #[arg(long, value_name = "RRGGBB", default_value = "000000", value_parser = colour)]
    fill: Rgb,
    /// How masks look.
    #[arg(long, value_enum, default_value_t = StyleName::Fill)]
    style: StyleName,
    /// What is masked, at least. Without a network model for the filter it is never less than `persons`.
    #[arg(long, value_enum, default_value_t = ModeName::Heads)]
    mode: ModeName,
    /// How many seconds of recording a segment holds.
    #[arg(long, value_name = "N", default_value = "60", value_parser = seconds)]
    segment_seconds: f64,
    /// The installed privacy filter to use. Default: the first.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// The installed auditor to use. Default: the first.
    #[arg(long, value_name = "NAME")]
    audit: Option<String>,
    /// An installed gesture detector to use. Default: the first in the drawn shop, whose zones are known; none for recordings.
    #[arg(long, value_name = "NAME")]
    gestures: Option<String>,
    /// An installed audience meter to count with who looks at the camera's screen. Default: none. Each input is a screen of its own, called as its camera.
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
    /// What is kept.
    #[arg(long, value_enum, default_value_t = KeepName::Pictures)]
    keep: KeepName,
    /// Print one JSON object instead of tables. `seconds` in it is the wall-clock time of the run.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StyleName {
    /// One colour: nothing of the picture is left.
    Fill,
    /// At most 4 cells across a face.
    Pixelate,
    /// The same 4 cells, interpolated.
    Blur,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KeepName {
    /// The masked and audited pictures.
    Pictures,
    /// No picture: blanks, and what the audience meter counts.
    Counts,
}

pub(super) fn run(arguments: &Arguments, home: Option<PathBuf>) -> miette::Result<Outcome> {
    if arguments.keep == KeepName::Counts && arguments.audience.is_none() {
        miette::bail!(
            "`--keep counts` keeps what an audience meter counts: name one with `--audience`, such as audience-meter"
        );
    }
    let home = super::home(home)?;
    let settings = Settings {
        inputs: arguments.inputs.clone(),
        out: arguments.out.clone(),
        seconds: arguments.seconds,
        real_time: arguments.real_time,
        video: arguments.video.clone(),
        style: match arguments.style {
            StyleName::Fill => Style::Fill(arguments.fill),
            StyleName::Pixelate => Style::Pixelate,
            StyleName::Blur => Style::Blur,
        },
        mode: arguments.mode.into(),
        keep: match arguments.keep {
            KeepName::Pictures => Keep::Pictures,
            KeepName::Counts => Keep::Counts,
        },
        segment_length: Duration::from_secs_f64(arguments.segment_seconds),
        choice: Choice {
            filter: arguments.filter.clone(),
            audit: arguments.audit.clone(),
            gestures: arguments.gestures.clone(),
            audience: arguments.audience.clone(),
        },
    };
    let progress =
        if arguments.json || !std::io::stderr().is_terminal() { Progress::hidden() } else { Progress::shown() };
    let stop = Stop::default();
    let runtime = tokio::runtime::Runtime::new().into_diagnostic()?;
    let summary = runtime.block_on(async {
        let asked = stop.clone();
        let listening = tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                complain("stopping: what is on its way is still masked, audited and sealed");
                asked.ask();
            }
        });
        let summary = demo::run(settings, home, progress, stop).await;
        listening.abort();
        summary
    });
    let summary = summary.into_diagnostic()?;
    if arguments.json {
        say_json(&summary)?;
    } else {
        say(&summary.tables());
    }
    Ok(Outcome::Done)
}

fn colour(text: &str) -> Result<Rgb, String> {
    let mut bytes = [0; 3];
    let digits = text.strip_prefix('#').unwrap_or(text);
    hex::decode_to_slice(digits, &mut bytes)
        .map_err(|_| "a colour is six hexadecimal digits, as 00ff00 for green".to_owned())?;
    Ok(Rgb(bytes[0], bytes[1], bytes[2]))
}

fn seconds(text: &str) -> Result<f64, String> {
    let wrong = || "a number of seconds is above 0 and at most 86400".to_owned();
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    if seconds > 0.0 && seconds <= 86_400.0 { Ok(seconds) } else { Err(wrong()) }
}
