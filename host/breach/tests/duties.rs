//! What is owed because of a breach, and what cannot be done with one.

#![allow(clippy::unwrap_used, reason = "what a test prepares is there, or the test fails")]

mod shop;

use shop::{Ledger, after, assessed, calendar, closed, entered, note, told};
use sluis_breach::{Breach, By, Duty, Entered, Error, Exemption, Kind, Register, Risk, Step, Whom};
use tempfile::TempDir;

struct Desk {
    _folder: TempDir,
    register: Register,
    ledger: Ledger,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { register: shop::register(folder.path()), ledger: Ledger::default(), _folder: folder }
    }

    fn enter(&self, entered: Entered) -> Result<Breach, Error> {
        self.register.enter(&self.ledger, entered, &calendar(), after(1))
    }

    fn take(&self, breach: &Breach, step: Step, by: By<'_>) -> Result<Breach, Error> {
        self.register.take(&self.ledger, breach.number, step, by)
    }
}

/// A desk with one breach.
fn entered_one() -> (Desk, Breach) {
    let desk = Desk::new();
    let breach = desk.enter(entered()).unwrap();
    (desk, breach)
}

fn high(exempt: Option<Exemption>) -> Step {
    Step::Assessed { risk: Risk::High, because: "It is high.".to_owned(), exempt }
}

#[test]
fn a_breach_is_numbered_by_the_year_of_becoming_aware_and_due_after_72_hours() {
    let (desk, breach) = entered_one();
    assert_eq!(breach.number.to_string(), "B-2026-0001");
    // Half past eleven in the evening before clocks go forward: half past midnight, three days later.
    assert_eq!(breach.due(), shop::at("2026-03-31T22:30:00Z"));
    let year = |aware: &str| desk.enter(Entered { aware: shop::at(aware), ..entered() }).unwrap().number.to_string();
    assert_eq!(year("2025-12-31T22:59:59Z"), "B-2025-0001");
    // It is 2026 in the shop already.
    assert_eq!(year("2025-12-31T23:00:00Z"), "B-2026-0002");
}

#[test]
fn what_cannot_be_is_not_entered() {
    let desk = Desk::new();
    let refused = |entered: Entered| desk.enter(entered).unwrap_err().to_string();
    let window = sluis_rights::Window { from: shop::aware(), to: shop::aware() };
    assert!(refused(Entered { aware: after(2).at, ..entered() }).contains("in the future"));
    assert!(refused(Entered { kinds: [].into(), ..entered() }).contains("confidentiality, integrity or availability"));
    assert!(refused(Entered { window: Some(window), ..entered() }).contains("ends before it begins"));
    assert!(refused(Entered { happened: " \n".to_owned(), ..entered() }).contains("what happened must be said"));
    assert!(desk.register.read(Some(&desk.ledger)).unwrap().breaches.is_empty());
}

#[test]
fn before_anything_else_it_is_judged() {
    let (desk, breach) = entered_one();
    assert_eq!(breach.owed(), [Duty::Assess]);
    let refused = desk.take(&breach, closed(), after(2)).unwrap_err().to_string();
    assert!(refused.contains("nobody has judged") && refused.contains("sluis breach assess B-2026-0001"), "{refused}");
}

#[test]
fn without_a_risk_nobody_is_told_and_the_reason_is_kept() {
    let (desk, breach) = entered_one();
    let breach = desk.take(&breach, assessed(Risk::None), after(2)).unwrap();
    assert!(breach.owed().is_empty() && !breach.runs());
    let breach = desk.take(&breach, closed(), after(3)).unwrap();
    assert!(breach.closed.is_some() && !breach.assessment.unwrap().because.is_empty());
}

#[test]
fn of_a_risk_the_authority_is_told_and_then_it_can_be_closed() {
    let (desk, breach) = entered_one();
    let breach = desk.take(&breach, assessed(Risk::Risk), after(2)).unwrap();
    assert_eq!(breach.owed(), [Duty::TellAuthority]);
    let refused = desk.take(&breach, closed(), after(3)).unwrap_err().to_string();
    assert!(refused.contains("Art. 33(1)"), "{refused}");
    let breach = desk.take(&breach, told(Whom::Authority, after(72)), after(72)).unwrap();
    assert!(breach.owed().is_empty());
    assert!(desk.take(&breach, closed(), after(73)).unwrap().closed.is_some());
}

#[test]
fn of_a_high_risk_people_are_told_too_unless_article_34_3_says_otherwise() {
    for (exempt, owed) in [
        (None, Some(Duty::TellPeople)),
        (Some(Exemption::Effort), Some(Duty::TellPublic)),
        (Some(Exemption::Encrypted), None),
        (Some(Exemption::Measures), None),
    ] {
        let (desk, breach) = entered_one();
        let breach = desk.take(&breach, high(exempt), after(2)).unwrap();
        assert_eq!(breach.owed(), [Some(Duty::TellAuthority), owed].into_iter().flatten().collect::<Vec<_>>());
        let breach = desk.take(&breach, told(Whom::Authority, after(3)), after(3)).unwrap();
        // The 72 hours are the authority's.
        assert!(!breach.runs());
        let at_once = desk.take(&breach, closed(), after(4));
        assert_eq!(at_once.is_ok(), owed.is_none(), "{exempt:?}");
        if owed.is_some() {
            assert!(at_once.unwrap_err().to_string().contains("Art. 34"));
            let breach = desk.take(&breach, told(Whom::People, after(5)), after(5)).unwrap();
            assert!(desk.take(&breach, closed(), after(6)).is_ok());
        }
    }
}

#[test]
fn an_exemption_is_for_a_high_risk_only() {
    let (desk, breach) = entered_one();
    for risk in [Risk::None, Risk::Risk] {
        let step = Step::Assessed { risk, because: "It is not.".to_owned(), exempt: Some(Exemption::Encrypted) };
        assert!(matches!(desk.take(&breach, step, after(2)), Err(Error::NotNow { .. })));
    }
}

#[test]
fn after_72_hours_a_reason_for_the_delay_is_wanted() {
    let (desk, breach) = entered_one();
    let breach = desk.take(&breach, assessed(Risk::Risk), after(2)).unwrap();
    let refused = desk.take(&breach, told(Whom::Authority, after(73)), after(73)).unwrap_err().to_string();
    assert!(refused.contains("Art. 33(1)") && refused.contains("--because"), "{refused}");
    // It is when it was told that counts, not when that is written down.
    let in_time = Step::Told { whom: Whom::Authority, when: after(71).at, reference: None, late: None };
    assert!(desk.take(&breach, in_time, after(80)).is_ok());
    let (desk, breach) = entered_one();
    let late = Some("The only officer was ill.".to_owned());
    let step = Step::Told { whom: Whom::Authority, when: after(73).at, reference: None, late };
    assert!(desk.take(&breach, step, after(73)).is_ok());
}

#[test]
fn what_follows_in_phases_is_late_of_nothing() {
    let (desk, breach) = entered_one();
    // Nothing is judged yet: it can be told all the same (Art. 33(4)).
    let breach = desk.take(&breach, told(Whom::Authority, after(3)), after(3)).unwrap();
    assert_eq!(breach.owed(), [Duty::Assess]);
    let breach = desk.take(&breach, told(Whom::Authority, after(200)), after(200)).unwrap();
    assert_eq!(breach.told[&Whom::Authority], after(3).at);
}

#[test]
fn nobody_is_told_in_the_future_or_before_anybody_knew() {
    let (desk, breach) = entered_one();
    assert!(desk.take(&breach, told(Whom::People, after(9)), after(2)).unwrap_err().to_string().contains("future"));
    let before = Step::Told { whom: Whom::People, when: shop::at("2026-03-01T00:00:00Z"), reference: None, late: None };
    assert!(desk.take(&breach, before, after(2)).unwrap_err().to_string().contains("aware"));
}

#[test]
fn partners_are_those_who_could_have_had_it() {
    let (desk, breach) = entered_one();
    assert_eq!(breach.partners_not_told(), ["Shelf Models Inc."]);
    let whom = |name: &str| Whom::Partner(name.to_owned());
    let refused = desk.take(&breach, told(whom("Nobody BV"), after(2)), after(2)).unwrap_err().to_string();
    assert!(refused.contains("it is about Shelf Models Inc."), "{refused}");
    let breach = desk.take(&breach, told(whom("Shelf Models Inc."), after(2)), after(2)).unwrap();
    assert!(breach.partners_not_told().is_empty());
}

#[test]
fn what_is_judged_anew_is_open_again() {
    let (desk, breach) = entered_one();
    let breach = desk.take(&breach, assessed(Risk::None), after(2)).unwrap();
    let breach = desk.take(&breach, closed(), after(3)).unwrap();
    assert!(desk.take(&breach, closed(), after(3)).unwrap_err().to_string().contains("closed already"));
    let breach = desk.take(&breach, note("The stick was found, and opened.", false), after(4)).unwrap();
    assert!(breach.closed.is_some(), "a note changes nothing");
    let breach = desk.take(&breach, assessed(Risk::Risk), after(5)).unwrap();
    assert!(breach.closed.is_none() && breach.runs());
    assert_eq!(breach.steps.len(), 5, "what was judged before stays");
}

#[test]
fn what_it_concerns_is_counted_from_the_same_facts() {
    let (_, breach) = entered_one();
    let affected = &breach.entered.affected;
    assert_eq!((affected.minutes(), affected.cameras().len(), affected.in_cloud()), (3, 1, 3));
    assert_eq!((affected.openers().len(), affected.exports().len(), affected.granted().len()), (1, 2, 1));
    assert!(affected.was_in_the_clear());
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(kinds, ["confidentiality", "integrity", "availability"]);
}
