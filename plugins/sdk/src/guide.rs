//! From nothing to a running filter in ten minutes.
//!
//! # 1. What you need
//!
//! Rust 1.95 or later with the target `wasm32-unknown-unknown` (`rustup target add wasm32-unknown-unknown`; on Debian the packages `rustc-web cargo-web rust-web-src lld-22` do
//! instead), a checkout of Sluis, and its program in your `PATH`: `cargo build --release --bin sluis` makes it. No camera, no shop, no model.
//!
//! # 2. A crate
//!
//! ```sh
//! sluis plugin new bright-badges --world privacy-filter
//! cd bright-badges
//! cargo test                    # passes
//! sluis plugin test --bless     # the component in the real sandbox, on twenty seconds of a drawn shop
//! sluis plugin test             # passes: it answers as before
//! ```
//!
//! The first build of each kind compiles the standard library or the SDK, and takes some of the ten minutes; later ones take seconds.
//!
//! The other worlds are `anonymisation-audit`, `gesture-detector` and `audience-meter`. The SDK is on no registry yet, so the crate names it by its folder; `--sdk` says which.
//! Without it, `sluis plugin new` looks in the checkout around the new folder, around yours, and around the program.
//!
//! # 3. What it does
//!
//! In `src/lib.rs`, a struct, one trait, one macro. This filter names the badge that somebody wears: what is bright in the upper half of a person. A frame is lent for
//! one call; [`read`](crate::Frame::read) pulls what you want of it, and the host crops and scales.
//!
//! ```
//! use sluis_sdk::filter::{Region, Subject};
//! use sluis_sdk::{Camera, Frame, MOST_ANSWERS, PixelFormat, PrivacyFilter, Rect, Size};
//!
//! pub struct BrightBadges;
//!
//! /// Cells across a person, and down the upper half.
//! const CELLS: Size = Size::new(6, 6);
//!
//! impl PrivacyFilter for BrightBadges {
//!     fn new(_camera: Camera, _settings: &str) -> Result<Self, String> {
//!         Ok(Self)
//!     }
//!
//!     fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
//!         let picture = frame.size().rect();
//!         let mut badges = Vec::new();
//!         for person in frame.people() {
//!             let upper = Rect { height: person.body.height / 2, ..person.body };
//!             let Some(upper) = upper.intersect(picture) else { continue };
//!             let luma = frame.read(upper, CELLS, PixelFormat::Luma8);
//!             for (index, _) in luma.iter().enumerate().filter(|(_, luma)| **luma > 220) {
//!                 let (column, row) = (index as u32 % CELLS.width, index as u32 / CELLS.width);
//!                 let cell = CELLS.cell(column, row, Size::new(upper.width, upper.height));
//!                 let area = Rect { x: upper.x + cell.x, y: upper.y + cell.y, ..cell };
//!                 badges.push(Region { area, subject: Subject::Identifier, confidence: 60 });
//!             }
//!         }
//!         badges.truncate(MOST_ANSWERS);
//!         badges
//!     }
//! }
//!
//! sluis_sdk::privacy_filter!(BrightBadges);
//! # // 4. A test, natively.
//! # use sluis_sdk::mock::{self, Still};
//! # let size = Size::new(640, 480);
//! # let mut filter = BrightBadges::new(mock::camera(size), "{}").unwrap();
//! # let body = Rect::new(300, 100, 60, 240);
//! # let badge = Rect::new(320, 160, 10, 20);
//! # let worn = Still::plain(size, [90, 90, 90]).with_area(badge, [255, 255, 255]).with_people(vec![mock::person(body)]);
//! # let regions = mock::find(&mut filter, &worn);
//! # assert_eq!(regions.len(), 1);
//! # assert!(regions[0].area.intersect(badge) == Some(badge));
//! # let nobody = Still::plain(size, [255, 255, 255]);
//! # assert_eq!(mock::find(&mut filter, &nobody), []);
//! ```
//!
//! What holds for every plugin stands on [the first page](crate): one instance for each camera, nothing else is there, panic when you cannot look.
//!
//! # 4. A test, natively
//!
//! [`mock`](crate::mock) has frames made by hand. They read as the host's do, byte for byte, and an answer that the host would refuse panics. `tests/plugin.rs` tests the filter that the crate came with: put this in its place.
//!
//! ```
//! # mod bright_badges {
//! # use sluis_sdk::filter::{Region, Subject};
//! # use sluis_sdk::{Camera, Frame, PrivacyFilter, Rect};
//! # pub struct BrightBadges;
//! # impl PrivacyFilter for BrightBadges {
//! #     fn new(_: Camera, _: &str) -> Result<Self, String> { Ok(Self) }
//! #     fn find(&mut self, frame: &Frame<'_>) -> Vec<Region> {
//! #         if frame.people().is_empty() { return Vec::new() }
//! #         vec![Region { area: Rect::new(320, 160, 10, 20), subject: Subject::Identifier, confidence: 60 }]
//! #     }
//! # }
//! # }
//! use bright_badges::BrightBadges;
//! use sluis_sdk::mock::{self, Still};
//! use sluis_sdk::{PrivacyFilter, Rect, Size};
//!
//! const SIZE: Size = Size::new(640, 480);
//!
//! # /*
//! #[test]
//! # */
//! fn a_bright_badge_is_named_and_a_bright_wall_is_not() {
//!     let badge = Rect::new(320, 160, 10, 20);
//!     let somebody = Still::plain(SIZE, [90, 90, 90])
//!         .with_area(badge, [255, 255, 255])
//!         .with_people(vec![mock::person(Rect::new(300, 100, 60, 240))]);
//!     let mut filter = BrightBadges::new(mock::camera(SIZE), "{}").unwrap();
//!     let regions = mock::find(&mut filter, &somebody);
//!     // What comes back is what the host takes: widened to multiples of 8.
//!     assert_eq!(regions[0].area.intersect(badge), Some(badge));
//!
//!     let nobody = Still::plain(SIZE, [255, 255, 255]);
//!     assert_eq!(mock::find(&mut filter, &nobody), []);
//! }
//! # a_bright_badge_is_named_and_a_bright_wall_is_not();
//! ```
//!
//! # 5. A test, in the sandbox
//!
//! `sluis plugin test` builds the component, loads it as a shop would, and shows it the drawn shop, whose pictures are the same everywhere. Its answers are held against the golden
//! ones in `tests/golden`, which `--bless` has written. Now that the filter does something else, they differ:
//!
//! ```text
//! FAILED synthetic-oblique-1       300 frames    98 answers on  19  p50  0.28 ms  max  1.58 ms    1.1 MiB
//!   frame 15 at 1000 ms
//!     - head 32x24+608+368 sure 50
//!     + nothing
//!   frame 16 at 1066 ms
//!     - head 48x40+592+352 sure 50
//!     + nothing
//!   … and 283 more frames
//!   (- expected, + came). If that is what you want: `sluis plugin test --bless`
//! ```
//!
//! Look at it: `--sheet found.png` writes pictures with the outlines of what was found, `--show` prints every answer. Bless the differences when they are what you want, and
//! commit the files. An auditor of the drawn shop has little to find, for the host has masked everybody: test it on footage of your own. `--bless` writes over answers to the same only: of other footage, other settings or another
//! number of frames, it leaves the file as it is and says so. On footage of your own, an MP4 file (H.264) or a folder of pictures:
//!
//! ```sh
//! sluis plugin test --footage footage/aisle.mp4 --bless    # from then on a plain `sluis plugin test` has it too
//! sluis plugin test --footage footage/hall.mp4 --frames 900 --bless
//! sluis plugin test --frames 60                             # quick: the beginning, against the beginning of the golden answers
//! ```
//!
//! A filter and a meter are shown frames as they are. An auditor and a gesture detector are shown what the host masks by itself.
//!
//! How its camera hangs and sees, a plugin is told where the shop knows it: `mount` and `lens` of [`Camera`](crate::Camera). Here both are unknown until you give them, by the names of a
//! shop's configuration. They are kept with the golden answers; `bench`, `watch` and `try` take them, too. Those of the drawn shop, as it is seen when nothing is said:
//!
//! ```sh
//! sluis plugin test --seed 2 --bless \
//!     --pose '{"position": [1.8, 0, 2.5], "pan": 10, "tilt": 30}' \
//!     --lens '{"fx": 615, "fy": 615, "cx": 320, "cy": 240}'
//! ```
//!
//! # 6. Time and memory
//!
//! `sluis plugin bench` measures a call (the middle one, the one that 95 of 100 keep, the longest) and the memory of the instance; and the same crate compiled natively, on the same
//! frames in the same run. The ratio is what the sandbox costs. A call that is longer than its deadline, 2 s unless the manifest says less, is a failure. When the two do not answer
//! the same, the table says so, and the exit code is 3.
//!
//! A panic in the sandbox has no text, for a component has nowhere to write. `bench` shows a frame at which the component crashes to the native build as well, and tells you what that
//! said.
//!
//! # 7. Again and again
//!
//! `sluis plugin watch` builds and tests at every change.
//!
//! # 8. A model
//!
//! A model is an ONNX file that the host runs, natively, by its name; see [`nn`](crate::nn). Declare it in `Cargo.toml`:
//!
//! ```toml
//! [package.metadata.sluis]
//! models = ["badges"]
//! ```
//!
//! ```sh
//! sluis plugin test --model badges=badges.onnx
//! ```
//!
//! **A new version of the model alone** leaves the component as it is, byte for byte. Test it the same way, against the answers of the old one, and read what differs; then bless:
//!
//! ```sh
//! sluis plugin test --model badges=badges-2.onnx
//! sluis plugin test --model badges=badges-2.onnx --bless
//! sluis plugin inspect target/components/bright-badges.wasm    # the same digest as before
//! ```
//!
//! # 9. In a shop, without its pictures
//!
//! A gesture detector or an auditor can be tried on segments that the shop has granted you, without your receiving them. Send the component; whoever decides on grants runs
//!
//! ```sh
//! sluis plugin try your-detector.wasm --config sluis.toml --grant GRANT --as KEY --reason 'contract 2026-17'
//! ```
//!
//! and sends you the report: answers by kind, failures by class, times, memory. Every opening is in the shop's ledger. From the configuration come the zones, pose and lens of each
//! camera; of a camera that is not in it, a detector is told no zones, and the program says so.
//!
//! # 10. Published
//!
//! `sluis plugin new` has written a `registry.json`: what shops are told of the component, and what it asks for. Put your licence and your limits there (`bench` says what it takes), and
//! with each release its version, as in `Cargo.toml`, and what is new. Models that come with it are listed under `models`, and the component names each under `detectors`, with the
//! family of detectors that it makes:
//!
//! ```json
//! {
//!   "version": 1,
//!   "components": [
//!     {
//!       "name": "bright-badges", "world": "privacy-filter", "contract": "sluis:stage@0.2.0", "version": "0.2.0", "licence": "LicenseRef-ours", "sees": "raw",
//!       "detectors": [{ "family": "badges", "model": "badges" }], "limits": { "memory-mib": 64, "call-ms": 500 }, "changelog": "Finds small badges too."
//!     }
//!   ],
//!   "models": [
//!     {
//!       "name": "badges", "family": "badges", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "size": 4,
//!       "licence": "LicenseRef-ours", "origin": "trained by us"
//!     }
//!   ]
//! }
//! ```
//!
//! ```sh
//! sluis registry add registry --publisher acme --manifest registry.json --component bright-badges=target/components/bright-badges.wasm \
//!     --model badges=badges.onnx --key acme.key
//! ```
//!
//! `docs/registry.md` of the checkout goes on from there, and `docs/partners-day.md` is a whole day of it.
//!
//! # 11. Where to look next
//!
//! `examples/partner-plugin` of the checkout is a whole filter outside the workspace, with its tests. `sluis plugin build --install` makes a component ready for
//! `sluis demo --filter NAME`.
