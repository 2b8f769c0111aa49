//! A confined process tries to get out, in every way that we could think of. Each attempt is made by a process of its own: this program, started again.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::ptrace;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::kill;
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use nix::unistd::Pid;
use sluis_confine::{Confinement, Network};

/// How an attempt must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Must {
    /// It works: this is what is left.
    Work,
    /// The system says no.
    Fail,
    /// The process is ended for it.
    End,
}

/// What an attempt needs to know: an address that listens outside, a file that may be read, one that may not, and a folder in which some may write.
struct Outside {
    address: String,
    allowed: String,
    secret: String,
    writable: String,
}

struct Attempt {
    name: &'static str,
    network: Network,
    /// Bytes that the file may have which it is handed as standard input.
    largest_file: u64,
    /// Whether there is a folder in which it may write; then the second wall is not built.
    compiles: bool,
    must: Must,
    make: fn(&Outside) -> io::Result<()>,
}

const fn attempt(name: &'static str, must: Must, make: fn(&Outside) -> io::Result<()>) -> Attempt {
    Attempt { name, network: Network::None, largest_file: 0, compiles: false, must, make }
}

const fn isolated(name: &'static str, must: Must, make: fn(&Outside) -> io::Result<()>) -> Attempt {
    Attempt { name, network: Network::Isolated, largest_file: 0, compiles: false, must, make }
}

const fn spooling(name: &'static str, must: Must, make: fn(&Outside) -> io::Result<()>) -> Attempt {
    Attempt { name, network: Network::None, largest_file: 1 << 16, compiles: false, must, make }
}

const fn compiling(name: &'static str, must: Must, make: fn(&Outside) -> io::Result<()>) -> Attempt {
    Attempt { name, network: Network::None, largest_file: 0, compiles: true, must, make }
}

/// The file that the process was handed.
fn handed() -> io::Result<File> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

const ATTEMPTS: &[Attempt] = &[
    attempt("compute, allocate, sleep, start threads", Must::Work, |_| {
        let sum = std::thread::spawn(|| vec![1_u64; 1 << 22].iter().sum::<u64>()).join();
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(sum.expect("the thread ends"), 1 << 22);
        Ok(())
    }),
    attempt("read what may be read", Must::Work, |o| fs::read(&o.allowed).map(|_| ())),
    attempt("read a secret", Must::Fail, |o| fs::read(&o.secret).map(|_| ())),
    attempt("read a secret by another way", Must::Fail, |o| {
        let dots = Path::new(&o.allowed).parent().expect("it lies in a folder").join("../secret/root.key");
        fs::read(dots).map(|_| ())
    }),
    attempt("list the root folder", Must::Fail, |_| fs::read_dir("/").map(|_| ())),
    attempt("write where reading is allowed", Must::Fail, |o| File::create(&o.allowed).map(|_| ())),
    attempt("write to the disk", Must::Fail, |o| File::create(format!("{}.new", o.secret)).map(|_| ())),
    attempt("write to the temporary folder", Must::Fail, |_| {
        File::create(std::env::temp_dir().join("sluis-has-escaped")).map(|_| ())
    }),
    attempt("write to shared memory", Must::Fail, |_| File::create("/dev/shm/sluis-has-escaped").map(|_| ())),
    attempt("delete a file", Must::Fail, |o| fs::remove_file(&o.allowed)),
    attempt("rename a file", Must::Fail, |o| fs::rename(&o.allowed, format!("{}.moved", o.allowed))),
    attempt("connect", Must::Fail, |o| TcpStream::connect(&o.address).map(|_| ())),
    attempt("send a datagram", Must::Fail, |o| UdpSocket::bind("0.0.0.0:0")?.send_to(b"face", &o.address).map(|_| ())),
    attempt("listen", Must::Fail, |_| TcpListener::bind("127.0.0.1:0").map(|_| ())),
    attempt("speak to a local service", Must::Fail, |_| UnixDatagram::unbound().map(|_| ())),
    attempt("listen to local programs", Must::Fail, |o| UnixListener::bind(format!("{}.socket", o.secret)).map(|_| ())),
    attempt("look into the parent's memory", Must::Fail, |_| {
        File::open(format!("/proc/{}/mem", std::os::unix::process::parent_id())).map(|_| ())
    }),
    attempt("end the parent", Must::Fail, |_| {
        Ok(kill(Pid::from_raw(std::os::unix::process::parent_id() as i32), None)?)
    }),
    attempt("start a program", Must::Fail, |_| Command::new("/bin/true").status().map(|_| ())),
    attempt("become a program", Must::End, |_| {
        use std::os::unix::process::CommandExt;
        Err(Command::new("/bin/true").exec())
    }),
    attempt("trace", Must::End, |_| Ok(ptrace::traceme()?)),
    attempt("make a namespace", Must::End, |_| Ok(unshare(CloneFlags::CLONE_NEWUSER)?)),
    attempt("make an anonymous file", Must::End, |_| Ok(memfd_create("hidden", MFdFlags::empty()).map(|_| ())?)),
    attempt("raise a limit", Must::Fail, |_| Ok(setrlimit(Resource::RLIMIT_FSIZE, 1 << 30, 1 << 30)?)),
    attempt("read a limit", Must::Work, |_| Ok(getrlimit(Resource::RLIMIT_FSIZE).map(|_| ())?)),
    attempt("mount", Must::End, |_| {
        Ok(mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, None::<&str>)?)
    }),
    attempt("write to a file that it was handed", Must::End, |_| handed()?.write_all(b"face")),
    spooling("spool: write, read, empty", Must::Work, |_| {
        let file = handed()?;
        file.write_all_at(&[7; 1 << 15], 1 << 15)?;
        let mut read = [0; 1 << 15];
        file.read_exact_at(&mut read, 1 << 15)?;
        assert_eq!(read, [7; 1 << 15]);
        file.set_len(0)
    }),
    spooling("spool: write beyond the limit", Must::End, |_| handed()?.write_all_at(&[7; 2], 1 << 16)),
    spooling("spool: grow beyond the limit", Must::End, |_| handed()?.set_len((1 << 16) + 1)),
    spooling("spool: write to the disk", Must::Fail, |o| File::create(format!("{}.new", o.secret)).map(|_| ())),
    compiling("compile: write a file and give it a name", Must::Work, |o| {
        let (file, name) = (format!("{}/new", o.writable), format!("{}/code", o.writable));
        fs::write(&file, b"code")?;
        fs::rename(file, &name)?;
        fs::read(&name)?;
        fs::remove_file(name)
    }),
    compiling("compile: read what may be read", Must::Work, |o| fs::read(&o.allowed).map(|_| ())),
    compiling("compile: read a secret", Must::Fail, |o| fs::read(&o.secret).map(|_| ())),
    compiling("compile: write where reading is allowed", Must::Fail, |o| File::create(&o.allowed).map(|_| ())),
    compiling("compile: write to the disk", Must::Fail, |o| File::create(format!("{}.new", o.secret)).map(|_| ())),
    compiling("compile: put a file elsewhere", Must::Fail, |o| {
        let file = format!("{}/new", o.writable);
        fs::write(&file, b"code")?;
        let moved = fs::rename(&file, format!("{}.moved", o.allowed));
        fs::remove_file(file)?;
        moved
    }),
    compiling("compile: make a link", Must::Fail, |o| {
        std::os::unix::fs::symlink(&o.secret, format!("{}/link", o.writable))
    }),
    compiling("compile: start a program that was written", Must::Fail, |o| {
        use std::os::unix::fs::OpenOptionsExt;
        let file = format!("{}/program", o.writable);
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o700)
            .open(&file)?
            .write_all(b"#!/bin/true\n")?;
        let started = Command::new(&file).status().map(|_| ());
        fs::remove_file(file)?;
        started
    }),
    isolated("isolated: speak to itself", Must::Work, |_| {
        let here = TcpListener::bind("127.0.0.1:0")?;
        let mut there = TcpStream::connect_timeout(&here.local_addr()?, Duration::from_secs(5))?;
        there.write_all(b"OPTIONS")?;
        let mut heard = [0; 7];
        here.accept()?.0.read_exact(&mut heard)
    }),
    isolated("isolated: reach the documentation's network", Must::Fail, |_| {
        TcpStream::connect_timeout(&"192.0.2.1:80".parse().expect("it is an address"), Duration::from_secs(5))
            .map(|_| ())
    }),
    isolated("isolated: connect", Must::Fail, |o| TcpStream::connect(&o.address).map(|_| ())),
    isolated("isolated: send a datagram and be heard", Must::Fail, |o| {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.connect(&o.address)?;
        socket.send(b"face")?;
        // Nobody is there in this namespace: the kernel says so at the next call.
        socket.send(b"face").map(|_| ())
    }),
    isolated("isolated: configure the network", Must::Fail, |_| {
        Ok(socket(AddressFamily::Netlink, SockType::Raw, SockFlag::empty(), SockProtocol::NetlinkRoute).map(|_| ())?)
    }),
    isolated("isolated: read packets", Must::Fail, |_| {
        Ok(socket(AddressFamily::Packet, SockType::Raw, SockFlag::empty(), SockProtocol::EthAll).map(|_| ())?)
    }),
];

fn main() -> ExitCode {
    if let Ok(name) = std::env::var("SLUIS_ATTEMPT") {
        return try_it(&name);
    }
    let arguments = Arguments::from_args();
    let trials = ATTEMPTS.iter().map(|attempt| Trial::test(attempt.name, move || watch(attempt))).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Confines this process and makes the attempt: exit code 0 when it worked, 10 when it failed.
fn try_it(name: &str) -> ExitCode {
    let attempt = ATTEMPTS.iter().find(|a| a.name == name).expect("there is such an attempt");
    let given = |what: &str| std::env::var(what).expect("the parent has said");
    let outside = Outside {
        address: given("SLUIS_ADDRESS"),
        allowed: given("SLUIS_ALLOWED"),
        secret: given("SLUIS_SECRET"),
        writable: given("SLUIS_WRITABLE"),
    };
    let (network, largest_file) = (attempt.network, attempt.largest_file);
    let write = attempt.compiles.then(|| outside.writable.clone().into()).into_iter().collect();
    let read = vec![outside.allowed.clone().into()];
    let confinement = Confinement { read, write, devices: vec![], network, largest_file };
    // A thread that was there when the second wall was built is behind it too.
    let confined = confinement.begin().expect("the first walls are built");
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let make = attempt.make;
    let thread = std::thread::spawn(move || {
        wait.recv().expect("the main thread lives");
        make(&outside)
    });
    if !attempt.compiles {
        confined.seal().expect("the second wall is built");
    }
    go.send(()).expect("the thread lives");
    match thread.join().expect("the thread ends") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error was open before: it stays.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(10)
        }
    }
}

fn watch(attempt: &Attempt) -> Result<(), Failed> {
    let (folder, writable) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (allowed, secret) = (folder.path().join("models/face.onnx"), folder.path().join("secret/root.key"));
    for file in [&allowed, &secret] {
        fs::create_dir_all(file.parent().expect("it lies in a folder"))?;
        fs::write(file, b"0123")?;
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let outcome = Command::new(std::env::current_exe()?)
        .env("SLUIS_ATTEMPT", attempt.name)
        .env("SLUIS_ADDRESS", listener.local_addr()?.to_string())
        .env("SLUIS_ALLOWED", &allowed)
        .env("SLUIS_SECRET", &secret)
        .env("SLUIS_WRITABLE", writable.path())
        .stdin(tempfile::tempfile()?)
        .output()?;
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let got = match (outcome.status.code(), outcome.status.signal()) {
        (Some(0), _) => Must::Work,
        (Some(10), _) => Must::Fail,
        (_, Some(libc::SIGSYS | libc::SIGXFSZ)) => Must::End,
        _ => return Err(format!("it ended with {}: {said}", outcome.status).into()),
    };
    if got != attempt.must {
        return Err(format!("it must {:?}, and it did {got:?}: {said}", attempt.must).into());
    }
    if listener.accept().is_ok() {
        return Err("somebody connected".into());
    }
    if fs::read(&allowed)? != b"0123"
        || fs::read_dir(folder.path())?.count() != 2
        || fs::read_dir(writable.path())?.count() != 0
    {
        return Err("something was written".into());
    }
    if Path::new("/dev/shm/sluis-has-escaped").exists() || std::env::temp_dir().join("sluis-has-escaped").exists() {
        return Err("something was written outside".into());
    }
    Ok(())
}
