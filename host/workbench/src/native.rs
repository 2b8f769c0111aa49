//! The plugin's own crate, compiled natively, with the SDK's mock of the host: what the sandbox is measured against.
//!
//! A small program is written that calls the plugin and nothing else, and built by Cargo as the component is: optimised, in one piece. Its standard input is a socket, by which frames
//! go in, and times and answers come back; only the plugin's own call is timed. See `mock::serve` of the SDK for the other end. What the plugin prints does no harm: its standard
//! output goes nowhere, as in the sandbox, and the end of its standard error is kept, to be told when it panics.

use std::fmt;
use std::fs;
use std::io::{self, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sluis_componentize::PROFILE;
use sluis_componentize::toolchain::command;
use sluis_frame::{Person, Rect};
use sluis_stage::CameraFacts;

use crate::error::Error;
use crate::showing::Showing;

/// How much of what it writes to standard error is kept, in bytes: the end of it, where a panic tells its reason.
const KEPT: usize = 16 << 10;

/// A program that runs a plugin natively.
#[derive(Debug, Clone)]
pub struct Runner {
    plugin: String,
    program: PathBuf,
}

/// A plugin that runs natively.
pub struct Native {
    plugin: String,
    child: Child,
    wire: BufReader<UnixStream>,
    /// Gives the end of what it wrote to standard error.
    errors: Option<JoinHandle<Vec<u8>>>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeCall {
    /// How long the plugin took.
    pub took: Duration,
    /// Its answer, one line each.
    pub answer: Vec<String>,
}

// === impl Runner ===

impl Runner {
    /// Builds the program for the plugin crate in `folder`, called `plugin`. What Cargo compiles is kept in `build`.
    ///
    /// # Errors
    ///
    /// [`Error::NativeBuild`] with what the compiler said; [`Error::File`].
    pub fn build(plugin: &str, folder: &Path, build: &Path) -> Result<Self, Error> {
        let folder = fs::canonicalize(folder).map_err(Error::file("find", folder))?;
        let runner = build.join("native").join(plugin);
        let sources = runner.join("src");
        fs::create_dir_all(&sources).map_err(Error::file("make the folder", &sources))?;
        let build = fs::canonicalize(build).map_err(Error::file("find", build))?;
        let runner = build.join("native").join(plugin);
        write(&runner.join("Cargo.toml"), &manifest(plugin, &folder))?;
        write(&runner.join("src/main.rs"), "fn main() {\n    plugin::__sluis_serve();\n}\n")?;
        same_versions(&folder, &runner)?;
        let target = build.join("native/target");
        // In the plugin's folder, so that its own toolchain file counts.
        let mut cargo = command(Path::new("cargo"), &folder);
        cargo.args(["build", "--release", "--quiet", "--color", "never", "--manifest-path"]);
        cargo.arg(runner.join("Cargo.toml")).arg("--target-dir").arg(&target).envs(PROFILE);
        let output = cargo.output().map_err(Error::file("start", Path::new("cargo")))?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Error::NativeBuild { plugin: plugin.to_owned(), advice: advice(&output), output });
        }
        Ok(Self { plugin: plugin.to_owned(), program: target.join("release").join(name(plugin)) })
    }

    /// Starts it for a camera.
    ///
    /// # Errors
    ///
    /// [`Error::NativeEnded`] when the plugin refuses its settings, or does not start.
    pub fn start(&self, facts: &CameraFacts, settings: &str) -> Result<Native, Error> {
        let (wire, its_end) = UnixStream::pair().map_err(Error::file("open a socket for", &self.program))?;
        // In one expression: a command that lived on would hold the other end open when the program has ended.
        let mut child = Command::new(&self.program)
            .stdin(OwnedFd::from(its_end))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::file("start", &self.program))?;
        let errors = child.stderr.take().map(|errors| thread::spawn(move || end_of(errors)));
        let mut native = Native { plugin: self.plugin.clone(), child, wire: BufReader::new(wire), errors };
        let greeted = native.greet(facts, settings);
        match greeted {
            Ok(None) => Ok(native),
            Ok(Some(reason)) => Err(native.ended(None, Some(reason))),
            Err(_) => Err(native.ended(None, None)),
        }
    }
}

fn name(plugin: &str) -> String {
    format!("sluis-native-{plugin}")
}

fn manifest(plugin: &str, folder: &Path) -> String {
    let text = |value: &str| toml::Value::from(value).to_string();
    let (own, package, path) = (text(&name(plugin)), text(plugin), text(&folder.display().to_string()));
    format!(
        "# Written by `sluis plugin bench`.\n[package]\nname = {own}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\nplugin = {{ package = {package}, path = {path} }}\n\n[workspace]\n"
    )
}

/// The versions that the plugin has locked. A lock that was taken over once is kept: Cargo has added the runner to it.
fn same_versions(folder: &Path, runner: &Path) -> Result<(), Error> {
    let Some(lock) = folder.ancestors().map(|above| above.join("Cargo.lock")).find(|lock| lock.is_file()) else {
        return Ok(());
    };
    let (own, taken) = (runner.join("Cargo.lock"), runner.join("taken.lock"));
    let locked = fs::read(&lock).map_err(Error::file("read", &lock))?;
    if own.is_file() && fs::read(&taken).is_ok_and(|taken| taken == locked) {
        return Ok(());
    }
    fs::write(&own, &locked).map_err(Error::file("write", &own))?;
    fs::write(&taken, &locked).map_err(Error::file("write", &taken))
}

/// Leaves a file alone that is as it should be, so that Cargo compiles nothing anew.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(Error::file("write", path))
}

fn advice(output: &str) -> &'static str {
    if output.contains("__sluis_serve") {
        "Call the SDK's macro in the plugin's src/lib.rs, not in a module of it"
    } else if output.contains("can't find crate for `plugin`") || output.contains("no linkable target") {
        "Add \"rlib\" to the plugin's `[lib] crate-type`: `crate-type = [\"cdylib\", \"rlib\"]`"
    } else {
        "It must compile natively too, as for its own `cargo test`; `--no-native` measures the component alone"
    }
}

// === impl Native ===

impl Native {
    /// Shows it a frame. `at_ms` is when it was taken, in milliseconds since the first.
    ///
    /// # Errors
    ///
    /// [`Error::NativeEnded`] when the plugin panicked, with what it said.
    pub fn show(&mut self, showing: &Showing, at_ms: u64) -> Result<NativeCall, Error> {
        self.exchange(showing, at_ms).map_err(|_| self.ended(Some(showing.header().number.0), None))
    }

    /// What the plugin says of its settings, if it refuses them.
    fn greet(&mut self, facts: &CameraFacts, settings: &str) -> io::Result<Option<String>> {
        let mut bytes = numbers(&[facts.size.width, facts.size.height, facts.millihertz()]);
        let (mount, lens) = (facts.mount_in_thousandths(), facts.lens_in_thousandths());
        bytes.extend([facts.depth, mount.is_some(), lens.is_some()].map(u8::from));
        bytes.extend(mount.into_iter().flat_map(|(height, angles)| [numbers(&[height]), signed(angles)].concat()));
        bytes.extend(lens.into_iter().flat_map(|(focal, middle)| [numbers(&focal), signed(middle)].concat()));
        bytes.extend(numbers(&[count(settings.len())]));
        bytes.extend(settings.as_bytes());
        self.wire.get_mut().write_all(&bytes)?;
        let [refused] = self.read::<1>()?;
        if refused == 1 { self.text().map(Some) } else { Ok(None) }
    }

    fn exchange(&mut self, showing: &Showing, at_ms: u64) -> io::Result<NativeCall> {
        let (pixels, depth, masks) = showing.contents();
        let mut bytes = vec![1];
        bytes.extend(at_ms.to_le_bytes());
        bytes.extend(pixels);
        bytes.push(u8::from(depth.is_some()));
        bytes.extend(depth.iter().flatten().flat_map(|mm| mm.to_le_bytes()));
        bytes.extend(numbers(&[count(showing.people.len())]));
        bytes.extend(showing.people.iter().flat_map(|Person { body, head }| [rect(*body), rect(*head)].concat()));
        bytes.extend(numbers(&[count(masks.len())]));
        bytes.extend(masks.into_iter().flat_map(rect));
        self.wire.get_mut().write_all(&bytes)?;
        let took = Duration::from_nanos(u64::from_le_bytes(self.read()?));
        Ok(NativeCall { took, answer: self.text()?.lines().map(str::to_owned).collect() })
    }

    fn read<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.wire.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn text(&mut self) -> io::Result<String> {
        let length = u32::from_le_bytes(self.read()?);
        let mut text = String::new();
        self.wire.by_ref().take(length.into()).read_to_string(&mut text)?;
        Ok(text)
    }

    fn ended(&mut self, frame: Option<u64>, said: Option<String>) -> Error {
        let _ = self.child.kill();
        let errors = self.errors.take().and_then(|errors| errors.join().ok()).unwrap_or_default();
        let said = said.unwrap_or_else(|| String::from_utf8_lossy(&errors).trim().to_owned());
        let at = frame.map_or_else(String::new, |frame| format!(" frame {frame}"));
        Error::NativeEnded { plugin: self.plugin.clone(), at, said }
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        // It ends by itself at this; if it has ended already, there is nobody to tell.
        let _ = self.wire.get_mut().write_all(&[0]);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}

/// The last [`KEPT`] bytes, when nothing more comes. It is read all the while: who writes much is not held up.
fn end_of(mut errors: ChildStderr) -> Vec<u8> {
    let mut end = Vec::new();
    while let Ok(1..) = errors.by_ref().take(KEPT as u64).read_to_end(&mut end) {
        end.drain(..end.len().saturating_sub(KEPT));
    }
    end
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn signed(numbers: [i32; 2]) -> Vec<u8> {
    numbers.map(i32::to_le_bytes).concat()
}

fn count(count: usize) -> u32 {
    u32::try_from(count).expect("an answer, and settings, have fewer parts than that")
}

fn rect(Rect { x, y, width, height }: Rect) -> Vec<u8> {
    [x.to_le_bytes(), y.to_le_bytes(), width.to_le_bytes(), height.to_le_bytes()].concat()
}
