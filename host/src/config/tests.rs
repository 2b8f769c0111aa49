//! What the configuration promises to the installer.

use std::path::{Path, PathBuf};
use std::time::Duration;

use miette::Diagnostic;
use sluis_frame::{Rgb, Style};
use sluis_tests::schema;

use super::error::Fault;
use super::*;

/// The smallest configuration.
const SMALL: &str = r#"
[shop]
id = "hilversum"
name = "Bakery Hilversum"

[[camera]]
id = "shelf-1"
driver = "file"
path = "shelf.mp4"

[vault]
dir = "vault"
"#;

fn published(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)
}

/// The one thing that is wrong with a text.
fn fault(text: &str) -> Fault {
    match Config::from_str("sluis.toml", text) {
        Ok(_) => panic!("was accepted:\n{text}"),
        Err(ConfigError::Text(fault)) => *fault,
        Err(other) => panic!("{other}"),
    }
}

/// The line, the column and the message for [`SMALL`] with `from` replaced by `to`.
fn changed(from: &str, to: &str) -> (usize, usize, String) {
    assert!(SMALL.contains(from), "no {from:?}");
    let fault = fault(&SMALL.replace(from, to));
    (fault.line, fault.column, format!("{}; {}", fault.message, fault.advice.as_deref().unwrap_or_default()))
}

#[test]
fn the_smallest_configuration_has_the_documented_defaults() {
    let config = Config::from_str("sluis.toml", SMALL).unwrap();
    assert_eq!(config.vault.retention(), Duration::from_secs(72 * 3600));
    assert_eq!(config.segment.length(), Duration::from_secs(60));
    assert_eq!((&*config.plugins.filter, &*config.plugins.audit), ("face-blur", "anonymisation-audit"));
    assert_eq!((config.plugins.gestures, config.plugins.audience), (None, None));
    assert_eq!(
        (config.plugins.limits.memory_bytes(), config.plugins.limits.call()),
        (256 << 20, Duration::from_secs(2))
    );
    let camera = &config.cameras[0];
    assert_eq!((camera.mode, camera.mask.style(), camera.pace), (Mode::Heads, Style::Fill(Rgb::BLACK), Pace::RealTime));
    assert_eq!(camera.settings_of("face-blur"), "{}");
}

#[test]
fn an_unknown_key_is_an_error_with_line_column_and_the_nearest_known_key() {
    let (line, column, message) = changed("dir = \"vault\"", "dir = \"vault\"\n  retension-hours = 5");
    assert_eq!((line, column), (13, 3));
    assert!(
        message.contains("unknown key `retension-hours`") && message.contains("did you mean `retention-hours`?"),
        "{message}"
    );
}

#[test]
fn an_unknown_table_is_an_error_with_the_nearest_known_table() {
    let (line, _, message) = changed("[vault]", "[valt]");
    assert_eq!(line, 11);
    assert!(message.contains("unknown key `valt`") && message.contains("did you mean `vault`?"), "{message}");
}

#[test]
fn an_unknown_value_is_an_error_with_the_nearest_known_value() {
    let (line, _, message) = changed("path =", "mode = \"person\"\npath =");
    assert_eq!(line, 9);
    assert!(message.contains("unknown value `person`") && message.contains("did you mean `persons`?"), "{message}");
}

#[test]
fn a_wrong_type_is_an_error_with_line_and_value() {
    let (line, column, message) = changed("dir = \"vault\"", "dir = \"vault\"\nretention-hours = \"three days\"");
    assert_eq!((line, column), (13, 19));
    assert!(message.contains("three days") && message.contains("whole number of hours from 1 to 720"), "{message}");
}

#[test]
fn a_value_out_of_range_is_an_error_with_line_value_and_range() {
    for (table, value, range) in [
        ("[segment]\nseconds = ", "0", "seconds from 1 to 3600"),
        ("[segment]\nseconds = ", "-5", "seconds from 1 to 3600"),
        ("[plugins.limits]\nmemory-mib = ", "4097", "MiB from 16 to 4096"),
        ("[plugins.limits]\ncall-ms = ", "99999999999", "milliseconds from 10 to 10000"),
        ("[rights]\nrequest-days = ", "29", "days from 30 to 3650"),
        ("[rights]\ncopy-days = ", "31", "days from 1 to 30"),
    ] {
        let (line, _, message) = changed("[vault]", &format!("{table}{value}\n[vault]"));
        assert_eq!(line, 12, "{message}");
        assert!(message.contains(value) && message.contains(range), "{message}");
    }
}

#[test]
fn frames_may_not_wait_until_they_are_past_their_deadline() {
    let with =
        |hours: u32| SMALL.replace("[vault]", &format!("[deferred]\nhours = {hours}\n[vault]\nretention-hours = 4"));
    let deferred = Config::from_str("sluis.toml", &with(3)).unwrap().deferred().unwrap();
    assert_eq!((deferred.patience(), deferred.bytes()), (Duration::from_secs(3 * 3600), 8 << 30));
    let fault = fault(&with(4));
    assert!(fault.line == 11 && fault.message.contains("may wait for 4 hours and are kept for 4"), "{fault:?}");
}

#[test]
fn the_rights_desk_keeps_what_the_configuration_says_and_knows_its_holidays() {
    assert_eq!(Config::from_str("sluis.toml", SMALL).unwrap().rights.keep(), sluis_rights::Keep::default());
    let with = |table: &str| SMALL.replace("[vault]", &format!("[rights]\n{table}\n[vault]"));
    let rights = "holidays = [\"2026-12-25\"]\nrequest-days = 90\ncopy-days = 7";
    let config = Config::from_str("sluis.toml", &with(rights)).unwrap();
    let days = |days: u64| Duration::from_secs(days * 24 * 3600);
    let keep = config.rights.keep();
    assert_eq!((keep.requests, keep.copies), (days(90), days(7)));
    // A month after 25 November 2026 is a Friday and a holiday, and a weekend comes after it.
    let due = crate::rights::office::calendar(&config).due(jiff::civil::date(2026, 11, 25));
    assert_eq!(due, jiff::civil::date(2026, 12, 28));
    let fault = fault(&with("holidays = [\"25 December\"]"));
    assert!(fault.line == 12 && fault.message.contains("25 December"), "{fault:?}");
}

#[test]
fn an_exclusion_is_a_polygon() {
    let with = |polygon: &str| SMALL.replace("[vault]", &format!("[[camera.exclusion]]\npolygon = {polygon}\n[vault]"));
    let config = Config::from_str("sluis.toml", &with("[[0, 0], [10, 0], [0, 10]]")).unwrap();
    assert_eq!(config.cameras[0].exclusions[0].corners(), [[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]]);
    assert!(fault(&with("[[0, 0], [10, 0]]")).message.contains("exclusion: a polygon of 2 corners"));
}

#[test]
fn retention_above_72_hours_needs_a_reason_and_above_720_is_refused() {
    let with = |lines: &str| SMALL.to_owned() + lines;
    let reason = "retention-reason = \"thefts are noticed at the weekly count\"\n";
    assert!(fault(&with("retention-hours = 73")).message.contains("73 hours needs a reason"));
    assert!(Config::from_str("sluis.toml", &with("retention-hours = 72")).is_ok());
    let long = Config::from_str("sluis.toml", &with(&format!("retention-hours = 720\n{reason}"))).unwrap();
    assert_eq!(long.vault.retention(), Duration::from_secs(30 * 24 * 3600));
    assert!(fault(&with(&format!("retention-hours = 721\n{reason}"))).message.contains("721"));
    assert!(fault(&with("retention-hours = 100\nretention-reason = \" \"")).message.contains("0 characters"));
}

#[test]
fn two_cameras_with_one_id_are_an_error_at_the_second() {
    let (line, column, message) =
        changed("[vault]", "[[camera]]\nid = \"shelf-1\"\ndriver = \"file\"\npath = \"b.mp4\"\n[vault]");
    assert_eq!((line, column), (12, 6));
    assert!(message.contains("camera 2 is already that of camera 1"), "{message}");
}

#[test]
fn names_that_could_leave_their_folder_are_errors() {
    assert!(changed("\"hilversum\"", "\"../x\"").2.contains("cannot name a shop"));
    assert!(changed("\"shelf-1\"", "\"Shelf 1\"").2.contains("cannot name a camera"));
}

#[test]
fn a_colour_is_six_digits_and_belongs_to_fill() {
    let with = |mask: &str| SMALL.replace("path =", &format!("mask = {{ {mask} }}\npath ="));
    let config = Config::from_str("sluis.toml", &with("colour = \"ff8000\"")).unwrap();
    assert_eq!(config.cameras[0].mask.style(), Style::Fill(Rgb(255, 128, 0)));
    assert!(fault(&with("colour = \"red\"")).message.contains("six hexadecimal digits"));
    assert!(fault(&with("style = \"blur\", colour = \"000000\"")).message.contains("does not fill"));
}

#[test]
fn a_configuration_without_cameras_says_which_table_is_missing() {
    let text = "[shop]\nid = \"a\"\nname = \"A\"\n[vault]\ndir = \"v\"";
    let fault = fault(text);
    assert!(fault.message.contains("missing key `camera`") && fault.advice.unwrap().contains("[[camera]]"));
    assert!(self::fault(&format!("camera = []\n{text}")).message.contains("no camera"));
}

#[test]
fn text_that_is_not_toml_is_an_error_with_its_line() {
    assert_eq!(changed("id = \"hilversum\"", "id = \"hilversum").0, 3);
}

#[test]
fn an_error_shows_the_text_around_it() {
    let fault = fault(&SMALL.replace("dir", "dri"));
    assert!(fault.to_string().starts_with("sluis.toml:12:1: unknown key `dri`"), "{fault}");
    assert!(fault.source_code().is_some() && fault.labels().unwrap().count() == 1 && fault.help().is_some());
}

#[test]
fn settings_reach_their_component_as_json() {
    let text = SMALL.to_owned() + "[camera.settings.face-blur]\nthreshold = 0.25\nzones = [[1, 2]]\n";
    let text = text.replace("[vault]\ndir = \"vault\"\n", "") + "[vault]\ndir = \"vault\"\n";
    let config = Config::from_str("sluis.toml", &text).unwrap();
    assert_eq!(config.cameras[0].settings_of("face-blur"), r#"{"threshold":0.25,"zones":[[1,2]]}"#);
}

/// [`SMALL`] with tables of its camera.
fn with_camera(tables: &str) -> String {
    SMALL.replace("[vault]", &format!("{tables}\n[vault]"))
}

const SQUARE: &str =
    "[[camera.zone]]\nid = \"bread\"\nkind = \"shelf\"\npolygon = [[0, 0], [640, 0], [640, 480], [0, 480]]";

#[test]
fn zones_pose_and_lens_reach_the_gesture_detector_beside_its_own_settings() {
    let text = with_camera(&format!(
        "{SQUARE}\n[[camera.zone]]\nid = \"till\"\nkind = \"counter\"\nbox = {{ min = [0, 1, 0], max = [1, 2, 1.1] }}\n\
         [camera.pose]\nposition = [0, 0, 2.4]\ntilt = 30\n[camera.settings.reaches]\nslow = true"
    ));
    let config = Config::from_str("sluis.toml", &text).unwrap();
    let lens = sluis_frame::Calibration { fx: 600.0, fy: 601.0, cx: 320.0, cy: 240.0 };
    let told: serde_json::Value =
        serde_json::from_str(&config.cameras[0].gesture_settings("reaches", Some(lens))).unwrap();
    let expected = serde_json::json!({
        "slow": true,
        "zones": [
            { "id": "bread", "kind": "shelf", "polygon": [[0.0, 0.0], [640.0, 0.0], [640.0, 480.0], [0.0, 480.0]] },
            { "id": "till", "kind": "counter", "box": { "min": [0.0, 1.0, 0.0], "max": [1.0, 2.0, 1.1] } },
        ],
        "pose": { "position": [0.0, 0.0, 2.4], "pan": 0.0, "tilt": 30.0, "roll": 0.0 },
        "lens": { "fx": 600.0, "fy": 601.0, "cx": 320.0, "cy": 240.0 },
    });
    assert_eq!(told, expected);
    assert_eq!(config.cameras[0].settings_of("reaches"), r#"{"slow":true}"#, "other components hear nothing of it");
}

#[test]
fn a_zone_that_cannot_be_is_an_error_with_line_and_value() {
    for (from, to, said) in [
        ("[640, 480], [0, 480]", "[0, 480], [640, 480]", "crosses itself: its edge 2 meets its edge 4"),
        ("polygon = [[0, 0], [640, 0], [640, 480], [0, 480]]", "polygon = [[0, 0], [640, 0]]", "polygon of 2 corners"),
        ("polygon = [[0, 0], [640, 0], [640, 480], [0, 480]]", "", "zone `bread` has no outline"),
        (
            "polygon = [[0, 0], [640, 0], [640, 480], [0, 480]]",
            "box = { min = [0, 0, 0], max = [1, 1, 1] }",
            "where the camera stands",
        ),
        (
            "polygon = [[0, 0], [640, 0], [640, 480], [0, 480]]",
            "box = { min = [0, 0, 2], max = [1, 1, 1] }",
            "the box is empty",
        ),
        ("\"shelf\"", "\"shelv\"", "unknown value `shelv`"),
    ] {
        assert!(SQUARE.contains(from), "{from}");
        let fault = fault(&with_camera(&SQUARE.replace(from, to)));
        assert!(fault.message.contains(said), "{}", fault.message);
        assert!((12..=14).contains(&fault.line), "{}:{}", fault.line, fault.column);
    }
    assert!(fault(&with_camera(&format!("{SQUARE}\n{SQUARE}"))).message.contains("two zones `bread`"));
}

#[test]
fn a_zone_outside_the_picture_is_an_error_with_line_and_value_once_the_camera_is_open() {
    let config = Config::from_str("sluis.toml", &with_camera(SQUARE)).unwrap();
    let camera = config.camera("shelf-1").unwrap();
    assert!(config.check_zones(camera, sluis_frame::Size::new(640, 480)).is_ok());
    let Err(ConfigError::Text(fault)) = config.check_zones(camera, sluis_frame::Size::new(640, 360)) else {
        panic!("it reaches below the picture")
    };
    assert!(fault.to_string().starts_with("sluis.toml:14:11"), "{fault}");
    assert!(fault.message.contains("corner 3 (640, 480) lies outside the picture of 640x360"), "{fault}");
}

#[test]
fn a_file_camera_needs_a_path_and_a_drawn_one_does_not() {
    let (line, _, message) = changed("path = \"shelf.mp4\"\n", "");
    assert_eq!(line, 7);
    assert!(message.contains("camera `shelf-1` has no `path`"), "{message}");
    let drawn =
        SMALL.replace("driver = \"file\"\npath = \"shelf.mp4\"", "driver = \"synthetic\"\nsynthetic = { seed = 7 }");
    let config = Config::from_str("sluis.toml", &drawn).unwrap();
    assert_eq!(config.cameras[0].synthetic.shop().settings().seed, 7);
    let told: serde_json::Value = serde_json::from_str(&config.cameras[0].gesture_settings("reaches", None)).unwrap();
    assert!(told["zones"].as_array().is_some_and(|zones| zones.len() > 3), "the drawn shop's own zones: {told}");
    assert!(told["pose"]["tilt"] == 30.0 && told["lens"]["fx"] == 615.0, "{told}");
}

#[test]
fn a_camera_that_is_not_there_is_an_error_that_names_those_that_are() {
    let error = Config::from_str("sluis.toml", SMALL).unwrap().camera("shelf-2").unwrap_err();
    assert!(error.help().unwrap().to_string().contains("`shelf-1`"), "{error}");
}

#[test]
fn relative_paths_count_from_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sluis.toml");
    std::fs::write(&file, SMALL.replace("\"vault\"", "\"/srv/vault\"")).unwrap();
    let config = Config::read(&file).unwrap();
    assert_eq!(config.cameras[0].path, Some(folder.path().join("shelf.mp4")));
    assert_eq!(config.vault.dir, Path::new("/srv/vault"));
    assert!(matches!(Config::read(&folder.path().join("none.toml")), Err(ConfigError::Read { .. })));
}

#[test]
fn the_sample_is_a_complete_configuration() {
    let sample = std::fs::read_to_string(published("examples/sluis.toml")).unwrap();
    let config = Config::from_str("examples/sluis.toml", &sample).unwrap();
    assert!(!config.cameras.is_empty());
    // Every key that the schema knows stands in the sample, at least as a comment.
    let mut keys = Vec::new();
    collect_keys(&Config::schema(), &mut keys);
    assert!(keys.len() > 20, "{keys:?}");
    for key in keys {
        assert!(sample.contains(&key), "the sample does not show `{key}`");
    }
}

#[test]
fn every_key_of_the_schema_has_a_description() {
    schema::assert_described(&Config::schema());
}

#[test]
fn the_published_schema_is_current() {
    schema::assert_current(&Config::schema(), "docs/sluis.schema.json", "sluis");
}

/// [`SMALL`] with a screen at its camera, and this about audiences.
fn with_screen(keep: &str, audience: &str) -> String {
    let screen = format!("{keep}[camera.audience]\nscreen = \"checkout-3\"\n{audience}\n[vault]");
    SMALL.replace("\n[vault]", &format!("\n{screen}"))
}

const PURPOSE: &str = "[audience]\npurpose = \"How many see our adverts\"\n";

#[test]
fn nobody_is_counted_without_a_purpose() {
    let fault = fault(&with_screen("", ""));
    assert_eq!((fault.line, fault.column), (12, 10));
    assert!(fault.message.contains("nothing says what for") && fault.advice.unwrap().contains("purpose"));
    assert!(self::fault(&with_screen("", "[audience]\npurpose = \"ads\"")).message.contains("write 10 to 500"));
    assert!(self::fault(&with_screen("", "[audience]\n")).message.contains("missing key `purpose`"));
    let config = Config::from_str("sluis.toml", &with_screen("", PURPOSE)).unwrap();
    let audience = config.audience.unwrap();
    assert_eq!((audience.min_group.get(), audience.demographics), (5, None));
    assert_eq!(config.cameras[0].keep, Keep::Pictures);
}

#[test]
fn the_demographic_switch_needs_a_purpose_of_its_own_and_a_model() {
    let with = |keys: &str| with_screen("", &format!("{PURPOSE}[audience.demographics]\n{keys}"));
    assert!(fault(&with("model = \"ages\"")).message.contains("missing key `purpose`"));
    assert!(fault(&with("purpose = \"Which ages see them\"")).message.contains("missing key `model`"));
    assert!(
        fault(&with("purpose = \"Which ages see them\"\nmodel = \"../x\"")).message.contains("cannot name a model")
    );
    let config = Config::from_str("sluis.toml", &with("purpose = \"Which ages see them\"\nmodel = \"ages\"")).unwrap();
    assert_eq!(config.audience.unwrap().demographics.unwrap().model.as_str(), "ages");
}

#[test]
fn a_demographic_model_reaches_the_meter_only_through_the_switch() {
    let sly = "[camera.settings.audience-meter]\nyaw-degrees = 20\ndemographics = { model = \"ages\", input = 64 }\n";
    let config = Config::from_str("sluis.toml", &with_screen("", &format!("{sly}{PURPOSE}"))).unwrap();
    let camera = &config.cameras[0];
    assert_eq!(camera.audience_settings("audience-meter", None), r#"{"yaw-degrees":20}"#);
    let on: serde_json::Value =
        serde_json::from_str(&camera.audience_settings("audience-meter", Some("classes"))).unwrap();
    assert_eq!(on["demographics"], serde_json::json!({ "model": "classes", "input": 64 }));
}

#[test]
fn a_camera_that_keeps_counts_only_must_count_something() {
    let fault = fault(&SMALL.replace("path =", "keep = \"counts\"\npath ="));
    assert_eq!(fault.line, 7);
    assert!(fault.message.contains("counts nothing"), "{}", fault.message);
    let text = with_screen("", PURPOSE).replace("path =", "keep = \"counts\"\npath =");
    assert_eq!(Config::from_str("sluis.toml", &text).unwrap().cameras[0].keep, Keep::Counts);
}

#[test]
fn a_screen_belongs_to_one_camera_and_groups_of_two_are_refused() {
    let second =
        "[[camera]]\nid = \"b\"\ndriver = \"file\"\npath = \"b.mp4\"\n[camera.audience]\nscreen = \"checkout-3\"\n";
    assert!(
        fault(&with_screen("", &format!("{second}{PURPOSE}"))).message.contains("already that of camera `shelf-1`")
    );
    assert!(fault(&with_screen("", &format!("{PURPOSE}min-group = 2"))).message.contains("people from 3 to 1000"));
    assert!(
        fault(&with_screen("", PURPOSE).replace("checkout-3", "Checkout 3")).message.contains("cannot name a screen")
    );
}

/// [`SMALL`] with a camera that films for real, and this about its notice.
fn filmed(notice: &str) -> String {
    let camera = "[[camera]]\nid = \"door\"\ndriver = \"rtsp\"\nurl = \"rtsp://192.168.20.11/stream1\"\n";
    SMALL.replace("\n[vault]", &format!("\n{camera}{notice}\n[vault]"))
}

const NOTICE: &str = "[notice]\nurl = \"https://www.example.nl/privacy\"\npurposes = [\"To shorten waiting\"]\n\
    balancing = \"Faces are destroyed before anything is kept.\"\nroute = \"The counter on the left has no cameras.\"\n\
    employees = \"Nobody's work is judged by it.\"\n\
    [notice.controller]\nname = \"Bakery\"\naddress = \"Kerkbrink 1, Hilversum\"\nemail = \"info@example.nl\"\n";

#[test]
fn a_camera_that_films_for_real_needs_a_notice_and_a_recording_does_not() {
    let fault = fault(&filmed(""));
    assert_eq!((fault.line, fault.column), (12, 6));
    assert!(fault.message.contains("camera `door` films for real, and there is no notice"), "{}", fault.message);
    assert!(fault.advice.unwrap().contains("GDPR, Art. 13"));
    let config = Config::from_str("sluis.toml", &filmed(NOTICE)).unwrap();
    assert_eq!(config.notice().unwrap().url.as_str(), "https://www.example.nl/privacy");
    assert!(Config::from_str("sluis.toml", SMALL).unwrap().notice().is_none());
    // A RealSense camera with a path plays a recording.
    let real = filmed("")
        .replace("\"rtsp\"", "\"realsense\"")
        .replace("url = \"rtsp://192.168.20.11/stream1\"", "serial = \"1\"");
    assert!(self::fault(&real).message.contains("films for real"));
    assert!(Config::from_str("sluis.toml", &real.replace("serial = \"1\"", "path = \"aisle.bag\"")).is_ok());
}

#[test]
fn a_notice_that_leaves_something_out_is_an_error_that_says_what() {
    let cloud = "[cloud]\nclient = \"folder\"\npath = \"cloud\"\n";
    let host = "[notice.host]\nname = \"Clouds\"\ncountry = \"US\"\n";
    for (text, said) in [
        (NOTICE.replace("balancing", "# balancing"), "has no `balancing`"),
        (NOTICE.replace("[\"To shorten waiting\"]", "[]"), "names 1 to 12 purposes"),
        (NOTICE.replace("https://", "http://"), "is no address on the web"),
        (NOTICE.replace("info@", "info at "), "is no address of electronic mail"),
        (
            NOTICE.replace(
                "\"The counter on the left has no cameras.\"",
                "{ nl = \"De toonbank links heeft er geen.\" }",
            ),
            "missing key `de`",
        ),
        (NOTICE.replace("\"The counter on the left has no cameras.\"", "7"), "a text, or a table with a text for each"),
        (format!("{NOTICE}{cloud}"), "the notice does not say whose"),
        (format!("{NOTICE}{host}"), "there are no copies"),
        (format!("{NOTICE}{host}{cloud}"), "nothing says what allows it"),
        (format!("{NOTICE}{}{cloud}", host.replace("US", "UK")), "UK"),
    ] {
        let fault = fault(&filmed(&text));
        assert!(fault.message.contains(said), "{said}: {}", fault.message);
    }
    let safe = format!("{NOTICE}{host}safeguard = \"standard-contractual-clauses\"\n{cloud}");
    assert!(Config::from_str("sluis.toml", &filmed(&safe)).is_ok());
    assert!(
        Config::from_str("sluis.toml", &filmed(&NOTICE.replace("balancing =", "basis = \"consent\"\n# balancing =")))
            .is_ok()
    );
}

#[test]
fn a_notice_says_whose_a_screen_is() {
    let without = with_screen("", &format!("{PURPOSE}{NOTICE}"));
    assert!(fault(&without).message.contains("does not say whose screen `checkout-3` is"));
    let with = without.replace("screen = \"checkout-3\"", "screen = \"checkout-3\"\nowner = \"Screens B.V.\"");
    assert!(Config::from_str("sluis.toml", &with).is_ok());
}

#[test]
fn a_text_for_guests_is_one_for_all_languages_or_one_for_each() {
    let words = |text: &str| {
        let retention = format!("retention-reason = {text}\n");
        let config = Config::from_str("sluis.toml", &format!("{SMALL}{retention}")).unwrap();
        config.vault.retention_reason.unwrap().localised().clone()
    };
    let one = words("\"The weekly count.\"");
    assert_eq!((&*one.nl, &*one.de, &*one.en), ("The weekly count.", "The weekly count.", "The weekly count."));
    let each =
        words("{ nl = \"De telling van de week.\", de = \"Die Zählung der Woche.\", en = \"The weekly count.\" }");
    assert_eq!((&*each.nl, &*each.de), ("De telling van de week.", "Die Zählung der Woche."));
}

fn collect_keys(value: &serde_json::Value, keys: &mut Vec<String>) {
    if let Some(properties) = value.get("properties").and_then(|p| p.as_object()) {
        keys.extend(properties.keys().cloned());
    }
    match value {
        serde_json::Value::Object(object) => object.values().for_each(|value| collect_keys(value, keys)),
        serde_json::Value::Array(items) => items.iter().for_each(|value| collect_keys(value, keys)),
        _ => {}
    }
}
