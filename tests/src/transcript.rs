//! What a person types at the program and what it answers, written down: a page of the documentation is made of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use crate::home;
use crate::program::errors;

/// A transcript. Paths in it are shown by shorter names.
#[derive(Debug, Default)]
pub struct Transcript {
    text: String,
    places: Vec<(PathBuf, String)>,
}

impl Drop for Transcript {
    /// Of a test that fails it is told how far it came.
    #[allow(clippy::print_stderr, reason = "it is read with the failure")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.text);
        }
    }
}

impl Transcript {
    /// An empty one. Each of these paths is shown by its name.
    pub fn new(places: &[(&Path, &str)]) -> Self {
        let places = places.iter().map(|(path, name)| ((*path).to_owned(), (*name).to_owned()));
        Self { text: String::new(), places: places.collect() }
    }

    /// Begins a chapter.
    pub fn chapter(&mut self, title: &str) {
        self.text += &format!("\n## {title}\n\n");
    }

    /// Runs `command` with these arguments, and writes both down.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn call(&mut self, mut command: Command, arguments: &[&str]) -> Output {
        let output = command.args(arguments).output().expect("the program starts");
        let answer = format!("{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
        let typed: Vec<String> = arguments.iter().map(|argument| quoted(argument)).collect();
        let shown = self.shortened(&format!("$ sluis {}\n{answer}", typed.join(" ")));
        self.text += shown.trim_end();
        self.text += "\n";
        output
    }

    /// Writes a line of its own.
    pub fn note(&mut self, line: &str) {
        let line = self.shortened(line);
        self.text += &format!("{line}\n");
    }

    /// Writes it to a file of this name in the target folder.
    ///
    /// # Panics
    ///
    /// When that cannot be written.
    pub fn keep(&self, name: &str) {
        fs::write(home::components().with_file_name(name), &self.text).expect("the target folder can be written");
    }

    /// Copies a file that was made into the target folder, under this name.
    ///
    /// # Panics
    ///
    /// When that cannot be done.
    pub fn keep_file(&self, file: &Path, name: &str) {
        fs::copy(file, home::components().with_file_name(name)).expect("what was made can be kept");
    }

    fn shortened(&self, text: &str) -> String {
        self.places.iter().fold(text.to_owned(), |text, (path, name)| text.replace(&path.display().to_string(), name))
    }
}

/// An argument as it is typed at a shell.
fn quoted(argument: &str) -> String {
    match argument {
        _ if argument.contains('\'') => format!("\"{argument}\""),
        _ if argument.contains(' ') => format!("'{argument}'"),
        _ => argument.to_owned(),
    }
}
