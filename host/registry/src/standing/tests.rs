use super::*;
use crate::install::NewComponent;
use crate::manifest::Artefact;

fn home_with(wasm: &[u8]) -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    home.install(new("0.1.0", wasm)).unwrap();
    (folder, home)
}

fn new(version: &str, wasm: &[u8]) -> NewComponent {
    NewComponent {
        name: "face-blur".to_owned(),
        world: "privacy-filter".to_owned(),
        contract: "sluis:stage@0.1.0".to_owned(),
        version: version.to_owned(),
        models: Vec::new(),
        wasm: wasm.to_vec(),
    }
}

fn release(home: &Home, version: &str, wasm: &[u8], model: Option<&[u8]>) -> Release {
    let component = home.component("privacy-filter", None).unwrap();
    let artefact = Some(Artefact { sha256: Sha256::of(wasm), size: wasm.len() as u64 });
    let models = model.map(|bytes| Model {
        sha256: Sha256::of(bytes),
        size: bytes.len() as u64,
        ..Manifest::shipped().models[0].clone()
    });
    let component = Component { version: version.to_owned(), artefact, ..component };
    Release { component, models: models.into_iter().collect() }
}

/// The home of a package, and the folder that only the package writes to.
fn packaged(folder: &Path) -> (Home, Home) {
    let folders = serde_json::json!({
        "folder": folder.join("share"),
        "models": folder.join("models"),
        "updates": folder.join("lib/plugins"),
        "cache": folder.join("cache"),
    });
    (serde_json::from_value(folders).unwrap(), Home::at(folder.join("share")))
}

fn in_force(home: &Home) -> Vec<u8> {
    home.read_component(&home.component("privacy-filter", Some("face-blur")).unwrap()).unwrap()
}

#[test]
fn a_candidate_is_promoted_and_taken_back() {
    let (_folder, home) = home_with(b"one");
    let two = release(&home, "0.2.0", b"two", None);
    home.propose(&two, b"two", &[]).unwrap();
    assert_eq!(in_force(&home), b"one", "a candidate is not in force");
    home.promote(&two).unwrap();
    assert_eq!(in_force(&home), b"two");
    let other = release(&home, "0.3.0", b"three", None).digest();
    assert!(matches!(home.take_back("face-blur", other, "it is slow"), Err(Error::NoVersion { .. })));
    assert_eq!(in_force(&home), b"two", "what is not in force is not taken back");
    let back = home.roll_back("face-blur", "it found no faces").unwrap();
    assert_eq!((back.component.version.as_str(), in_force(&home)), ("0.1.0", b"one".to_vec()));
    let error = home.propose(&two, b"two", &[]).unwrap_err().to_string();
    assert!(error.contains("0.2.0") && error.contains("it found no faces"), "{error}");
    assert!(matches!(home.roll_back("face-blur", "again"), Err(Error::NoVersion { .. })));
    assert_eq!(in_force(&home), b"one");
}

#[test]
fn what_is_refused_is_loaded_no_more_and_what_was_before_may_be() {
    let (_folder, home) = home_with(b"one");
    let (two, three) = (release(&home, "0.2.0", b"two", None), release(&home, "0.3.0", b"three", None));
    home.propose(&two, b"two", &[]).unwrap();
    home.promote(&two).unwrap();
    home.propose(&three, b"three", &[]).unwrap();
    let loadable = |wasm: &[u8]| home.loadable().unwrap().contains(&Sha256::of(wasm));
    assert!(loadable(b"one") && loadable(b"two") && loadable(b"three"));
    home.refuse(&three, "it is slower").unwrap();
    assert!(loadable(b"one") && loadable(b"two") && !loadable(b"three"));
}

#[test]
fn what_was_judged_is_put_in_force_or_refused_and_not_what_took_its_place_as_the_candidate() {
    let (_folder, home) = home_with(b"one");
    let (two, three) = (release(&home, "0.2.0", b"two", None), release(&home, "0.3.0", b"three", None));
    home.propose(&two, b"two", &[]).unwrap();
    home.propose(&three, b"three", &[]).unwrap();
    assert!(matches!(home.promote(&two), Err(Error::NoVersion { .. })));
    assert_eq!(in_force(&home), b"one");
    home.refuse(&two, "it is slower").unwrap();
    let standing = home.standing("face-blur").unwrap();
    assert_eq!((standing.candidate, standing.refused[0].release), (Some(three), two.digest()));
}

#[test]
fn that_something_was_installed_shows_without_reading_it() {
    let (_folder, home) = home_with(b"one");
    let at_first = home.stamp();
    assert_eq!(home.stamp(), at_first);
    let two = release(&home, "0.2.0", b"two", None);
    home.propose(&two, b"two", &[]).unwrap();
    let proposed = home.stamp();
    assert_ne!(proposed, at_first);
    home.refuse(&two, "it is slower").unwrap();
    let refused = home.stamp();
    assert_ne!(refused, proposed);
    home.install(new("0.1.1", b"mine")).unwrap();
    assert_ne!(home.stamp(), refused);
}

#[test]
fn a_refused_release_is_tried_again_when_somebody_says_so() {
    let (_folder, home) = home_with(b"one");
    let (two, three) = (release(&home, "0.2.0", b"two", None), release(&home, "0.3.0", b"three", None));
    for (release, wasm) in [(&two, &b"two"[..]), (&three, b"three")] {
        home.propose(release, wasm, &[]).unwrap();
        home.refuse(release, "it is slower").unwrap();
    }
    assert_eq!(home.readmit(&two).unwrap().unwrap().why, "it is slower");
    assert!(matches!(home.propose(&three, b"three", &[]), Err(Error::RefusedBefore { .. })), "the other is not");
    home.propose(&two, b"two", &[]).unwrap();
    let standing = home.standing("face-blur").unwrap();
    assert_eq!((standing.candidate.as_ref(), standing.refused.len()), (Some(&two), 1));
    assert_eq!(home.readmit(&two).unwrap(), None);
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the age of files is measured by the clock of the file system")]
fn a_refused_candidate_leaves_what_is_in_force() {
    let (_folder, home) = home_with(b"one");
    let two = release(&home, "0.2.0", b"two", None);
    home.propose(&two, b"two", &[]).unwrap();
    let versions = home.updates_folder().join("versions");
    for file in fs::read_dir(&versions).unwrap() {
        let file = File::options().write(true).open(file.unwrap().path()).unwrap();
        file.set_modified(SystemTime::now() - 2 * TAKEN_IN).unwrap();
    }
    home.refuse(&two, "it is slower").unwrap();
    let standing = home.standing("face-blur").unwrap();
    assert_eq!((standing.candidate, standing.current), (None, None));
    assert_eq!((standing.refused[0].version.as_str(), standing.refused[0].why.as_str()), ("0.2.0", "it is slower"));
    assert!(matches!(home.promote(&two), Err(Error::NoVersion { .. })));
    assert_eq!(in_force(&home), b"one");
    assert_eq!(fs::read_dir(versions).unwrap().count(), 0, "its file is gone");
}

#[test]
fn a_new_model_for_the_same_component_is_a_release_of_its_own() {
    let (_folder, home) = home_with(b"one");
    let better = release(&home, "0.1.0", b"one", Some(b"better"));
    let mut patient = better.clone();
    patient.component.limits.call_ms += 1;
    assert_ne!(better.digest(), patient.digest(), "and so is one that may take longer");
    let best = release(&home, "0.1.0", b"one", Some(b"best"));
    assert_ne!(better.digest(), best.digest());
    home.propose(&better, b"one", &[("centerface", b"better")]).unwrap();
    home.promote(&better).unwrap();
    home.propose(&best, b"one", &[("centerface", b"best")]).unwrap();
    home.promote(&best).unwrap();
    let component = home.component("privacy-filter", None).unwrap();
    let current = home.release(&component).unwrap();
    assert_eq!(home.read_release(&current).unwrap().1, [("centerface".to_owned(), b"best".to_vec())]);
    home.take_back("face-blur", best.digest(), "worse").unwrap();
    let current = home.release(&home.component("privacy-filter", None).unwrap()).unwrap();
    assert_eq!(home.read_release(&current).unwrap().1, [("centerface".to_owned(), b"better".to_vec())]);
}

#[test]
fn other_bytes_than_the_release_names_are_not_taken_in() {
    let (_folder, home) = home_with(b"one");
    let two = release(&home, "0.2.0", b"two", Some(b"model"));
    assert!(matches!(home.propose(&two, b"other", &[("centerface", b"model")]), Err(Error::Digest { .. })));
    assert!(matches!(home.propose(&two, b"two", &[]), Err(Error::Digest { .. })));
    assert_eq!(home.standing("face-blur").unwrap(), Standing::default());
}

#[test]
fn what_is_installed_by_hand_is_in_force() {
    let (_folder, home) = home_with(b"one");
    let two = release(&home, "0.2.0", b"two", None);
    home.propose(&two, b"two", &[]).unwrap();
    home.promote(&two).unwrap();
    home.install(new("0.1.0", b"mine")).unwrap();
    assert_eq!(in_force(&home), b"mine");
    assert_eq!(home.remove("face-blur").unwrap(), None);
    assert!(home.component("privacy-filter", None).is_err());
    assert!(matches!(home.remove("face-blur"), Err(Error::NotInstalled { .. })));
}

#[test]
fn going_back_behind_what_a_package_has_brought_since_gives_the_package_s() {
    let folder = tempfile::tempdir().unwrap();
    let (home, package) = packaged(folder.path());
    package.install(new("0.1.0", b"one")).unwrap();
    for (version, wasm) in [("0.2.0", &b"two"[..]), ("0.4.0", b"four")] {
        let update = release(&home, version, wasm, None);
        home.propose(&update, wasm, &[]).unwrap();
        home.promote(&update).unwrap();
    }
    package.install(new("0.3.0", b"three")).unwrap();
    assert_eq!(in_force(&home), b"four", "the update is newer");
    let now = home.roll_back("face-blur", "worse").unwrap();
    assert_eq!((now.component.version.as_str(), in_force(&home)), ("0.3.0", b"three".to_vec()));
    let error = home.roll_back("face-blur", "again").unwrap_err().to_string();
    assert!(error.contains("`face-blur` 0.3.0 came with the package"), "{error}");
}

#[test]
fn what_a_package_has_brought_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (home, package) = packaged(folder.path());
    package.install(new("0.1.0", b"one")).unwrap();
    let two = release(&home, "0.2.0", b"two", None);
    home.propose(&two, b"two", &[]).unwrap();
    home.promote(&two).unwrap();
    for _ in 0..2 {
        let now = home.remove("face-blur").unwrap().unwrap();
        assert_eq!((now.version.as_str(), in_force(&home)), ("0.1.0", b"one".to_vec()));
    }
    assert_eq!(home.standing("face-blur").unwrap(), Standing::default());
}

#[test]
fn a_component_that_was_never_there_is_put_in_force_at_once() {
    let (_folder, home) = home_with(b"one");
    let mut other = release(&home, "0.1.0", b"other", None);
    other.component.name = "other".to_owned();
    home.put_in_force(&other, b"other", &[]).unwrap();
    let component = home.component("privacy-filter", Some("other")).unwrap();
    assert_eq!(home.read_component(&component).unwrap(), b"other");
    assert!(matches!(home.roll_back("other", "bad"), Err(Error::NoVersion { .. })), "there was none before it");
}
