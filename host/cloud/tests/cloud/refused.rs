//! What a wrong configuration does: nothing is stored, and the message says what to change.

use std::error::Error as _;
use std::time::Duration;

use sluis_cloud::{Client, Error as CloudError, Lifecycle, S3Settings, ensure_lifecycle};
use sluis_store::{Error, ObjectName};

use crate::clients::clients;
use crate::server::{KEY, SECRET, Server, Versions, settings};

/// An error with all that caused it.
fn told(error: &Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// What each kind of call says.
fn refusals(settings: &S3Settings, client: Client) -> Vec<Error> {
    let store = sluis_cloud::open(settings, client).unwrap();
    let name = ObjectName::new("a").unwrap();
    vec![
        store.put(&name, b"x").unwrap_err(),
        store.create(&name).unwrap_err(),
        store.size(&name).unwrap_err(),
        store.open(&name, sluis_store::ByteRange::ALL).err().unwrap(),
        store.list().unwrap_err(),
        store.partials().unwrap_err(),
        store.resume(&name).unwrap_err(),
        store.delete(&name).unwrap_err(),
        store.discard(&name).unwrap_err(),
    ]
}

#[test]
fn a_wrong_secret_is_denied_and_shown_nowhere() {
    for client in clients() {
        let server = Server::start(Versions::Kept);
        let wrong = "a-wrong-secret-that-no-message-may-show";
        let settings =
            S3Settings { credentials: settings("http://127.0.0.1", KEY, wrong).credentials, ..server.settings() };
        assert!(!format!("{settings:?}").contains(wrong), "settings show their secret");
        for error in refusals(&settings, client) {
            let text = told(&error);
            assert!(matches!(error, Error::Denied { .. }), "{client}: {text}");
            assert!(!error.is_worth_a_retry() && text.contains("/shop/shop-1/"), "{client}: {text}");
            assert!(!text.contains(wrong) && !text.contains("Signature="), "{client}: {text}");
        }
        assert_eq!(server.shop.count_versions(), 0);
    }
}

#[test]
fn an_unknown_key_is_named_as_what_to_check() {
    for client in clients() {
        let server = Server::start(Versions::Kept);
        let credentials = settings("http://127.0.0.1", "NOBODY", SECRET).credentials;
        let store = sluis_cloud::open(&S3Settings { credentials, ..server.settings() }, client).unwrap();
        let error = store.list().unwrap_err();
        assert!(matches!(error, Error::Denied { .. }), "{client}: {error}");
        assert!(error.to_string().contains("key"), "{client}: {error}");
    }
}

#[test]
fn a_bucket_that_is_not_there_is_told_by_every_call() {
    for client in clients() {
        let server = Server::start(Versions::Unknown);
        let settings = S3Settings { bucket: "nowhere".to_owned(), ..server.settings() };
        for error in refusals(&settings, client) {
            assert!(matches!(error, Error::NoBucket { .. }), "{client}: {}", told(&error));
            assert!(error.to_string().contains("nowhere"), "{client}: {error}");
        }
    }
}

#[test]
fn a_server_that_nobody_hears_is_told_after_several_tries() {
    // Bound and not listened to: nobody else gets the port meanwhile.
    let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", closed.local_addr().unwrap());
    for client in clients() {
        for error in refusals(&settings(&address, KEY, SECRET), client) {
            assert!(
                matches!(error, Error::Unavailable { .. }) && error.is_worth_a_retry(),
                "{client}: {}",
                told(&error)
            );
            assert!(error.to_string().contains(&address), "{client}: {error}");
        }
    }
}

#[test]
fn another_machine_is_spoken_to_with_tls_only() {
    let given = |endpoint: &str| S3Settings {
        endpoint: Some(endpoint.parse().unwrap()),
        ..settings("http://[::1]", KEY, SECRET)
    };
    for endpoint in
        ["http://s3.example.nl", "http://192.168.1.7:9000", "ftp://127.0.0.1", "http://127.0.0.1.example.nl"]
    {
        let refused = sluis_cloud::open(&given(endpoint), Client::Aws).unwrap_err().to_string();
        assert!(refused.contains("endpoint") && refused.contains("https://"), "{refused}");
    }
    for endpoint in
        ["https://s3.example.nl", "https://s3.example.nl:8443/", "http://127.0.0.1:9000", "http://[::1]:9000"]
    {
        assert!(sluis_cloud::open(&given(endpoint), Client::Aws).is_ok(), "{endpoint}");
    }
}

#[test]
fn settings_that_cannot_be_are_refused_by_name() {
    type Change = fn(&mut S3Settings);
    let changes: [(&str, Change); 12] = [
        ("bucket", |s| s.bucket = "A".to_owned()),
        ("bucket", |s| s.bucket = "a/b/c".to_owned()),
        ("region", |s| s.region = String::new()),
        ("region", |s| s.region = "eu central".to_owned()),
        ("prefix", |s| s.prefix = "no-slash".to_owned()),
        ("prefix", |s| s.prefix = "../".to_owned()),
        ("prefix", |s| s.prefix = "a b/".to_owned()),
        ("part-size", |s| s.part_size = 1 << 20),
        ("attempts", |s| s.retries.attempts = 0),
        ("key-id", |s| s.credentials.key_id = String::new()),
        ("secret", |s| s.credentials.secret = "two words\n".to_owned().into()),
        ("endpoint", |s| s.endpoint = Some("https://me:hidden@s3.example.nl".parse().unwrap())),
    ];
    for (setting, change) in changes {
        let mut settings = settings("http://127.0.0.1:9", KEY, SECRET);
        change(&mut settings);
        let refused = sluis_cloud::open(&settings, Client::Aws).unwrap_err().to_string();
        assert!(refused.contains(&format!("`{setting}`")), "{setting}: {refused}");
        assert!(!refused.contains("hidden") && !refused.contains("two words"), "{refused}");
    }
}

#[test]
fn the_buckets_own_lifecycle_is_set_once_beside_the_rules_of_others() {
    use s3s::dto::{ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter};
    let keep = Duration::from_secs(72 * 3600);
    for client in clients() {
        let server = Server::start(Versions::Kept);
        let settings = server.settings();
        let other: LifecycleRule = LifecycleRule {
            id: Some("logs".to_owned()),
            status: ExpirationStatus::from_static(ExpirationStatus::ENABLED),
            filter: Some(LifecycleRuleFilter { prefix: Some("logs/".to_owned()), ..Default::default() }),
            expiration: Some(LifecycleExpiration { days: Some(365), ..Default::default() }),
            abort_incomplete_multipart_upload: None,
            noncurrent_version_expiration: None,
            noncurrent_version_transitions: None,
            prefix: None,
            transitions: None,
        };
        server.shop.set_rules(vec![other.clone()]);
        assert_eq!(ensure_lifecycle(&settings, client, keep).unwrap(), Lifecycle::Set, "{client}");
        assert_eq!(ensure_lifecycle(&settings, client, keep).unwrap(), Lifecycle::AlreadyThere, "{client}");
        assert_eq!(ensure_lifecycle(&settings, client, 2 * keep).unwrap(), Lifecycle::Set, "{client}");
        let rules = server.shop.rules();
        assert!(rules.len() == 3 && rules.contains(&other), "{client}: {rules:?}");
        let ours = rules.iter().find(|rule| rule.noncurrent_version_expiration.is_some()).unwrap();
        assert_eq!(ours.filter.as_ref().unwrap().prefix.as_deref(), Some("shop-1/"));
        assert_eq!(ours.expiration.as_ref().unwrap().days, Some(7));
        assert_eq!(ours.abort_incomplete_multipart_upload.as_ref().unwrap().days_after_initiation, Some(7));
        assert_eq!(ours.noncurrent_version_expiration.as_ref().unwrap().noncurrent_days, Some(1));
    }
}

#[test]
fn a_lifecycle_for_the_whole_bucket_is_refused() {
    let settings = S3Settings { prefix: String::new(), ..settings("http://127.0.0.1:9", KEY, SECRET) };
    let refused = ensure_lifecycle(&settings, Client::Aws, Duration::from_secs(1)).unwrap_err();
    assert!(matches!(refused, CloudError::Settings { setting: "prefix", .. }), "{refused}");
}
