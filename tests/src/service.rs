//! `sluis run`, as systemd would run it: started, listened to, asked for its health, and told to stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{errors, sluis};

/// A running service. It is ended by force when it is dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    events: Receiver<Value>,
    /// What was heard so far.
    pub heard: Vec<Value>,
    file: PathBuf,
    address: Option<String>,
}

/// What a notice tells besides: of a shop that is none.
pub const NOTICE: &str = "[notice]\nurl = \"https://www.example.nl/privacy\"\npurposes = [\"To try the program out\"]\n\
    balancing = \"Nobody is in these pictures but who tests.\"\nroute = \"There is nothing to be bought here.\"\n\
    employees = \"Nobody works here but the machine.\"\n\
    [notice.controller]\nname = \"Test\"\naddress = \"Teststraat 1, Test\"\nemail = \"test@example.nl\"\n";

/// What a server at this address answers to `GET path`: code, head and body.
///
/// # Panics
///
/// When it does not answer.
pub fn get(address: &str, path: &str) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).expect("it serves");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("it listens");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer of HTTP has a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("an answer of HTTP has a code");
    (code, head, answer[end + 4..].to_vec())
}

/// How long anything may take that a service does.
const PATIENCE: Duration = Duration::from_secs(90);

impl Service {
    /// Starts a service of these cameras (tables of `sluis.toml`, and any others) in `folder`.
    ///
    /// # Panics
    ///
    /// When the program cannot be started.
    pub fn start(home: &Path, folder: &Path, tables: &str) -> Self {
        Self::start_by(sluis(home), folder, tables)
    }

    /// The same, with `program` for the program: it may be one that runs it.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn start_by(mut program: Command, folder: &Path, tables: &str) -> Self {
        let file = folder.join("sluis.toml");
        write(&file, tables);
        let mut child = program
            .args(["run", "--config"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = BufReader::new(child.stderr.take().expect("it was asked for"));
        let (tell, events) = mpsc::channel();
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if tell.send(event).is_err() {
                    return;
                }
            }
        });
        Self { child, events, heard: Vec::new(), file, address: None }
    }

    /// Writes the configuration that a service in `folder` is started with, before it is.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write_configuration(folder: &Path, tables: &str) {
        write(&folder.join("sluis.toml"), tables);
    }

    /// Waits for an event of this name for which `is` says yes.
    ///
    /// # Panics
    ///
    /// When it does not come; the message has what came.
    pub fn wait_for(&mut self, name: &str, is: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let Ok(event) = self.events.recv_timeout(end.saturating_duration_since(Instant::now())) else {
                panic!("`{name}` was not told; told were {:#?}", self.heard);
            };
            if event["event"] == "serving" {
                let message = event["message"].as_str().unwrap_or_default();
                let address = message.split("http://").nth(1).and_then(|rest| rest.split('/').next());
                self.address = address.map(str::to_owned);
            }
            self.heard.push(event.clone());
            if event["event"] == name && is(&event) {
                return event;
            }
        }
    }

    /// As [`wait_for`](Self::wait_for), whatever it says.
    pub fn wait(&mut self, name: &str) -> Value {
        self.wait_for(name, |_| true)
    }

    /// Code and body of a page.
    ///
    /// # Panics
    ///
    /// When nothing is served.
    pub fn page(&self, path: &str) -> (u16, String) {
        let address = self.address.as_deref().expect("it has said where it serves");
        let (code, _, body) = get(address, path);
        (code, String::from_utf8(body).expect("pages are text"))
    }

    /// A metric: the sum over all lines of this name whose labels hold `label`.
    pub fn metric(&self, name: &str, label: &str) -> f64 {
        let (_, page) = self.page("/metrics");
        let of_name = |line: &&str| line.starts_with(name) && line[name.len()..].starts_with(['{', ' ']);
        let lines = page.lines().filter(of_name).filter(|line| line.contains(label));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Waits until something is so.
    ///
    /// # Panics
    ///
    /// When it does not come about.
    pub fn until(&mut self, what: &str, is: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is(self) {
            assert!(Instant::now() < end, "{what} did not come about; told were {:#?}", self.heard);
            self.heard.extend(self.events.try_iter());
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// The process that sees.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn eye(&self) -> u32 {
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        let children = std::fs::read_to_string(children).expect("the service runs");
        children.split_whitespace().next().and_then(|id| id.parse().ok()).expect("it has started the process that sees")
    }

    /// The process that keeps.
    pub fn keep(&self) -> u32 {
        self.child.id()
    }

    /// Writes another configuration and has it read.
    pub fn reload(&self, tables: &str) {
        write(&self.file, tables);
        signal(self.child.id(), "HUP");
    }

    /// Publishes the notice of the configuration, in the name of a privacy officer, who is added when there is none. The vault must be there.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub fn publish(&self, home: &Path) {
        let key = self.file.with_file_name("officer.key");
        if !key.exists() {
            let mut add = sluis(home);
            add.args(["staff", "add", "officer", "--role", "privacy-officer", "--key"]).arg(&key);
            done(add.arg("--config").arg(&self.file));
        }
        let mut publish = sluis(home);
        publish.args(["notice", "publish", "--reason", "a test", "--as"]).arg(&key);
        done(publish.arg("--config").arg(&self.file));
    }

    /// Ends it gracefully.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn stop(&mut self) -> ExitStatus {
        signal(self.child.id(), "TERM");
        self.ended()
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            self.heard.extend(self.events.try_iter());
            if let Some(status) = self.child.try_wait().expect("it is a child of this process") {
                self.heard.extend(self.events.iter());
                return status;
            }
            assert!(Instant::now() < end, "the service did not end; told were {:#?}", self.heard);
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// What it has said at its end of all frames of a camera: what entered, and the four fates.
    ///
    /// # Panics
    ///
    /// When it has not said it.
    pub fn totals(&self, camera: &str) -> (u64, [u64; 4]) {
        let told = self.heard.iter().find(|e| e["event"] == "totals" && e["camera"] == camera);
        let message = told.and_then(|event| event["message"].as_str()).unwrap_or_default();
        let numbers: Vec<u64> = message.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
        match numbers[..] {
            [entered, recorded, quarantined, blanked, dropped] => (entered, [recorded, quarantined, blanked, dropped]),
            _ => panic!("no totals of {camera}: {:#?}", self.heard),
        }
    }

    /// Whether an event of this name was told.
    pub fn told(&self, name: &str) -> bool {
        self.heard.iter().any(|event| event["event"] == name)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn done(command: &mut Command) {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?} ended with {}:\n{}", output.status, errors(&output));
}

/// Sends a signal to a process by its number.
///
/// # Panics
///
/// When there is no such process.
pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status();
    assert!(sent.expect("`kill` can be run").success(), "process {process} is not there");
}

fn write(file: &Path, tables: &str) {
    let text = format!(
        "[shop]\nid = \"test\"\nname = \"Test\"\ntime-zone = \"Europe/Amsterdam\"\n\
         [vault]\ndir = \"vault\"\nstop-below-gib = 0\n[service]\nlisten = \"127.0.0.1:0\"\n{tables}"
    );
    std::fs::write(file, text).expect("the temporary folder can be written");
}
