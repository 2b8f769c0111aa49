//! What a server answers when it does not do what it is asked.

use std::io;

use sluis_store::{Error, ObjectName};

use crate::location::Location;

/// Why a call was not done. The texts are those of the server or of the connection; no request stands in them.
#[derive(Debug)]
pub(crate) enum Fault {
    /// No such object, or no such configuration.
    Missing,
    /// The upload is not open.
    NoUpload,
    /// No such bucket.
    NoBucket,
    /// A condition does not hold: the key is taken.
    Exists,
    /// Another request for the same key was being done.
    Conflict,
    /// The object has no such bytes.
    Range,
    /// We may not.
    Denied { code: String, message: String },
    /// The server does not know the call.
    Unsupported { code: String },
    /// The bucket is at another address.
    Elsewhere,
    /// The last of several tries found the server busy or the connection broken.
    Unavailable(String),
    /// Anything else.
    Refused { status: u16, code: String, message: String },
}

// === impl Fault ===

impl Fault {
    /// What an answer means that is not a success. `code` is empty when the answer has none, as with `HEAD`.
    pub(crate) fn of_answer(status: u16, code: &str, message: &str) -> Self {
        let (code, message) = (plain(code), plain(message));
        match (status, code.as_str()) {
            (_, "NoSuchBucket") => Self::NoBucket,
            (_, "NoSuchUpload") => Self::NoUpload,
            (_, "NotImplemented" | "MethodNotAllowed") | (405 | 501, _) => Self::Unsupported { code },
            (
                _,
                "SlowDown" | "RequestTimeout" | "InternalError" | "ServiceUnavailable" | "Throttling" | "BadDigest",
            )
            | (408 | 429 | 500.., _) => Self::Unavailable(format!("{status} {code} {message}").trim_end().to_owned()),
            (_, "PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed") | (300..=399, _) => {
                Self::Elsewhere
            }
            (_, "ExpiredToken" | "InvalidToken" | "RequestTimeTooSkewed") | (401 | 403, _) => {
                Self::Denied { code, message }
            }
            (404, _) => Self::Missing,
            (409, "ConditionalRequestConflict" | "OperationAborted" | "ConcurrentModification" | "") => Self::Conflict,
            (412, _) => Self::Exists,
            (416, _) => Self::Range,
            _ => Self::Refused { status, code, message },
        }
    }

    /// An answer that cannot be.
    pub(crate) fn nonsense(what: &str) -> Self {
        Self::Refused { status: 200, code: "nonsense".to_owned(), message: what.to_owned() }
    }

    /// The error for the caller: which place, what was tried (a verb and what it was done to), what to do.
    pub(crate) fn explain(self, place: &Location, doing: &str, object: Option<&ObjectName>) -> Error {
        let refused = |why: String| Error::Refused { place: place.to_string(), doing: doing.to_owned(), why };
        match (self, object) {
            (Self::Missing | Self::NoUpload, Some(object)) => Error::ObjectMissing { object: object.clone() },
            (Self::Exists, Some(object)) => Error::ObjectExists { object: object.clone() },
            (Self::Conflict, Some(object)) => Error::Conflict { object: object.clone(), place: place.to_string() },
            (Self::NoBucket, _) => Error::NoBucket { bucket: place.bucket.clone(), endpoint: place.endpoint.clone() },
            (Self::Denied { code, message }, _) => {
                let why = format!("{} (it says: {} {message})", advice(&code), if code.is_empty() { "403" } else { &code });
                Error::Denied { place: place.to_string(), doing: doing.to_owned(), why }
            }
            (Self::Unavailable(what), _) => Error::Unavailable {
                place: place.to_string(),
                doing: doing.to_owned(),
                source: io::Error::other(what),
            },
            (Self::Unsupported { code }, _) => {
                refused(format!("the server does not know this call, and it is needed (it says: {code})"))
            }
            (Self::Elsewhere, _) => refused(
                "the server points to another region or address, which is not followed: set the bucket's own region and endpoint".to_owned(),
            ),
            (Self::Refused { status, code, message }, _) => refused(format!("it answers {status} {code} {message}")),
            (Self::Range, _) => refused("the object is shorter than what was asked for".to_owned()),
            (Self::Conflict, None) => Error::Unavailable {
                place: place.to_string(),
                doing: doing.to_owned(),
                source: io::Error::other("somebody else was changing it"),
            },
            (Self::Missing | Self::NoUpload | Self::Exists, None) => {
                refused("it answers as if an object had been asked for".to_owned())
            }
        }
    }
}

/// What to check, by what the server says.
fn advice(code: &str) -> &'static str {
    match code {
        "InvalidAccessKeyId" => {
            "the server does not know the key's id: check the id, and that the key is not switched off"
        }
        "SignatureDoesNotMatch" => "the secret does not belong to the key's id: check the secret and the region",
        "RequestTimeTooSkewed" => "this machine's clock and the server's differ by too much: set the clock right",
        "ExpiredToken" | "InvalidToken" => "the session token is over: get a new one",
        _ => {
            "check the key, and that it may do what docs/cloud.md lists with this bucket and prefix; an object that cannot be deleted may be held by an \
             Object Lock"
        }
    }
}

/// Words of a server, fit for a log: one line, not long.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_server_is_worth_a_retry_and_a_wrong_key_is_not() {
        let place = Location { endpoint: "https://s3".into(), bucket: "shop".into(), prefix: "a/".into() };
        let told = |status, code| Fault::of_answer(status, code, "").explain(&place, "put x", None);
        for (status, code) in [(503, "SlowDown"), (500, ""), (429, ""), (400, "RequestTimeout"), (502, "")] {
            assert!(told(status, code).is_worth_a_retry(), "{status} {code}");
        }
        for (status, code) in [(403, "SignatureDoesNotMatch"), (301, ""), (501, ""), (404, "NoSuchBucket"), (400, "")] {
            assert!(!told(status, code).is_worth_a_retry(), "{status} {code}");
        }
    }

    #[test]
    fn every_refusal_names_the_bucket() {
        let place = Location { endpoint: "https://s3".into(), bucket: "shop".into(), prefix: "a/".into() };
        for status in [301, 400, 403, 405, 409, 412, 416, 500] {
            let told = Fault::of_answer(status, "", "").explain(&place, "put x", None).to_string();
            assert!(told.contains("https://s3/shop/a/") && told.contains("put x"), "{told}");
        }
    }

    #[test]
    fn a_servers_words_stay_on_one_line() {
        assert_eq!(plain("a\r\nb"), "a  b");
        assert_eq!(plain(&"x".repeat(1_000)).len(), 200);
    }
}
