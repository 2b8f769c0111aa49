//! The notice as a page: what is published, and what the cameras do now. Read-only; no cookies, no scripts.
//!
//! - `GET /`: to the page in the reader's language.
//! - `GET /nl`, `/de`, `/en`: the page; it is fetched anew every minute. `GET /nl.txt` and so on: the notice as text.
//! - `GET /stills/CAMERA.png`: what the camera keeps: a cleared picture out of its latest recording.
//!
//! Stills are made anew when one is asked for and the last is ten minutes old, or was taken from what is erased or restricted by now; each that is made is an opening in the ledger, under the reason of this page.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use image::{ImageFormat, RgbImage, imageops};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sluis_frame::{CameraId, Clock, Fate, ReaderDoor};
use sluis_notice::{Document, Language, Standing, Store, html, notice, now, text};
use sluis_segment::{Reader, SegmentId};
use sluis_vault::{Archive, Reason};
use tokio::sync::Semaphore;

/// What pages are made of.
#[derive(Debug)]
pub struct Page {
    store: Store,
    zone: TimeZone,
    clock: Arc<dyn Clock>,
    stills: Option<Stills>,
    /// Readers at once: more wait for nobody, they are asked to come back.
    readers: Semaphore,
}

/// What stills are made of.
#[derive(Debug)]
pub struct Stills {
    archive: Archive,
    door: ReaderDoor,
    cameras: Vec<CameraId>,
    made: Mutex<BTreeMap<CameraId, Made>>,
}

/// A still, and when it was looked for.
#[derive(Debug, Clone)]
struct Made {
    at: Instant,
    /// `None` when nothing of the camera is kept.
    still: Option<Still>,
}

/// A picture out of a recording.
#[derive(Debug, Clone)]
struct Still {
    segment: SegmentId,
    /// PNG.
    picture: Arc<[u8]>,
}

/// How long a still is shown.
const SHOWN: Duration = Duration::from_secs(600);

/// How wide it is at the most, in pixels.
const WIDEST: u32 = 480;

/// Recordings of a camera that are tried for a still, the latest first.
const TRIED: usize = 3;

const READERS: usize = 32;

/// Why a recording is opened, as the ledger has it.
const REASON: &str = "a still for the public notice";

/// Nothing from elsewhere, nothing that runs, nothing that is remembered.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

// === impl Page ===

impl Page {
    /// Of the notices in `store`, with times of the shop's zone.
    pub fn new(store: Store, zone: TimeZone, clock: Arc<dyn Clock>, stills: Option<Stills>) -> Self {
        Self { store, zone, clock, stills, readers: Semaphore::new(READERS) }
    }

    /// The pages.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(to_language))
            .route("/{name}", get(page))
            .route("/stills/{name}", get(still))
            .fallback(async || missing())
            .with_state(Arc::new(self))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_nanosecond(self.clock.now().as_nanos().into()).unwrap_or_default()
    }

    fn document(&self, language: Language) -> Result<Document, sluis_notice::Error> {
        let runs = now::Now::read(self.store.folder(), self.now())?;
        let still = |camera: &str| {
            let stills = self.stills.as_ref()?;
            let id = stills.cameras.iter().find(|id| id.as_str() == camera)?;
            let kept = stills.archive.latest(id, 1).is_ok_and(|latest| !latest.is_empty());
            kept.then(|| format!("/stills/{camera}.png"))
        };
        let head = now::section(runs.as_ref(), &self.zone, language, still);
        let mut document = match self.store.current()? {
            Some(version) => notice::document(&version.facts, language, &Standing::Published(&version)),
            None => notice::nothing(language),
        };
        document.sections.insert(0, head);
        Ok(document)
    }
}

async fn to_language(headers: HeaderMap) -> Response {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|wanted| wanted.to_str().ok()).unwrap_or_default();
    with_headers(Redirect::temporary(&format!("/{}", preferred(wanted))).into_response())
}

/// The first language of a list that the notice has, else Dutch.
fn preferred(wanted: &str) -> Language {
    let codes = wanted.split(',').map(|entry| entry.split([';', '-']).next().unwrap_or_default().trim());
    codes.filter_map(|code| code.to_ascii_lowercase().parse().ok()).next().unwrap_or(Language::Nl)
}

async fn page(State(page): State<Arc<Page>>, Path(name): Path<String>) -> Response {
    let (code, plain) = name.strip_suffix(".txt").map_or((name.as_str(), false), |code| (code, true));
    let Ok(language) = code.parse::<Language>() else { return missing() };
    answer(page, move |page| {
        let document = page.document(language).inspect_err(|error| {
            tracing::error!(error = error as &dyn std::error::Error, "the notice cannot be shown");
        });
        match document {
            Ok(document) if plain => {
                ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text::page(&document)).into_response()
            }
            Ok(document) => {
                let fresh = (
                    [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::REFRESH, "60")],
                    html::page(&document),
                );
                fresh.into_response()
            }
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    })
    .await
}

async fn still(State(page): State<Arc<Page>>, Path(name): Path<String>) -> Response {
    answer(page, move |page| {
        let camera = name.strip_suffix(".png").and_then(|name| CameraId::new(name).ok());
        let picture = page.stills.as_ref().zip(camera).and_then(|(stills, camera)| stills.of(&camera));
        match picture {
            Some(picture) => ([(header::CONTENT_TYPE, "image/png")], picture.to_vec()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    })
    .await
}

/// Answers on a thread that may wait for the disk, if not too many are asked for at once.
async fn answer(page: Arc<Page>, make: impl FnOnce(&Page) -> Response + Send + 'static) -> Response {
    let made = match page.readers.try_acquire() {
        Err(_) => return with_headers(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        Ok(_permit) => {
            let page = Arc::clone(&page);
            tokio::task::spawn_blocking(move || make(&page)).await
        }
    };
    with_headers(made.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
}

fn missing() -> Response {
    with_headers(StatusCode::NOT_FOUND.into_response())
}

fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

// === impl Stills ===

impl Stills {
    /// Of what a vault keeps of these cameras.
    pub fn new(archive: Archive, door: ReaderDoor, cameras: Vec<CameraId>) -> Self {
        Self { archive, door, cameras, made: Mutex::default() }
    }

    /// The still of a camera; `None` when nothing of it is kept.
    fn of(&self, camera: &CameraId) -> Option<Arc<[u8]>> {
        if !self.cameras.contains(camera) {
            return None;
        }
        // One at a time: whoever asks meanwhile gets what is made now.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = made.get(camera).filter(|made| made.at.elapsed() < SHOWN);
        let fresh = fresh.filter(|made| made.still.as_ref().is_none_or(|still| self.may_be_seen(still.segment)));
        if let Some(fresh) = fresh {
            return fresh.still.as_ref().map(|still| Arc::clone(&still.picture));
        }
        let still = self.make(camera).unwrap_or_else(|error| {
            tracing::warn!(%camera, error = &*error, "a still cannot be made");
            None
        });
        let picture = still.as_ref().map(|still| Arc::clone(&still.picture));
        made.insert(camera.clone(), Made { at: Instant::now(), still });
        picture
    }

    /// Whether the recording that a still was taken from is neither erased nor restricted meanwhile.
    fn may_be_seen(&self, segment: SegmentId) -> bool {
        self.archive.entry(segment).is_ok_and(|entry| self.archive.may_leave(&entry).is_ok())
    }

    fn make(&self, camera: &CameraId) -> Result<Option<Still>, Box<dyn std::error::Error>> {
        let reason = Reason::new(REASON)?;
        for entry in self.archive.latest(camera, TRIED)? {
            let opened = self.archive.open_segment(entry.segment, &reason)?;
            for recorded in Reader::new(opened, &self.door)? {
                let frame = recorded?.frame;
                if frame.fate() == Fate::Blanked {
                    continue;
                }
                let size = frame.size();
                let picture = RgbImage::from_raw(size.width, size.height, frame.picture().pixels().to_vec());
                let picture = picture.expect("three bytes for each pixel");
                let small = match size.width.cmp(&WIDEST) {
                    std::cmp::Ordering::Greater => {
                        imageops::thumbnail(&picture, WIDEST, WIDEST * size.height / size.width)
                    }
                    _ => picture,
                };
                let mut png = Vec::new();
                small.write_to(&mut Cursor::new(&mut png), ImageFormat::Png)?;
                return Ok(Some(Still { segment: entry.segment, picture: png.into() }));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_get_the_first_of_their_languages_that_there_is() {
        for (wanted, language) in [
            ("de-DE,de;q=0.9,en;q=0.8", Language::De),
            ("fr-FR, en-GB;q=0.7", Language::En),
            ("EN", Language::En),
            ("fr", Language::Nl),
            ("", Language::Nl),
        ] {
            assert_eq!(preferred(wanted), language, "{wanted}");
        }
    }
}
