//! Claims about the desk: numbers, dates, what can be done when, many at once, and what is left of a request that is forgotten.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use jiff::civil::date;
use jiff::tz::TimeZone;
use sluis_frame::{CameraId, Timestamp};
use sluis_rights::decision::Why;
use sluis_rights::term::Of;
use sluis_rights::{
    AnswerTo, By, Calendar, Change, Desk, Error, Ground, Held, Keep, Kind, Language, LetterKind, New, Outcome, Person,
    Private, RequestNumber, SegmentName, State, Window,
};

const KEY: [u8; 32] = [7; 32];
const DAY: Duration = Duration::from_secs(24 * 3600);
const NAME: &str = "Wilhelmina Achterberg";
const WORDS: &str = "the shelf by the door, about ten past two, red coat";

fn at(text: &str) -> Timestamp {
    Timestamp::from_secs(text.parse::<jiff::Timestamp>().unwrap().as_second())
}

/// Friday, 27 November 2026, 10:00 in Amsterdam.
fn noon() -> Timestamp {
    at("2026-11-27T09:00:00Z")
}

fn by(at: Timestamp) -> By<'static> {
    By { who: "P. Jansen", at }
}

fn calendar() -> Calendar {
    Calendar::new(TimeZone::get("Europe/Amsterdam").unwrap(), [date(2026, 12, 25), date(2027, 1, 1)])
}

fn open(folder: &Path) -> Desk {
    Desk::open(folder, &KEY, calendar(), Keep::default()).unwrap()
}

fn new(kind: Kind) -> New {
    New {
        kind,
        received: noon(),
        language: Language::Dutch,
        person: Person { name: Some(NAME.into()), answer_to: AnswerTo::Email("w.achterberg@example.nl".into()) },
        remembers: WORDS.into(),
        window: None,
        cameras: BTreeSet::new(),
    }
}

fn segment(id: u8) -> SegmentName {
    SegmentName::from_bytes([id; 16])
}

fn held(id: u8, until: Timestamp) -> Held {
    Held { segment: segment(id), camera: CameraId::new("shelf").unwrap(), started: noon() - DAY, until }
}

/// A request that was decided, and can be forgotten a year later.
fn decided(desk: &Desk) -> RequestNumber {
    let number = desk.enter(new(Kind::Access), by(noon())).unwrap().number;
    desk.apply(number, Change::Hold(vec![held(1, noon() + 20 * DAY)]), by(noon())).unwrap();
    desk.apply(number, Change::Choose(BTreeSet::from([segment(1)])), by(noon())).unwrap();
    desk.apply(number, Change::Decide(Outcome::Granted), by(noon() + DAY)).unwrap();
    number
}

/// Everything that lies in the folder, one file after another.
fn bytes(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.flatten().collect()
}

fn holds(folder: &Path, what: &[u8]) -> bool {
    bytes(folder).windows(what.len()).any(|part| part == what)
}

#[test]
fn a_request_gets_a_number_and_a_date_and_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let first = desk.enter(new(Kind::Access), by(noon())).unwrap();
    let second = desk.enter(new(Kind::Erasure), by(noon())).unwrap();
    assert_eq!([first.number, second.number].map(|n| n.to_string()), ["2026-0001", "2026-0002"]);
    // 27 December 2026 is a Sunday.
    assert_eq!(first.due, date(2026, 12, 28));

    drop(desk);
    let desk = open(folder.path());
    assert_eq!(desk.show(first.number).unwrap(), first);
    assert_eq!(desk.list().unwrap().iter().map(|l| l.kind).collect::<Vec<_>>(), [Kind::Access, Kind::Erasure]);
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("rights.sqlite"), mode("rights.sqlite-wal")], [0o600, 0o600]);
}

#[test]
fn a_month_runs_from_receipt_also_when_it_is_entered_later() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    // The year's last evening in Amsterdam.
    let received = at("2026-12-31T22:30:00Z");
    let request = desk.enter(New { received, ..new(Kind::Access) }, by(at("2027-01-08T09:00:00Z"))).unwrap();
    assert_eq!((request.number.to_string().as_str(), request.due), ("2026-0001", date(2027, 2, 1)));
}

#[test]
fn who_cannot_be_answered_is_not_entered() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    for answer_to in [AnswerTo::Email("nowhere".into()), AnswerTo::Post(vec![" ".into()]), AnswerTo::Post(vec![])] {
        let refused = desk.enter(New { person: Person { name: None, answer_to }, ..new(Kind::Access) }, by(noon()));
        assert!(matches!(refused, Err(Error::NotEntered { .. })));
    }
    let future = desk.enter(New { received: noon() + DAY, ..new(Kind::Access) }, by(noon()));
    assert!(matches!(future, Err(Error::NotEntered { .. })));
    let nameless = Person { name: None, answer_to: AnswerTo::Collect };
    assert!(desk.enter(New { person: nameless, ..new(Kind::Access) }, by(noon())).is_ok(), "no name is needed");
}

#[test]
fn nothing_of_the_person_lies_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = decided(&desk);
    let text = Private::new("Geachte mevrouw");
    let change = Change::Wrote { letter: LetterKind::Acknowledgement, language: Language::Dutch, text };
    desk.apply(number, change, by(noon() + DAY)).unwrap();
    desk.copy_made(number, Path::new("/srv/copies/achterberg"), by(noon() + DAY)).unwrap();
    for secret in [NAME, WORDS, "achterberg", "Geachte", "P. Jansen", &segment(1).to_string()] {
        assert!(!holds(folder.path(), secret.as_bytes()), "{secret}");
    }
    let listed = format!("{:?} {:?} {:?}", desk.list().unwrap(), desk.show(number).unwrap(), desk);
    assert!(!listed.contains(NAME) && !listed.contains(WORDS), "a log would show it: {listed}");
}

#[test]
fn a_forgotten_request_is_unreadable_with_every_key_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = decided(&desk);
    let wrapped = "SELECT wrapped FROM keys WHERE year = 2026 AND count = 1";
    let read = |sql: &str| -> Option<Vec<u8>> {
        rusqlite::Connection::open(folder.path().join("rights.sqlite"))
            .unwrap()
            .query_row(sql, [], |r| r.get(0))
            .unwrap()
    };
    let key = read(wrapped).unwrap();
    let content = read("SELECT content FROM requests").unwrap();
    assert!(holds(folder.path(), &key) && holds(folder.path(), &content[..64]), "the test looks in the right place");

    let over = noon() + DAY + 365 * DAY;
    assert_eq!(desk.sweep(over - Duration::from_secs(1)).unwrap().forgotten, []);
    assert_eq!(desk.sweep(over).unwrap().forgotten, [number]);

    assert!(!holds(folder.path(), &key), "its key is gone from all files, the log too");
    assert!(!holds(folder.path(), &content[..64]) && !holds(folder.path(), &content[content.len() - 64..]));
    assert!(!holds(folder.path(), NAME.as_bytes()));
    assert_eq!(read(wrapped), Some(vec![0; 60]));
    assert!(matches!(desk.show(number), Err(Error::Forgotten { .. })));
    assert!(matches!(desk.apply(number, Change::Note("again".into()), by(over)), Err(Error::Forgotten { .. })));

    let listed = desk.list().unwrap()[0];
    assert_eq!((listed.state, listed.kind, listed.received), (State::Forgotten, Kind::Access, noon()));
    let next = desk.enter(new(Kind::Access), by(over)).unwrap();
    assert_eq!(next.number.to_string(), "2026-0002", "a number is never used twice");
    assert_eq!(desk.sweep(over + DAY).unwrap().forgotten, [], "and is forgotten once");
}

#[test]
fn an_undecided_request_is_never_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = desk.enter(new(Kind::Erasure), by(noon())).unwrap().number;
    assert_eq!(desk.sweep(noon() + 5000 * DAY).unwrap().forgotten, []);
    assert_eq!(desk.show(number).unwrap().remembers, [WORDS.into()]);
}

#[test]
fn a_claim_puts_forgetting_off_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = decided(&desk);
    let until = noon() + 700 * DAY;
    let keep =
        |until, reason: &str| desk.apply(number, Change::KeepUntil { until, reason: reason.into() }, by(noon() + DAY));
    assert!(matches!(keep(until, " "), Err(Error::NotNow { .. })));
    assert!(matches!(keep(noon() + 2 * DAY, "complaint at the authority"), Err(Error::NotNow { .. })), "never earlier");
    keep(until, "complaint at the authority").unwrap();
    assert_eq!(desk.sweep(noon() + 400 * DAY).unwrap().forgotten, []);
    assert_eq!(desk.sweep(until).unwrap().forgotten, [number]);
}

#[test]
fn copies_are_told_to_be_deleted_until_they_are_also_when_the_request_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = decided(&desk);
    let here = Path::new("/srv/copies/2026-0001");
    let copy = desk.copy_made(number, here, by(noon() + DAY)).unwrap();
    assert_eq!(desk.sweep(copy.delete_by - Duration::from_secs(1)).unwrap().delete, []);
    assert_eq!(desk.sweep(copy.delete_by).unwrap().delete, std::slice::from_ref(&copy));

    let late = noon() + 500 * DAY;
    let swept = desk.sweep(late).unwrap();
    assert_eq!((swept.forgotten, swept.delete), (vec![number], vec![copy]));
    assert!(matches!(desk.copy_deleted(number, Path::new("/srv/other"), by(late)), Err(Error::NoCopy { .. })));
    desk.copy_deleted(number, here, by(late)).unwrap();
    assert_eq!((desk.sweep(late).unwrap().delete, desk.copies().unwrap()), (vec![], vec![]));
    assert!(matches!(desk.copy_deleted(number, here, by(late)), Err(Error::NoCopy { .. })));
}

#[test]
fn two_further_months_are_taken_once_within_the_first_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = desk.enter(new(Kind::Access), by(noon())).unwrap().number;
    let extend = |reason: &str, at| desk.apply(number, Change::Extend { reason: reason.to_owned() }, by(at));
    assert!(matches!(extend("", noon()), Err(Error::NotNow { .. })));
    // The first month ends with the last hour of 28 December in Amsterdam.
    assert!(matches!(extend("forty cameras", at("2026-12-28T23:00:00Z")), Err(Error::NotNow { .. })));
    let extended = extend("forty cameras", at("2026-12-28T22:59:59Z")).unwrap();
    // Three months from receipt: 27 February 2027 is a Saturday.
    assert_eq!(extended.due, date(2027, 3, 1));
    assert_eq!(extended.extension.unwrap().was_due, date(2026, 12, 28));
    let again = extend("still forty cameras", at("2026-12-28T22:59:59Z")).unwrap_err().to_string();
    assert!(again.contains("Art. 12(3)"), "{again}");
    assert_eq!(desk.list().unwrap()[0].due, date(2027, 3, 1), "the list knows");
}

#[test]
fn a_request_is_decided_once_on_a_ground_that_fits_and_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = desk.enter(new(Kind::Access), by(noon())).unwrap().number;
    let decide = |outcome| desk.apply(number, Change::Decide(outcome), by(noon()));
    let refuse = |ground, reason: &str| decide(Outcome::Refused(Why { ground, reason: reason.to_owned() }));
    let misfit = refuse(Ground::CompellingGrounds, "we need it").unwrap_err().to_string();
    assert!(misfit.contains("compelling-grounds") && misfit.contains("Art. 15"), "{misfit}");
    assert!(matches!(refuse(Ground::NotIdentified, " "), Err(Error::NotNow { .. })));
    assert!(matches!(decide(Outcome::Granted), Err(Error::NotNow { .. })), "nothing was chosen");
    assert_eq!(desk.show(number).unwrap().state, State::Open, "what fails changes nothing");
    refuse(Ground::NotIdentified, "three people in red coats").unwrap();
    for change in [
        Change::Decide(Outcome::NothingFound),
        Change::AskForMore,
        Change::Heard("a hat".into()),
        Change::Extend { reason: "late".to_owned() },
        Change::Choose(BTreeSet::new()),
        Change::Narrow { window: Window { from: noon(), to: noon() + DAY }, cameras: BTreeSet::new() },
    ] {
        let refused = desk.apply(number, change.clone(), by(noon()));
        assert!(matches!(refused, Err(Error::NotNow { .. })), "{change:?}");
    }
}

#[test]
fn every_kind_of_request_can_be_refused_on_some_ground_but_a_complaint() {
    for kind in Kind::ALL {
        let grounds: Vec<_> = Ground::ALL.into_iter().filter(|ground| ground.article(kind).is_some()).collect();
        assert_eq!(grounds.is_empty(), kind == Kind::Complaint, "{kind:?}: {grounds:?}");
    }
}

#[test]
fn only_what_is_held_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = desk.enter(new(Kind::Erasure), by(noon())).unwrap().number;
    let choose =
        |ids: &[u8]| desk.apply(number, Change::Choose(ids.iter().map(|id| segment(*id)).collect()), by(noon()));
    assert!(matches!(choose(&[1]), Err(Error::NotNow { .. })));
    desk.apply(number, Change::Hold(vec![held(1, noon() + 9 * DAY), held(2, noon() + 5 * DAY)]), by(noon())).unwrap();
    assert_eq!(desk.list().unwrap()[0].held_until, Some(noon() + 5 * DAY));
    choose(&[1]).unwrap();
    assert_eq!(desk.list().unwrap()[0].held_until, Some(noon() + 9 * DAY), "the other one does not matter any more");
    let longer = desk.apply(number, Change::Hold(vec![held(1, noon() + 12 * DAY)]), by(noon())).unwrap();
    assert_eq!(longer.held.len(), 2, "a hold that is longer takes the place of the first");
    assert_eq!(longer.held_until(), Some(noon() + 12 * DAY));
}

#[test]
fn several_changes_are_made_together_or_not_at_all_and_can_be_rehearsed() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = desk.enter(new(Kind::Erasure), by(noon())).unwrap().number;
    let before = desk.apply(number, Change::Hold(vec![held(1, noon() + 20 * DAY)]), by(noon())).unwrap();
    let chosen = Change::Choose(BTreeSet::from([segment(1)]));
    // The second does not fit: no ground against an erasure.
    let why = Why { ground: Ground::CompellingGrounds, reason: "a reason".to_owned() };
    let wrong = [chosen.clone(), Change::Decide(Outcome::Refused(why))];
    assert!(matches!(desk.apply_all(number, wrong.clone(), by(noon())), Err(Error::NotNow { .. })));
    assert!(matches!(desk.rehearse(number, wrong, by(noon())), Err(Error::NotNow { .. })));
    let right = [chosen, Change::Decide(Outcome::Granted)];
    assert_eq!(desk.rehearse(number, right.clone(), by(noon())).unwrap().state, State::Closed);
    assert_eq!(desk.show(number).unwrap(), before, "neither changed anything");
    assert_eq!(desk.apply_all(number, right, by(noon())).unwrap().state, State::Closed);
}

#[test]
fn what_is_not_meant_is_let_go_before_the_decision() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = desk.enter(new(Kind::Erasure), by(noon())).unwrap().number;
    let all = [1, 2, 3].map(|id| held(id, noon() + 20 * DAY)).to_vec();
    desk.apply(number, Change::Hold(all), by(noon())).unwrap();
    desk.apply(number, Change::Choose(BTreeSet::from([segment(1), segment(2)])), by(noon())).unwrap();
    let left = desk.apply(number, Change::LetGo(BTreeSet::from([segment(1), segment(3)])), by(noon())).unwrap();
    assert_eq!(left.held.iter().map(|held| held.segment).collect::<Vec<_>>(), [segment(2)]);
    assert_eq!(left.chosen, BTreeSet::from([segment(2)]));
    desk.apply(number, Change::Decide(Outcome::Granted), by(noon())).unwrap();
    let late = desk.apply(number, Change::LetGo(BTreeSet::from([segment(2)])), by(noon()));
    assert!(matches!(late, Err(Error::NotNow { .. })));
}

#[test]
fn who_is_asked_for_more_is_waited_for_and_the_date_stands() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let request = desk.enter(new(Kind::Access), by(noon())).unwrap();
    let waiting = desk.apply(request.number, Change::AskForMore, by(noon())).unwrap();
    assert_eq!((waiting.state, waiting.due), (State::Waiting, request.due));
    let heard = desk.apply(request.number, Change::Heard("and a hat".into()), by(noon() + DAY)).unwrap();
    assert_eq!((heard.state, heard.remembers.len()), (State::Open, 2));
    let steps: Vec<_> = heard.steps.iter().map(|step| (step.who.as_str(), step.at)).collect();
    assert_eq!(steps, [("P. Jansen", noon()), ("P. Jansen", noon()), ("P. Jansen", noon() + DAY)]);
}

#[test]
fn the_officer_is_reminded_of_the_date_and_of_the_end_of_what_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let desk = open(folder.path());
    let number = desk.enter(new(Kind::Access), by(noon())).unwrap().number;
    assert_eq!(desk.reminders(noon()).unwrap(), []);
    // Held until 10 December: before the answer is due.
    desk.apply(number, Change::Hold(vec![held(1, at("2026-12-10T12:00:00Z"))]), by(noon())).unwrap();
    let three = at("2026-12-07T08:00:00Z");
    let [reminder] = desk.reminders(three).unwrap()[..] else { panic!("none") };
    assert_eq!((reminder.of, reminder.date, reminder.days_left), (Of::EndOfHold, date(2026, 12, 10), 3));
    assert_eq!(desk.reminders(three).unwrap().len(), 1, "until somebody says that it was given");
    desk.reminded(number, three).unwrap();
    assert_eq!(desk.reminders(three + Duration::from_secs(3600)).unwrap(), []);

    let seven = at("2026-12-21T08:00:00Z");
    let [reminder] = desk.reminders(seven).unwrap()[..] else { panic!("none") };
    assert_eq!((reminder.of, reminder.date, reminder.days_left), (Of::Answer, date(2026, 12, 28), 7));
    let overdue = desk.reminders(at("2026-12-30T08:00:00Z")).unwrap();
    assert_eq!(overdue[0].days_left, -2);
    desk.apply(number, Change::Decide(Outcome::NothingFound), by(seven)).unwrap();
    assert_eq!(desk.reminders(at("2026-12-30T08:00:00Z")).unwrap(), [], "decided is answered");
}

#[test]
fn threads_at_one_desk_get_numbers_of_their_own_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let number = open(folder.path()).enter(new(Kind::Access), by(noon())).unwrap().number;
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let folder = folder.path();
            scope.spawn(move || {
                let desk = open(folder);
                for note in 0..5 {
                    desk.enter(new(Kind::Erasure), by(noon())).unwrap();
                    desk.apply(number, Change::Note(format!("{thread}/{note}").as_str().into()), by(noon())).unwrap();
                }
            });
        }
    });
    let desk = open(folder.path());
    let counts: Vec<_> = desk.list().unwrap().iter().map(|listed| listed.number.count()).collect();
    assert_eq!(counts, (1..=21).collect::<Vec<_>>());
    assert_eq!(desk.show(number).unwrap().steps.len(), 21, "no note was overwritten");
}

/// What a child of the next test does: `SLUIS_RIGHTS_TEST_DESK` names the folder. On its own it does nothing.
#[test]
fn a_process_of_its_own() {
    let Ok(folder) = std::env::var("SLUIS_RIGHTS_TEST_DESK") else { return };
    let desk = open(Path::new(&folder));
    for note in 0..5 {
        let number = desk.enter(new(Kind::Objection), by(noon())).unwrap().number;
        desk.apply("2026-0001".parse().unwrap(), Change::Note(format!("{number} {note}").as_str().into()), by(noon()))
            .unwrap();
        desk.sweep(noon()).unwrap_or_else(|error| {
            assert!(matches!(error, Error::Busy { .. }), "{error}");
            sluis_rights::Swept::default()
        });
    }
}

#[test]
fn processes_at_one_desk_get_numbers_of_their_own_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // Not made before: they make it together, too.
    let spawn = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_of_its_own"])
            .env("SLUIS_RIGHTS_TEST_DESK", folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..3).map(|_| spawn()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let desk = open(folder.path());
    assert_eq!(desk.list().unwrap().len(), 15);
    assert_eq!(desk.show("2026-0001".parse().unwrap()).unwrap().steps.len(), 16);
}

#[test]
fn another_root_secret_is_told() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    let refused = Desk::open(folder.path(), &[8; 32], calendar(), Keep::default());
    assert!(matches!(refused, Err(Error::WrongKey { .. })));
}

#[test]
fn a_damaged_file_is_told_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rights.sqlite");
    let damaged = |what: &str| {
        let before = fs::read(&path).unwrap();
        let error = Desk::open(folder.path(), &KEY, calendar(), Keep::default()).map(drop).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{what}: {error:?}");
        let told = error.to_string();
        assert!(told.contains("rights.sqlite") && told.contains("put a new one in its place"), "{what}: {told}");
        assert_eq!(fs::read(&path).unwrap(), before, "{what}: it was changed");
    };
    fs::write(
        &path,
        "a shopping list, long enough to be no header of SQLite, by far: bread, butter, cheese, and so on, and so on",
    )
    .unwrap();
    damaged("another file");

    fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE cake (eaten INTEGER)").unwrap();
    damaged("the file of another program");

    fs::remove_dir_all(folder.path()).unwrap();
    fs::create_dir(folder.path()).unwrap();
    let desk = open(folder.path());
    decided(&desk);
    desk.sweep(noon()).unwrap();
    drop(desk);
    // A page of the middle.
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..8192].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    damaged("a page");
}

#[test]
fn a_desk_of_a_later_sluis_is_told() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    rusqlite::Connection::open(folder.path().join("rights.sqlite"))
        .unwrap()
        .pragma_update(None, "user_version", 9)
        .unwrap();
    let refused = Desk::open(folder.path(), &KEY, calendar(), Keep::default());
    assert!(matches!(refused, Err(Error::Newer { found: 9, known: 1, .. })));
}

#[test]
fn a_row_that_was_changed_from_outside_is_told() {
    for change in [
        "UPDATE requests SET due = '2027-12-28'",
        "UPDATE requests SET kind = 'erasure'",
        "UPDATE requests SET forget_by = 0",
        "UPDATE requests SET received = received + 1",
        "UPDATE requests SET content = (SELECT content FROM requests WHERE count = 2) WHERE count = 1",
        "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE count = 2) WHERE count = 1",
        "UPDATE requests SET due = 'soon'",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let desk = open(folder.path());
        let number = decided(&desk);
        decided(&desk);
        let raw = rusqlite::Connection::open(folder.path().join("rights.sqlite")).unwrap();
        raw.execute_batch(change).unwrap();
        let error = desk.show(number).unwrap_err();
        assert!(matches!(&error, Error::Damaged { what, .. } if what.contains("2026-0001")), "{change}: {error:?}");
    }
}
