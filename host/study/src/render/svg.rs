//! Charts and maps as SVG, drawn with the page's own colours (`currentColor`, CSS variables), each with a title for those who cannot see it.

use std::fmt::Write as _;

use crate::calendar::MINUTES;
use crate::report::{HeatMap, Plane, QueueDay};

use super::html::escape;

/// The highest of some bars, with what it is of.
pub(super) struct Bar {
    /// Below the bar.
    pub(super) label: String,
    /// Its height.
    pub(super) value: u64,
    /// How wide, in parts: a band of three hours is three wide.
    pub(super) width: f64,
}

const CHART: (f64, f64) = (720.0, 180.0);
const LEFT: f64 = 44.0;
const RIGHT: f64 = 14.0;
const BELOW: f64 = 26.0;
const ABOVE: f64 = 18.0;

/// Bars side by side. A bar of a wider band is as high as it is on average for one part, so that areas are counts.
pub(super) fn bars(title: &str, bars: &[Bar]) -> String {
    let (width, height) = CHART;
    let parts: f64 = bars.iter().map(|bar| bar.width).sum();
    let of_part = |bar: &Bar| bar.value as f64 / bar.width;
    // A little room for the number on the highest bar.
    let top = round_up(bars.iter().map(of_part).fold(0.0, f64::max));
    let (inside, high) = (width - LEFT - RIGHT, height - BELOW - ABOVE);
    let mut svg = open(title, width, height);
    grid(&mut svg, top, high, inside);
    let mut x = LEFT;
    for bar in bars {
        let wide = inside * bar.width / parts;
        let tall = high * of_part(bar) / top;
        let y = ABOVE + high - tall;
        let _ = write!(
            svg,
            r#"<rect class="bar" x="{:.1}" y="{y:.1}" width="{:.1}" height="{tall:.1}"><title>{}: {}</title></rect>"#,
            x + 1.5,
            (wide - 3.0).max(1.0),
            escape(&bar.label),
            bar.value
        );
        let middle = x + wide / 2.0;
        if bar.value > 0 {
            let _ = write!(svg, r#"<text class="value" x="{middle:.1}" y="{:.1}">{}</text>"#, y - 4.0, bar.value);
        }
        let _ =
            write!(svg, r#"<text class="tick" x="{middle:.1}" y="{:.1}">{}</text>"#, height - 8.0, escape(&bar.label));
        x += wide;
    }
    svg + "</svg>"
}

/// The length of a queue over a day.
pub(super) fn queue(title: &str, day: &QueueDay, hours: (usize, usize)) -> String {
    let (width, height) = CHART;
    let (first, last) = (hours.0 * 60, (hours.1 * 60).min(MINUTES));
    let top = round_up(day.spans.iter().map(|span| span.mean).fold(0.0, f64::max));
    let (inside, high) = (width - LEFT - RIGHT, height - BELOW - ABOVE);
    let at = |minute: usize| LEFT + inside * (minute.saturating_sub(first)) as f64 / (last - first).max(1) as f64;
    let mut svg = open(title, width, height);
    grid(&mut svg, top, high, inside);
    for span in &day.spans {
        let (from, to) = (at(minute(&span.from)), at(minute(&span.to)));
        let tall = high * span.mean / top;
        let _ = write!(
            svg,
            r#"<rect class="bar" x="{from:.1}" y="{:.1}" width="{:.1}" height="{tall:.1}"><title>{} to {}: {:.1} on average, at most {}</title></rect>"#,
            ABOVE + high - tall,
            (to - from).max(0.8),
            span.from,
            span.to,
            span.mean,
            span.longest
        );
    }
    let step = if hours.1 - hours.0 > 12 { 2 } else { 1 };
    for hour in (hours.0..=hours.1).step_by(step) {
        let _ = write!(svg, r#"<text class="tick" x="{:.1}" y="{:.1}">{hour:02}</text>"#, at(hour * 60), height - 8.0);
    }
    svg + "</svg>"
}

/// A map: the darker, the more time people spent on as much room.
pub(super) fn map(title: &str, map: &HeatMap) -> String {
    let (left, top, width, height, up) = match &map.plane {
        Plane::Floor { x, y, width, height } => (*x, *y, *width, *height, true),
        Plane::Picture { width, height, .. } => (0.0, 0.0, f64::from(*width), f64::from(*height), false),
    };
    let most = map.patches.iter().map(super::super::report::Patch::density).fold(0.0, f64::max);
    // Room beyond the plane has no place in the picture of it.
    let mut svg = format!(
        r#"<svg class="map" role="img" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"><title>{}</title><rect class="plane" width="{width}" height="{height}"/>"#,
        escape(title)
    );
    for patch in map.patches.iter().filter(|patch| patch.seconds > 0) {
        // By the square root: places differ by thousands, and shades are told apart by tens.
        let shade = if most > 0.0 { (patch.density() / most).sqrt() } else { 0.0 };
        let _ = write!(
            svg,
            r#"<g class="heat" fill-opacity="{:.2}"><title>{} person-seconds</title>"#,
            0.06 + 0.94 * shade,
            patch.seconds
        );
        for square in &patch.squares {
            let x = square.x - left;
            let y = if up { height - (square.y - top) - square.side } else { square.y - top };
            let _ = write!(svg, r#"<rect x="{x}" y="{y}" width="{0}" height="{0}"/>"#, square.side);
        }
        svg += "</g>";
    }
    if let Plane::Floor { .. } = map.plane {
        metres(&mut svg, (left, top), (width, height));
    }
    svg + "</svg>"
}

/// A line every metre, and a number every four.
fn metres(svg: &mut String, (left, top): (f64, f64), (width, height): (f64, f64)) {
    // A fortieth of the map is readable at any size of it.
    let size = width.max(height) / 40.0;
    for n in 0..=(width as usize) {
        let (class, x) = (line(n), n as f64);
        let _ = write!(svg, r#"<path class="{class}" d="M{n} 0V{height}"/>"#);
        if n.is_multiple_of(4) && x < width {
            let (x, y, m) = (x + size / 3.0, height - size / 3.0, left + x);
            let _ = write!(svg, r#"<text font-size="{size}" x="{x:.2}" y="{y:.2}">{m} m</text>"#);
        }
    }
    for n in 0..=(height as usize) {
        let (class, y) = (line(n), height - n as f64);
        let _ = write!(svg, r#"<path class="{class}" d="M0 {y}H{width}"/>"#);
        if n.is_multiple_of(4) && n > 0 && y > 0.0 {
            let (x, y, m) = (size / 3.0, y - size / 3.0, top + n as f64);
            let _ = write!(svg, r#"<text font-size="{size}" x="{x:.2}" y="{y:.2}">{m} m</text>"#);
        }
    }
}

fn line(n: usize) -> &'static str {
    if n.is_multiple_of(4) { "metre four" } else { "metre" }
}

fn open(title: &str, width: f64, height: f64) -> String {
    format!(
        r#"<svg class="chart" role="img" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"><title>{}</title>"#,
        escape(title)
    )
}

/// Lines at nothing, the half and the top.
fn grid(svg: &mut String, top: f64, high: f64, inside: f64) {
    for share in [0.0, 0.5, 1.0] {
        let y = ABOVE + high * (1.0 - share);
        let value = top * share;
        let value = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") };
        let _ = write!(
            svg,
            r#"<path class="line" d="M{LEFT} {y:.1}h{inside:.1}"/><text class="axis" x="{:.1}" y="{:.1}">{value}</text>"#,
            LEFT - 6.0,
            y + 4.0
        );
    }
}

/// The next number that can be halved at sight: 1, 1.2, 1.6, 2, 3, … 8, 10, 12, …
fn round_up(value: f64) -> f64 {
    let mut step = 1.0;
    loop {
        for round in [1.0, 1.2, 1.6, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0].map(|r| r * step) {
            if value <= round || !value.is_finite() {
                return round;
            }
        }
        step *= 10.0;
    }
}

/// The minute that `09:05` names.
pub(super) fn minute(clock: &str) -> usize {
    let (hour, minute) = clock.split_once(':').unwrap_or((clock, "0"));
    hour.parse::<usize>().unwrap_or(0) * 60 + minute.parse::<usize>().unwrap_or(0)
}
