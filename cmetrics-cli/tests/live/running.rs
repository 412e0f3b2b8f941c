//! Programs that run until they are told to end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use cmetrics_fake::{Clock, FakeMachine, MachineOptions, World};
use serde_json::Value;

use super::common::{self, LIMIT};

/// The program without what the environment says of it.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = common::command(args);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CMETRICS_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

pub(crate) fn run(args: &[&str]) -> common::Run {
    common::run(&mut command(args))
}

/// A machine with containers in real time, which were sampled for two minutes.
pub(crate) fn machine(containers: usize) -> (World, FakeMachine) {
    let world = World::new(Clock::real()).unwrap();
    let machine = world.machine(MachineOptions::default().with_containers(containers)).unwrap();
    (world, machine)
}

/// A program that runs. It is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) out: Lines,
    pub(crate) err: Lines,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, out: Lines::of(out), err: Lines::of(err) }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// How it ends.
    #[track_caller]
    pub(crate) fn status(&mut self) -> Option<i32> {
        common::status_of(&mut self.child).code()
    }

    /// Sends a signal, and how it ends then.
    #[track_caller]
    pub(crate) fn end(&mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.status()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a pipe, as they come.
pub(crate) struct Lines {
    receiver: Receiver<String>,
}

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(pipe).lines();
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { receiver }
    }

    /// The next line; none at the end.
    pub(crate) fn next(&self) -> Option<String> {
        match self.receiver.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("no line within {LIMIT:?}"),
        }
    }

    /// The next line with this text in it.
    #[track_caller]
    pub(crate) fn next_with(&self, text: &str) -> String {
        let (mut passed, started) = (Vec::new(), Instant::now());
        while let Some(line) = self.next().filter(|_| started.elapsed() < LIMIT) {
            if line.contains(text) {
                return line;
            }
            passed.push(line);
        }
        panic!("no line with {text:?}: {passed:#?}");
    }

    /// All lines that are left, once the pipe is closed.
    pub(crate) fn rest(&self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// `cmetrics serve`, and where it listens.
pub(crate) struct Serving {
    pub(crate) program: Running,
    pub(crate) address: String,
}

impl Serving {
    /// Starts it with a store there, at any free port.
    #[track_caller]
    pub(crate) fn start(store: &str, more: &[&str]) -> Self {
        let usual = ["serve", "--store", store, "--listen", "127.0.0.1:0"];
        Self::of(command(&[&usual[..], more].concat()))
    }

    #[track_caller]
    pub(crate) fn of(command: Command) -> Self {
        let program = Running::start(command);
        let line: Value = serde_json::from_str(&program.err.next_with("\"listening\"")).unwrap();
        let address = line["address"].as_str().unwrap().strip_prefix("http://").unwrap();
        Self { address: address.to_owned(), program }
    }

    /// The body of an answer to a GET, which must be good.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> String {
        let (status, body) = super::http::get(&self.address, path);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// What is found in an answer, once it is.
    #[track_caller]
    pub(crate) fn wait_for<T>(&self, path: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            let body = self.get(path);
            if let Some(found) = find(&body) {
                return found;
            }
            assert!(started.elapsed() < LIMIT, "{path}: {body}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}
