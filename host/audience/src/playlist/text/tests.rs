use proptest::prelude::*;
use sluis_frame::ScreenId;

use super::super::Advert;
use super::*;

const CSV: &str = "\
screen,advert,start,end
checkout-3,coffee,2026-06-28T09:00:00+02:00,2026-06-28T09:00:20+02:00
checkout-3,\"bread, sliced\",2026-06-28T09:00:20+02:00,2026-06-28T09:00:40+02:00
checkout-4,coffee,2026-06-28T07:00:00Z,2026-06-28T07:00:20Z
";

const JSON: &str = r#"[
  {"screen": "checkout-3", "advert": "coffee", "start": "2026-06-28T09:00:00+02:00", "end": "2026-06-28T09:00:20+02:00"},
  {"screen": "checkout-3", "advert": "bread, sliced", "start": "2026-06-28T09:00:20+02:00", "end": "2026-06-28T09:00:40+02:00"},
  {"screen": "checkout-4", "advert": "coffee", "start": "2026-06-28T07:00:00Z", "end": "2026-06-28T07:00:20Z"}
]"#;

/// 2026-06-28T09:00:00+02:00 and so many seconds.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_782_630_000 + seconds)
}

fn shown(playlist: &Playlist, screen: &str, seconds: i64) -> (String, Option<i64>) {
    let (advert, until) = playlist.at(&ScreenId::new(screen).unwrap(), moment(seconds));
    (advert.to_string(), until.map(|until| until.as_secs() - moment(0).as_secs()))
}

/// Line, column and message for [`CSV`] with `from` replaced by `to`.
fn changed(from: &str, to: &str) -> (u64, u64, String) {
    assert!(CSV.contains(from));
    let error = Playlist::read("list.csv", &CSV.replacen(from, to, 1)).unwrap_err();
    (error.line, error.column, error.message)
}

#[test]
fn csv_and_json_say_the_same() {
    let playlist = Playlist::read("list.csv", CSV).unwrap();
    assert_eq!(Playlist::read("list.json", JSON).unwrap(), playlist);
    assert_eq!(shown(&playlist, "checkout-3", 0), ("coffee".to_owned(), Some(20)));
    assert_eq!(shown(&playlist, "checkout-3", 19), ("coffee".to_owned(), Some(20)));
    assert_eq!(shown(&playlist, "checkout-3", 20), ("bread, sliced".to_owned(), Some(40)));
    assert_eq!(shown(&playlist, "checkout-3", 40), ("(no advert)".to_owned(), None));
    assert_eq!(shown(&playlist, "checkout-3", -5), ("(no advert)".to_owned(), Some(0)));
    assert_eq!(shown(&playlist, "elsewhere", 0), ("(no advert)".to_owned(), None));
}

#[test]
fn rows_may_stand_in_any_order() {
    let mut rows: Vec<&str> = CSV.lines().collect();
    rows[1..].reverse();
    assert_eq!(Playlist::read("a", &rows.join("\n")), Playlist::read("a", CSV));
}

#[test]
fn what_is_not_understood_is_an_error_with_line_and_field() {
    assert_eq!(changed("screen,advert", "screen,spot").0, 1);
    assert_eq!(changed("checkout-3,\"bread", "Checkout 3,\"bread"), (3, 1, "`Checkout 3` cannot name a screen: use 1 to 48 characters of a-z, 0-9, - and _, starting with a letter or digit".to_owned()));
    assert_eq!(
        changed("coffee", ""),
        (2, 12, "`` cannot name an advert: use 1 to 100 characters without spaces at the ends".to_owned())
    );
    let (line, column, message) = changed("2026-06-28T09:00:20+02:00,2026", "09:00:20,2026");
    assert_eq!((line, column), (3, 28));
    assert!(message.contains("`09:00:20` is no time"), "{message}");
    // A time without its offset could be anywhere.
    assert_eq!(changed("07:00:20Z", "07:00:20").1, 40);
    assert_eq!(
        changed("2026-06-28T09:00:40+02:00", "2026-06-28T09:00:20+02:00"),
        (3, 54, "the end is not after the start".to_owned())
    );
    assert_eq!(changed(",2026-06-28T07:00:20Z", "").0, 4);
    assert_eq!(changed("07:00:20Z", "07:00:20Z,more").0, 4);
}

#[test]
fn two_adverts_at_once_are_an_error_that_names_the_other() {
    let (line, column, message) = changed("2026-06-28T09:00:20+02:00,2026", "2026-06-28T09:00:19+02:00,2026");
    assert_eq!((line, column), (3, 28));
    assert!(message.contains("`checkout-3` shows `coffee`"), "{message}");
}

#[test]
fn json_errors_have_line_and_column() {
    for (from, to, line, words) in [
        ("\"advert\": \"bread", "\"spot\": \"bread", 3, "unknown field `spot`"),
        ("checkout-4", "Checkout-4", 4, "cannot name a screen"),
        ("2026-06-28T07:00:20Z", "2026-06-28", 4, "is no time"),
        (
            "2026-06-28T09:00:20+02:00\", \"end",
            "2026-06-28T09:00:10+02:00\", \"end",
            4,
            "object 2: screen `checkout-3` shows `coffee`",
        ),
        ("}\n]", "}\n", 5, "EOF"),
    ] {
        assert!(JSON.contains(from), "{from}");
        let error = Playlist::read("list.json", &JSON.replacen(from, to, 1)).unwrap_err();
        assert!(error.line == line && error.column > 0 && error.message.contains(words), "{error}");
        assert!(error.to_string().starts_with(&format!("list.json:{line}:")), "{error}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange_to_be_refused_with_a_place(text in ".{0,200}") {
        if let Err(error) = Playlist::read("x", &text) {
            prop_assert!(error.line >= 1 && !error.message.is_empty());
        }
    }

    #[test]
    fn a_moment_has_one_advert_until_the_next_begins(starts in prop::collection::btree_set(0i64..500, 1..20), length in 1i64..40) {
        let mut csv = "screen,advert,start,end\n".to_owned();
        let mut free = 0;
        let mut spots = Vec::new();
        for start in starts.into_iter().filter(|start| { let ok = *start >= free; if ok { free = start + length }; ok }) {
            let stamp = |s: i64| jiff::Timestamp::from_second(moment(s).as_secs()).unwrap();
            csv += &format!("a,advert-{start},{},{}\n", stamp(start), stamp(start + length));
            spots.push(start);
        }
        let playlist = Playlist::read("x", &csv).unwrap();
        for second in -3i64..550 {
            let (advert, until) = playlist.at(&ScreenId::new("a").unwrap(), moment(second));
            let shown = spots.iter().find(|start| (**start..**start + length).contains(&second));
            prop_assert_eq!(&advert, &shown.map_or(Advert::None, |start| Advert::Named(format!("advert-{start}").into())));
            if let Some(until) = until {
                prop_assert!(until > moment(second));
                prop_assert_eq!(playlist.at(&ScreenId::new("a").unwrap(), until - std::time::Duration::from_nanos(1)).0, advert);
            } else {
                prop_assert_eq!(advert, Advert::None);
            }
        }
    }
}
