//! The second belt: the bucket itself removes what is too old.
//!
//! Sluis deletes at the deadline and looks that it is gone. If it never comes to that (the machine was stolen, the shop has closed), the bucket's own
//! lifecycle does, up to two days later: lifecycles count in whole days.

use std::sync::Arc;
use std::time::Duration;

use ring::digest::{SHA256, digest};

use crate::calls::{Belt, Calls};
use crate::error::Error;
use crate::fault::Fault;
use crate::location::Location;
use crate::server_clock::ServerClock;
use crate::settings::{Client, S3Settings};
use crate::{aws, store};

/// What became of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifecycle {
    /// They were added or changed.
    Set,
    /// They were there, as they should be.
    AlreadyThere,
    /// The server has no lifecycle: nothing but Sluis removes what is in the bucket.
    Unsupported(String),
}

/// Makes sure that objects below the settings' prefix expire: `keep` rounded up to whole days and one day more, older versions after one day, uploads
/// that nobody completes with the objects. Rules of others in the same bucket stay as they are; two programs that set them at the same moment can
/// undo each other, so this is for the start of the service.
///
/// # Errors
///
/// [`Error::Settings`], also for an empty prefix: the rules would remove others' objects. [`Error::Store`] when the bucket cannot be asked or the key
/// may not (`s3:GetLifecycleConfiguration`, `s3:PutLifecycleConfiguration`).
pub fn ensure_lifecycle(settings: &S3Settings, client: Client, keep: Duration) -> Result<Lifecycle, Error> {
    settings.check()?;
    if settings.prefix.is_empty() {
        let advice = "name one, such as `sluis/`: without it the lifecycle would remove everything in the bucket";
        return Err(Error::Settings { setting: "prefix", found: "empty".to_owned(), advice });
    }
    let belt = Belt::new(&settings.prefix, keep);
    let clock = Arc::new(ServerClock::default());
    match client {
        Client::Aws => put_on(aws::Aws::new(settings, clock), settings, &belt),
        #[cfg(feature = "rusoto")]
        Client::Rusoto => put_on(crate::rusoto::Rusoto::new(settings, clock)?, settings, &belt),
        #[cfg(not(feature = "rusoto"))]
        Client::Rusoto => Err(Error::NotBuilt),
    }
}

fn put_on(calls: impl Calls, settings: &S3Settings, belt: &Belt) -> Result<Lifecycle, Error> {
    let runtime = store::runtime()?;
    let done = runtime.block_on(calls.put_on(belt));
    runtime.shutdown_background();
    match done {
        Ok(true) => Ok(Lifecycle::Set),
        Ok(false) => Ok(Lifecycle::AlreadyThere),
        Err(Fault::Unsupported { code }) => {
            Ok(Lifecycle::Unsupported(format!("{} has no lifecycle (it says: {code})", settings.address())))
        }
        Err(other) => Err(other.explain(&Location::of(settings), "set the lifecycle", None).into()),
    }
}

// === impl Belt ===

impl Belt {
    fn new(prefix: &str, keep: Duration) -> Self {
        let days = i32::try_from(keep.as_nanos().div_ceil(24 * 3600 * 1_000_000_000)).unwrap_or(i32::MAX - 1) + 1;
        // A rule's name is its own in the bucket, and several shops may share one.
        let place = hex::encode(&digest(&SHA256, prefix.as_bytes()).as_ref()[..8]);
        Self {
            id: format!("sluis-{place}"),
            markers_id: format!("sluis-{place}-markers"),
            prefix: prefix.to_owned(),
            days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_rounded_up_and_one_is_added() {
        let days = |keep| Belt::new("a/", keep).days;
        assert_eq!(days(Duration::from_secs(1)), 2);
        assert_eq!(days(Duration::from_secs(72 * 3600)), 4);
        assert_eq!(days(Duration::from_nanos(72 * 3600 * 1_000_000_000 + 1)), 5);
        assert_eq!(days(Duration::MAX), i32::MAX);
    }

    #[test]
    fn shops_that_share_a_bucket_have_their_own_rules() {
        let day = Duration::from_secs(1);
        assert_ne!(Belt::new("a/", day).id, Belt::new("b/", day).id);
    }
}
