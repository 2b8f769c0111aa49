//! The cloud store against Ceph's radosgw, which `tests/radosgw.sh` starts: a server that others wrote, with versions and lifecycle.
//!
//! `SLUIS_RADOSGW` names it: `URL;KEY;SECRET`. Without it these tests say that they are left out, and with `SLUIS_RADOSGW_REQUIRED` set they fail.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use sluis_cloud::{Client, Lifecycle, S3Settings, ensure_lifecycle};
use sluis_store::contract::{Promises, check};
use sluis_store::{Error, ObjectName};

use crate::clients::clients;
use crate::server::settings;

/// The Ceph that Debian 12 has does not look at the condition of a completion: of four writers of one object, four were told that it is theirs.
const PROMISES: Promises = Promises {
    piece: 5 << 20,
    partials_open: false,
    one_put_wins: true,
    one_commit_wins: false,
    many: 1_100,
    big: 33 << 20,
};

/// The server, as its administrator sees it.
struct Ceph {
    address: String,
    key: String,
    secret: String,
    admin: aws_sdk_s3::Client,
    runtime: tokio::runtime::Runtime,
}

impl Ceph {
    fn find() -> Option<Self> {
        let Ok(named) = std::env::var("SLUIS_RADOSGW") else {
            assert!(
                std::env::var_os("SLUIS_RADOSGW_REQUIRED").is_none(),
                "SLUIS_RADOSGW names no server, and one is required"
            );
            println!("SLUIS_RADOSGW names no server (see tests/radosgw.sh): the tests against Ceph are left out");
            return None;
        };
        let parts: Vec<_> = named.split(';').collect();
        let [address, key, secret] = parts[..] else {
            panic!("SLUIS_RADOSGW is to be `URL;KEY;SECRET`, as tests/radosgw.sh prints it");
        };
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(key, secret, None, None, "test"))
            .force_path_style(true)
            .endpoint_url(address)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .build();
        Some(Self {
            address: address.to_owned(),
            key: key.to_owned(),
            secret: secret.to_owned(),
            admin: aws_sdk_s3::Client::from_conf(config),
            runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        })
    }

    /// A new bucket, and settings for it.
    fn bucket(&self, versions: bool) -> S3Settings {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let bucket = format!("b{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        self.runtime.block_on(async {
            self.admin.create_bucket().bucket(&bucket).send().await.unwrap();
            if versions {
                let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
                self.admin.put_bucket_versioning().bucket(&bucket).versioning_configuration(on).send().await.unwrap();
            }
        });
        S3Settings { bucket, ..settings(&self.address, &self.key, &self.secret) }
    }

    /// How many versions and delete markers the bucket has.
    fn versions(&self, settings: &S3Settings) -> usize {
        self.runtime.block_on(async {
            let listed = self.admin.list_object_versions().bucket(&settings.bucket).send().await.unwrap();
            listed.versions().len() + listed.delete_markers().len()
        })
    }

    fn put(&self, settings: &S3Settings, key: &str, body: &'static [u8]) {
        let put = self.admin.put_object().bucket(&settings.bucket).key(key).body(body.to_vec().into());
        self.runtime.block_on(put.send()).unwrap();
    }

    fn delete(&self, settings: &S3Settings, key: &str) {
        self.runtime.block_on(self.admin.delete_object().bucket(&settings.bucket).key(key).send()).unwrap();
    }
}

fn each(claim: impl Fn(&Ceph, Client)) {
    let Some(ceph) = Ceph::find() else { return };
    for client in clients() {
        claim(&ceph, client);
    }
}

#[test]
fn ceph_keeps_the_contract_with_exactly_one_winner_of_a_put() {
    each(|ceph, client| {
        let settings = ceph.bucket(false);
        check(&|| sluis_cloud::open(&settings, client).unwrap(), &PROMISES);
    });
}

#[test]
fn ceph_keeps_the_contract_with_versions_and_keeps_none() {
    each(|ceph, client| {
        let settings = ceph.bucket(true);
        // With versions, this Ceph asks whether the new version is there already, and not whether the object is.
        let promises = Promises { many: 50, one_put_wins: false, ..PROMISES };
        check(&|| sluis_cloud::open(&settings, client).unwrap(), &promises);
        assert_eq!(ceph.versions(&settings), 0, "{client}: versions or delete markers are left");
    });
}

#[test]
fn ceph_deletes_versions_and_markers_that_others_made() {
    each(|ceph, client| {
        let settings = ceph.bucket(true);
        for body in [b"one", b"two"] {
            ceph.put(&settings, "shop-1/a", body);
            ceph.delete(&settings, "shop-1/a");
        }
        ceph.put(&settings, "shop-1/a1", b"stays");
        assert_eq!(ceph.versions(&settings), 5);
        let store = sluis_cloud::open(&settings, client).unwrap();
        store.delete(&ObjectName::new("a").unwrap()).unwrap();
        store.settle().unwrap();
        assert_eq!(ceph.versions(&settings), 1, "{client}");
    });
}

#[test]
fn ceph_says_what_is_wrong() {
    each(|ceph, client| {
        let right = ceph.bucket(false);
        let name = ObjectName::new("a").unwrap();
        let wrong = S3Settings { bucket: "nowhere-at-all".to_owned(), ..right.clone() };
        let store = sluis_cloud::open(&wrong, client).unwrap();
        assert!(matches!(store.put(&name, b"x"), Err(Error::NoBucket { .. })), "{client}");
        assert!(matches!(store.size(&name), Err(Error::NoBucket { .. })), "{client}");
        let credentials = settings(&ceph.address, &ceph.key, "wrong").credentials;
        let store = sluis_cloud::open(&S3Settings { credentials, ..right.clone() }, client).unwrap();
        for told in [store.put(&name, b"x").unwrap_err(), store.list().unwrap_err(), store.delete(&name).unwrap_err()] {
            assert!(matches!(told, Error::Denied { .. }), "{client}: {told}");
        }
        let store = sluis_cloud::open(&right, client).unwrap();
        store.list().unwrap();
        assert!(store.server_time().is_some(), "{client}");
    });
}

#[test]
fn cephs_lifecycle_removes_what_sluis_left() {
    each(|ceph, client| {
        let settings = ceph.bucket(true);
        let keep = Duration::from_secs(3600);
        assert_eq!(ensure_lifecycle(&settings, client, keep).unwrap(), Lifecycle::Set, "{client}");
        assert_eq!(ensure_lifecycle(&settings, client, keep).unwrap(), Lifecycle::AlreadyThere, "{client}");
        let store = sluis_cloud::open(&settings, client).unwrap();
        store.put(&ObjectName::new("forgotten").unwrap(), b"x").unwrap();
        drop(store.create(&ObjectName::new("begun").unwrap()).unwrap());
        ceph.put(&settings, "elsewhere/kept", b"x");
        // A day lasts `rgw lc debug interval` seconds here, and the rules say two, then one for the version and the marker.
        let mut gone = false;
        for _ in 0..180 {
            let left = ceph.versions(&settings);
            gone = left == 1 && store.list().unwrap().is_empty() && store.partials().unwrap().is_empty();
            if gone {
                break;
            }
            sleep(Duration::from_secs(1));
        }
        assert!(gone, "{client}: {} versions, {:?}", ceph.versions(&settings), store.partials().unwrap());
    });
}
