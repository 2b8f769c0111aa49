//! The report as one page that stands alone: no scripts, nothing loaded from elsewhere.
//!
//! It shows frames in which a face could be seen. Keep it where the footage is kept.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::report::{ClipReport, Report, WorstFrame};
use super::{COVERED, LEAST_HEIGHT};

const STYLE: &str = include_str!("page.css");

/// The page.
pub fn render(report: &Report, worst: &[WorstFrame]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"/>\n\
         <title>Privacy report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>Privacy report</h1>\n"
    );
    let independent =
        if report.independent { "of different families" } else { "of one family: both may miss the same face" };
    let _ = writeln!(
        page,
        "<p>Filter {}, audit {} ({independent}); mode <code>{}</code>. Measured on the decoded pictures of what was recorded: {} frames of {} clips.</p>",
        escape(&report.filter),
        escape(&report.audit),
        escape(&report.mode),
        report.total.counts.frames,
        report.clips.len(),
    );
    let counts = &report.total.counts;
    let _ = writeln!(
        page,
        "<ul class=\"keys\"><li><b>{} of {}</b>face-frames exposed</li><li><b>{} of {}</b>heads from behind exposed</li><li><b>{:.1} ×</b>masked area, of the labelled heads'</li>\
         <li><b>{}</b>frames blanked</li><li><b>{} / {}</b>the audit's misses and false alarms</li><li><b>{:.1}</b>frames a second, one thread</li></ul>",
        counts.exposed,
        counts.faces,
        counts.heads_behind_exposed,
        counts.heads_behind,
        counts.mask_share.value() / counts.head_share.value().max(f64::MIN_POSITIVE),
        counts.blanked,
        counts.audit_misses,
        counts.audit_false_alarms,
        report.total.fps,
    );
    clips(&mut page, report);
    tracks(&mut page, report);
    times(&mut page, report);
    page += "<h2>The worst frames, as they were recorded</h2>\n";
    if worst.is_empty() {
        page += "<p>There are none: no labelled face can be seen.</p>\n";
    }
    for frame in worst {
        let _ = writeln!(
            page,
            "<figure><img alt=\"{0}, frame {1}\" src=\"data:image/png;base64,{2}\"/><figcaption>{0}, frame {1}: {3}</figcaption></figure>",
            escape(&frame.clip),
            frame.frame,
            STANDARD.encode(&frame.png),
            escape(&frame.caption),
        );
    }
    let _ = writeln!(
        page,
        "<h2>How it is measured</h2>\n<p>A face counts when its labelled box is at least {LEAST_HEIGHT} pixels high, and is exposed when less than {:.0} % of the box is masked; labels are a few pixels \
         loose. A pixel is masked when the record says so and the decoded picture has the colour of masks there. A head from behind is exposed when less than that of the whole head is masked. The audit \
         missed a frame that it passed with an exposed face; it raised a false alarm when all faces were masked and nothing that it found touches an uncovered head. Masks elsewhere touch no labelled head; they may \
         lie on people whose head is not labelled. Masked shares leave blanks out. This page shows what could be seen: keep it as closely as the footage.</p>\n</body>\n</html>",
        COVERED * 100.0
    );
    page
}

/// Clip by clip, and all together; with what marks the row of a sum.
fn rows(report: &Report) -> impl Iterator<Item = (&ClipReport, &str)> {
    report.clips.iter().map(|clip| (clip, "")).chain([(&report.total, " class=\"sum\"")])
}

fn clips(page: &mut String, report: &Report) {
    *page += "<h2>Clips</h2>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Clip</th>";
    for name in [
        "Frames",
        "Faces",
        "Exposed",
        "Longest run",
        "From behind",
        "Exposed",
        "That move",
        "Exposed",
        "Masked",
        "Heads",
        "Masks elsewhere",
        "Quarantined",
        "Blanked",
        "Dropped",
        "Audit misses",
        "False alarms",
        "Frames/s",
    ] {
        let _ = write!(page, "<th scope=\"col\">{name}</th>");
    }
    *page += "</tr></thead>\n<tbody>\n";
    for (clip, class) in rows(report) {
        let ClipReport { name, counts: c, dropped, fps, .. } = clip;
        let _ = write!(page, "<tr{class}><th scope=\"row\">{}</th>", escape(name));
        for number in [
            c.frames,
            c.faces,
            c.exposed,
            c.longest_exposed_run,
            c.heads_behind,
            c.heads_behind_exposed,
            c.heads_behind_moving,
            c.heads_behind_moving_exposed,
        ] {
            let _ = write!(page, "<td>{number}</td>");
        }
        let _ = write!(
            page,
            "<td>{:.1} %</td><td>{:.1} %</td>",
            100.0 * c.mask_share.value(),
            100.0 * c.head_share.value()
        );
        for number in [c.masks_elsewhere, c.quarantined, c.blanked, *dropped, c.audit_misses, c.audit_false_alarms] {
            let _ = write!(page, "<td>{number}</td>");
        }
        let _ = writeln!(page, "<td>{fps:.1}</td></tr>");
    }
    *page += "</tbody>\n</table></div>\n";
}

fn tracks(page: &mut String, report: &Report) {
    let exposed = |clip: &ClipReport| clip.tracks.iter().any(|t| t.exposed + t.heads_behind_exposed > 0);
    if !report.clips.iter().any(exposed) {
        return;
    }
    *page += "<h2>Persons who can be seen</h2>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Clip</th><th scope=\"col\">Person</th><th scope=\"col\">Faces</th><th scope=\"col\">Exposed</th>\
              <th scope=\"col\">Longest run</th><th scope=\"col\">From behind</th><th scope=\"col\">Exposed</th></tr></thead>\n<tbody>\n";
    for clip in &report.clips {
        for t in clip.tracks.iter().filter(|t| t.exposed + t.heads_behind_exposed > 0) {
            let _ = writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(&clip.name),
                t.id,
                t.faces,
                t.exposed,
                t.longest_exposed_run,
                t.heads_behind,
                t.heads_behind_exposed,
            );
        }
    }
    *page += "</tbody>\n</table></div>\n";
}

fn times(page: &mut String, report: &Report) {
    *page += "<h2>Milliseconds a frame</h2>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Clip</th>";
    for station in report.total.milliseconds.keys() {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escape(station));
    }
    *page += "</tr></thead>\n<tbody>\n";
    for (clip, class) in rows(report) {
        let _ = write!(page, "<tr{class}><th scope=\"row\">{}</th>", escape(&clip.name));
        for milliseconds in clip.milliseconds.values() {
            let _ = write!(page, "<td>{milliseconds:.2}</td>");
        }
        *page += "</tr>\n";
    }
    *page += "</tbody>\n</table></div>\n";
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::counts::{Counts, TrackCounts};
    use super::*;

    fn clip(name: &str, exposed: u64) -> ClipReport {
        let mut counts = Counts { frames: 10, faces: 10, exposed, ..Counts::default() };
        counts.mask_share.add(0.1);
        counts.head_share.add(0.05);
        let tracks = vec![TrackCounts { id: 7, faces: 10, exposed, ..TrackCounts::default() }];
        let milliseconds = BTreeMap::from([("filter".to_owned(), 1.5)]);
        ClipReport { name: name.to_owned(), counts, dropped: 0, fps: 12.5, milliseconds, tracks }
    }

    fn report(exposed: u64) -> Report {
        Report {
            filter: "f".into(),
            audit: "a".into(),
            independent: true,
            mode: "heads".into(),
            components: Vec::new(),
            clips: vec![clip("<lobby>", exposed)],
            total: clip("all clips", exposed),
        }
    }

    #[test]
    fn the_page_is_well_formed_and_says_what_was_found() {
        let worst =
            WorstFrame { clip: "<lobby>".into(), frame: 3, pixels: 9, caption: "a & b".into(), png: vec![1, 2, 3] };
        let page = render(&report(2), &[worst]);
        assert!(page.contains("2 of 10") && page.contains("&lt;lobby&gt;, frame 3: a &amp; b"), "{page}");
        assert!(page.contains("src=\"data:image/png;base64,AQID\"") && page.contains("Persons who can be seen"));
        let count = |what: &str| page.matches(what).count();
        for tag in ["table", "tr", "td", "figure", "ul", "p", "h2"] {
            assert_eq!(count(&format!("<{tag}>")) + count(&format!("<{tag} ")), count(&format!("</{tag}>")), "{tag}");
        }
    }

    #[test]
    fn nobody_who_can_be_seen_is_said_plainly() {
        let page = render(&report(0), &[]);
        assert!(page.contains("There are none") && !page.contains("Persons who can be seen"));
    }
}
