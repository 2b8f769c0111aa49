//! One study, with its whole report, and all that happens on standard error: `cargo run --package sluis-rehearse --example one -- SEED [DAYS [SEGMENTS [none]]]`.

#![allow(clippy::print_stdout, reason = "a program for people")]

use sluis_rehearse::{Error, Faults, Settings, rehearse};

fn main() -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let mut settings = Settings::new(u32::try_from(number(1, 40)).unwrap_or(40), number(0, 1));
    settings.segments_per_camera_and_day = u32::try_from(number(2, 10)).unwrap_or(10);
    if arguments.get(3).is_some_and(|text| text == "none") {
        settings.faults = Faults::NONE;
    }
    tracing_subscriber::fmt().json().with_writer(std::io::stderr).with_max_level(tracing::Level::DEBUG).init();
    let begun = std::time::Instant::now();
    let report = rehearse(&settings, &mut |_| {})?;
    println!("{report:#?}\n{:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}
