//! Running the program, and dumps to feed it.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "each file of tests uses a part of it"
)]

pub(crate) mod store;

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// What the program wrote, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The points that were written as one array.
    pub(crate) fn points(&self) -> Vec<Value> {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The lines of standard error that tell of errors.
    pub(crate) fn errors(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("error: ")).collect()
    }

    #[track_caller]
    pub(crate) fn ends_with(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// That there is an error, exactly one, with each of these texts in it.
    #[track_caller]
    pub(crate) fn has_one_error_with(&self, texts: &[&str]) {
        let errors = self.errors();
        assert_eq!(errors.len(), 1, "{self:?}");
        for text in texts {
            assert!(errors[0].contains(text), "{text:?} is not in {errors:?}");
        }
    }
}

/// The program, whose answer to signals does not depend on how the tests were started.
pub(crate) fn command<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cmetrics"));
    command.args(args);
    #[cfg(unix)]
    not_ignoring_signals(&mut command);
    command
}

/// What scripts start in the background, and `nohup`, ignore signals that ask for the end; children
/// inherit that, and the program keeps to it.
#[cfg(unix)]
fn not_ignoring_signals(command: &mut Command) {
    use std::os::unix::process::CommandExt;

    // SAFETY: between fork and exec only `signal` is called, which may be called there.
    unsafe {
        command.pre_exec(|| {
            for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
                if libc::signal(signal, libc::SIG_DFL) == libc::SIG_ERR {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}

pub(crate) fn cmetrics<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    run(&mut command(args))
}

/// Without standard input.
pub(crate) fn run(command: &mut Command) -> Run {
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Run::of(output_of(piped.spawn().unwrap()))
}

/// Longer than anything takes here, whatever else the machine does.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// How a program ends, as `Child::wait` tells, but that one is killed that does not end: a failed
/// test says more than one that hangs.
#[track_caller]
pub(crate) fn status_of(child: &mut Child) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > LIMIT {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the program did not end within {LIMIT:?}");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// What a program writes to its pipes, and how it ends, as `Child::wait_with_output`, with a limit.
#[track_caller]
pub(crate) fn output_of(mut child: Child) -> Output {
    drop(child.stdin.take());
    let stdout = child.stdout.take().map(read_beside);
    let stderr = child.stderr.take().map(read_beside);
    let status = status_of(&mut child);
    // Somebody else may still have the pipe's other end.
    let all = |read: mpsc::Receiver<_>| read.recv_timeout(LIMIT).expect("the pipe stays open");
    let [stdout, stderr] = [stdout, stderr].map(|read| read.map(all).unwrap_or_default());
    Output { status, stdout, stderr }
}

fn read_beside(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut all = Vec::new();
        pipe.read_to_end(&mut all).unwrap();
        let _ = sender.send(all);
    });
    receiver
}

/// With `input` on standard input.
pub(crate) fn fed(args: &[&str], input: impl AsRef<[u8]>) -> Run {
    feed(command(args), input)
}

pub(crate) fn feed(mut command: Command, input: impl AsRef<[u8]>) -> Run {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_ref().to_vec();
    // A program that reads nothing closes the pipe: what it says then is the test's matter.
    thread::spawn(move || stdin.write_all(&input).is_ok());
    Run::of(output_of(child))
}

/// A folder with these files in it.
pub(crate) fn folder<C: AsRef<[u8]>>(
    files: impl IntoIterator<Item = (&'static str, C)>,
) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A sample so many seconds after noon, with so many nanoseconds of CPU time.
pub(crate) fn sample(second: u64, cpu: u64) -> String {
    format!(
        r#"{{"timestamp":"2026-11-21T12:{:02}:{:02}Z","cpu":{{"usage":{{"total":{cpu}}}}}}}"#,
        second / 60,
        second % 60,
    )
}

/// A dump of the container at `path` with these samples.
pub(crate) fn dump_of(path: &str, samples: &[String]) -> String {
    format!(r#"{{"{path}":{{"spec":{{"has_cpu":true}},"stats":[{}]}}}}"#, samples.join(","))
}

/// A dump of `/docker` that covers ten seconds from noon: two points, and one of a sample alone.
pub(crate) fn dump() -> String {
    dump_of("/docker", &[sample(0, 0), sample(5, 1_000), sample(10, 3_000)])
}

/// The points' starts in seconds after noon, and their CPU time.
pub(crate) fn cpu(points: &[Value]) -> Vec<(u64, Option<u64>)> {
    points
        .iter()
        .map(|point| {
            let start = point["start"].as_u64().unwrap();
            (start - 1_795_262_400, point["cpu"]["usage"].as_u64())
        })
        .collect()
}

pub(crate) const CPU_OF_DUMP: [(u64, Option<u64>); 3] =
    [(0, Some(1_000)), (5, Some(2_000)), (10, None)];

pub(crate) fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_ref()).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(text: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(text.as_ref(), 1).unwrap()
}

pub(crate) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cmetrics-core/tests/data")
}

/// The recorded dumps of these endpoints.
pub(crate) fn recorded(set: &str, endpoints: &[&str]) -> Vec<PathBuf> {
    let folder = fs::read_dir(data().join("recorded").join(set)).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        endpoints.iter().any(|endpoint| name.starts_with(&format!("{endpoint}.")))
    });
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

/// The points that an independent reading of `docs/points.md` makes.
pub(crate) fn expected(name: &str) -> Vec<Value> {
    let file = fs::File::open(data().join("expected").join(name)).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Whether two JSON values are the same, numbers as numbers.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let (left, right) = (left.as_f64().unwrap(), right.as_f64().unwrap());
            (left - right).abs() <= 1e-9 * left.abs().max(right.abs())
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|r| same(value, r)))
        }
        _ => left == right,
    }
}

#[track_caller]
pub(crate) fn assert_same_points(left: &[Value], right: &[Value]) {
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(right) {
        assert!(same(left, right), "{left}\n{right}");
    }
}
