//! What a component asks for, what a shop has granted, and who may look over whose shoulder.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::error::Error;
use crate::home::Home;
use crate::manifest::{Component, Sees};

/// What a component asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// What data it is shown.
    pub sees: Sees,
    /// Memory of a chamber, in MiB.
    pub memory_mib: u32,
    /// Wall-clock time of a call, in milliseconds.
    pub call_ms: u32,
    /// The models that it may load.
    pub models: BTreeSet<String>,
}

/// What a shop grants to the component of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose component it must be; `None`: whoever's.
    pub publisher: Option<String>,
    /// What it may ask for at the most.
    pub most: Asks,
}

// === impl Asks ===

impl Asks {
    /// What this component asks for.
    pub fn of(component: &Component) -> Self {
        Self {
            sees: component.sees,
            memory_mib: component.limits.memory_mib,
            call_ms: component.limits.call_ms,
            models: component.models(),
        }
    }

    /// What goes beyond `granted`, each in words; nothing when all is granted.
    pub fn beyond(&self, granted: &Self) -> Vec<String> {
        let mut beyond = Vec::new();
        if rank(self.sees) > rank(granted.sees) {
            beyond.push(format!("it sees {} frames, and {} ones are granted", self.sees, granted.sees));
        }
        if self.memory_mib > granted.memory_mib {
            beyond
                .push(format!("it asks for {} MiB of memory, and {} are granted", self.memory_mib, granted.memory_mib));
        }
        if self.call_ms > granted.call_ms {
            beyond.push(format!("it asks for {} ms a call, and {} are granted", self.call_ms, granted.call_ms));
        }
        let others = self.models.difference(&granted.models);
        beyond.extend(others.map(|model| format!("it loads the model `{model}`, which is not granted")));
        beyond
    }

    /// The table of `sluis.toml` that grants just this to the component of this name.
    pub fn table(&self, name: &str, publisher: Option<&str>) -> String {
        let mut table = format!("[plugins.grants.{name}]\n");
        if let Some(publisher) = publisher {
            let _ = writeln!(table, "publisher = \"{publisher}\"");
        }
        let models: Vec<String> = self.models.iter().map(|model| format!("\"{model}\"")).collect();
        let _ = write!(
            table,
            "sees = \"{}\"\nmemory-mib = {}\ncall-ms = {}\nmodels = [{}]",
            self.sees,
            self.memory_mib,
            self.call_ms,
            models.join(", ")
        );
        table
    }
}

/// How much is shown.
fn rank(sees: Sees) -> u8 {
    match sees {
        Sees::Cleared => 0,
        Sees::Redacted => 1,
        Sees::Raw => 2,
    }
}

// === impl Grant ===

impl Grant {
    /// Whether all that a component asks for is granted. One that no publisher published was put there by hand, and needs no grant.
    ///
    /// # Errors
    ///
    /// [`Error::NotGranted`] with all that goes beyond, and the table to add.
    pub fn covers(granted: Option<&Self>, component: &Component) -> Result<(), Error> {
        let Some(publisher) = component.publisher.as_deref() else { return Ok(()) };
        let asks = Asks::of(component);
        let mut beyond = Vec::new();
        match granted {
            None => {
                let models = if asks.models.is_empty() {
                    String::new()
                } else {
                    format!(", and the models {}", asks.models.iter().cloned().collect::<Vec<_>>().join(", "))
                };
                beyond.push(format!(
                    "nothing is granted to it, and it asks for {} frames, {} MiB of memory, {} ms a call{models}",
                    asks.sees, asks.memory_mib, asks.call_ms
                ));
            }
            Some(grant) => {
                if let Some(meant) = grant.publisher.as_deref().filter(|meant| *meant != publisher) {
                    beyond.push(format!("it is published by `{publisher}`, and what is granted is for `{meant}`"));
                }
                beyond.extend(asks.beyond(&grant.most));
            }
        }
        if beyond.is_empty() {
            return Ok(());
        }
        Err(Error::NotGranted {
            component: component.full_name(),
            version: component.version.clone(),
            beyond: beyond.join("; "),
            table: asks.table(&component.name, Some(publisher)),
        })
    }
}

/// Refuses a filter and an audit of one publisher: who writes both could let the audit overlook what the filter leaves open. Both from this program, or put
/// there by hand, are allowed: the program that runs them could leave out either as well.
///
/// # Errors
///
/// [`Error::SamePublisher`].
pub fn independent_publishers(filter: &Component, audit: &Component) -> Result<(), Error> {
    match (&filter.publisher, &audit.publisher) {
        (Some(one), Some(other)) if one == other => {
            Err(Error::SamePublisher { publisher: one.clone(), filter: filter.name.clone(), audit: audit.name.clone() })
        }
        _ => Ok(()),
    }
}

/// Whether a component from a registry may come into a home: as [`may_be_in_force`], and held also to what is a candidate for the other of both places.
///
/// # Errors
///
/// [`Error::NotGranted`], [`Error::OtherPublisher`], [`Error::SamePublisher`]; [`Error`] when the home cannot be read.
pub fn admit(
    home: &Home,
    component: &Component,
    granted: Option<&Grant>,
    filter: &str,
    audit: &str,
) -> Result<(), Error> {
    may_be_in_force(home, component, granted, filter, audit)?;
    let candidate = |name: &str| Ok::<_, Error>(home.standing(name)?.candidate.map(|release| release.component));
    if component.name == filter
        && let Some(audit) = candidate(audit)?
    {
        independent_publishers(component, &audit)?;
    }
    if component.name == audit
        && let Some(filter) = candidate(filter)?
    {
        independent_publishers(&filter, component)?;
    }
    Ok(())
}

/// Whether a component from a registry may be in force in a home as it is now: everything that it asks for is granted, it does not take the place of another
/// publisher's, and it does not make one publisher the author of both `filter` and `audit`, which are the names of those at work.
///
/// # Errors
///
/// As [`admit`].
pub fn may_be_in_force(
    home: &Home,
    component: &Component,
    granted: Option<&Grant>,
    filter: &str,
    audit: &str,
) -> Result<(), Error> {
    let installed = home.manifest()?;
    let same = installed.component(&component.name);
    if let Some(theirs) = same.and_then(|same| same.publisher.clone())
        && component.publisher.as_ref() != Some(&theirs)
    {
        return Err(Error::OtherPublisher { component: component.full_name(), theirs });
    }
    Grant::covers(granted, component)?;
    if component.name == filter
        && let Some(audit) = installed.component(audit)
    {
        independent_publishers(component, audit)?;
    }
    if component.name == audit
        && let Some(filter) = installed.component(filter)
    {
        independent_publishers(filter, component)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Sha256;
    use crate::manifest::{Artefact, Manifest};
    use crate::standing::Release;

    fn component(name: &str, publisher: Option<&str>) -> Component {
        let shipped = Manifest::shipped();
        Component { publisher: publisher.map(str::to_owned), ..shipped.component(name).unwrap().clone() }
    }

    fn grant(component: &Component) -> Grant {
        Grant { publisher: component.publisher.clone(), most: Asks::of(component) }
    }

    #[test]
    fn what_is_granted_is_not_refused() {
        let filter = component("face-blur", Some("acme"));
        Grant::covers(Some(&grant(&filter)), &filter).unwrap();
        let more = Asks { memory_mib: 4096, call_ms: 60_000, ..Asks::of(&filter) };
        Grant::covers(Some(&Grant { publisher: None, most: more }), &filter).unwrap();
    }

    #[test]
    fn what_was_put_there_by_hand_needs_no_grant() {
        Grant::covers(None, &component("face-blur", None)).unwrap();
    }

    #[test]
    fn a_component_without_a_grant_waits_and_the_table_to_add_is_shown() {
        let error = Grant::covers(None, &component("face-blur", Some("acme"))).unwrap_err().to_string();
        let table = "[plugins.grants.face-blur]\npublisher = \"acme\"\nsees = \"raw\"\nmemory-mib = 256\ncall-ms = 2000\nmodels = [\"centerface\"]";
        assert!(error.contains(table) && error.contains("nothing is granted to it"), "{error}");
    }

    #[test]
    fn each_thing_beyond_what_is_granted_is_told() {
        let filter = component("face-blur", Some("acme"));
        let less = Asks { sees: Sees::Cleared, memory_mib: 64, call_ms: 100, models: BTreeSet::new() };
        let granted = Grant { publisher: Some("other".into()), most: less };
        let error = Grant::covers(Some(&granted), &filter).unwrap_err().to_string();
        for told in [
            "it is published by `acme`, and what is granted is for `other`",
            "it sees raw frames, and cleared ones are granted",
            "it asks for 256 MiB of memory, and 64 are granted",
            "it asks for 2000 ms a call, and 100 are granted",
            "it loads the model `centerface`, which is not granted",
        ] {
            assert!(error.contains(told), "{told}: {error}");
        }
    }

    #[test]
    fn the_guide_has_every_message_of_an_install() {
        let guide = include_str!("../../../docs/updates.md");
        let (filter, audit) = (component("face-blur", Some("acme")), component("anonymisation-audit", Some("acme")));
        let less = Asks { memory_mib: 64, models: BTreeSet::new(), ..Asks::of(&filter) };
        let grant = Grant { publisher: None, most: less };
        let before = |why: &str| Error::RefusedBefore {
            name: filter.name.clone(),
            version: filter.version.clone(),
            why: why.to_owned(),
        };
        for error in [
            Grant::covers(Some(&grant), &filter).unwrap_err(),
            Grant::covers(None, &filter).unwrap_err(),
            independent_publishers(&filter, &audit).unwrap_err(),
            Error::OtherPublisher { component: filter.full_name(), theirs: "bond".to_owned() },
            before("it takes 1.5 times as long"),
        ] {
            let told = error.to_string();
            let told = told.split("\n\n").next().unwrap();
            assert!(guide.contains(&format!("| {told} |")), "docs/updates.md does not have: {told}");
        }
    }

    #[test]
    fn a_candidate_for_the_other_place_counts_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let of = |name: &str, publisher| {
            let artefact = Some(Artefact { sha256: Sha256::of(b"one"), size: 3 });
            Component { artefact, ..component(name, publisher) }
        };
        let (filter, audit) = (of("face-blur", Some("acme")), of("anonymisation-audit", Some("acme")));
        let admitted = || admit(&home, &audit, Some(&grant(&audit)), "face-blur", "anonymisation-audit");
        admitted().unwrap();
        home.propose(&Release { component: filter.clone(), models: Vec::new() }, b"one", &[]).unwrap();
        assert!(matches!(admitted(), Err(Error::SamePublisher { .. })));
        // Whichever of two comes first: what is in force decides.
        let in_force = || may_be_in_force(&home, &audit, Some(&grant(&audit)), "face-blur", "anonymisation-audit");
        in_force().unwrap();
        home.promote(&Release { component: filter, models: Vec::new() }).unwrap();
        assert!(matches!(in_force(), Err(Error::SamePublisher { .. })));
    }

    #[test]
    fn redacted_frames_are_more_than_cleared_ones_and_less_than_raw_ones() {
        let audit = Asks::of(&component("anonymisation-audit", Some("acme")));
        assert!(audit.beyond(&Asks { sees: Sees::Raw, ..audit.clone() }).is_empty());
        assert_eq!(audit.beyond(&Asks { sees: Sees::Cleared, ..audit.clone() }).len(), 1);
    }

    #[test]
    fn one_publisher_does_not_supply_both_filter_and_audit() {
        let (filter, audit) = ("face-blur", "anonymisation-audit");
        let pair = |one, other| independent_publishers(&component(filter, one), &component(audit, other));
        pair(None, None).unwrap();
        pair(Some("acme"), None).unwrap();
        pair(Some("acme"), Some("bond")).unwrap();
        let error = pair(Some("acme"), Some("acme")).unwrap_err().to_string();
        assert!(error.contains("`acme`") && error.contains("face-blur"), "{error}");
    }
}
