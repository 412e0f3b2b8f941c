//! The writer's lock: one process writes at a time.
//!
//! The lock belongs to the system: it disappears with its process, however that ends. The file
//! stays; its content only shows people who holds the lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::error::{Error, Problem, Shortened};

pub(crate) const LOCK: &str = "LOCK";

/// The right to write to a store, until it is dropped.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: File,
    process: u32,
}

impl Drop for WriterLock {
    /// A child process that is just being started shares the open file, and with it the lock.
    fn drop(&mut self) {
        if self.process == std::process::id() {
            // Closing the file releases it at the latest.
            let _ = self.file.unlock();
        }
    }
}

impl WriterLock {
    /// Takes the lock of the store in this folder, or reports its holder. Does not wait.
    pub(crate) fn take(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(LOCK);
        let failed = |cause| Error::store("lock", path.clone(), cause);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let owner = owner(&mut file);
                return Err(Error::new(Problem::Locked { store: folder.into(), owner }));
            }
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        // Without this text, for example on a full disk, only a message is shorter.
        let _ = sign(&mut file);
        Ok(Self { file, process: std::process::id() })
    }
}

/// The holder of the lock, according to the file.
fn owner(file: &mut File) -> Option<String> {
    let mut text = Vec::new();
    file.take(200).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().next().filter(|line| !line.trim().is_empty())?;
    Some(Shortened(line).to_string())
}

fn sign(file: &mut File) -> io::Result<()> {
    let mut line = format!("process {}", std::process::id());
    if let Some(host) = host() {
        line += " on ";
        line += &host;
    }
    line.push('\n');
    file.set_len(0)?;
    file.write_all(line.as_bytes())
}

fn host() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| std::env::var("HOSTNAME").ok());
    let name = name.or_else(|| std::env::var("COMPUTERNAME").ok())?;
    Some(name.trim().to_owned()).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::*;
    use crate::ErrorKind;

    const CHILD: &str = "CMETRICS_TEST_LOCKED";

    #[test]
    fn one_at_a_time_has_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let lock = WriterLock::take(folder.path()).unwrap();
        for _ in 0..2 {
            let error = WriterLock::take(folder.path()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Locked);
            let message = error.to_string();
            let start = format!(
                "the store {} is open for writing by process {}",
                folder.path().display(),
                std::process::id()
            );
            assert!(message.starts_with(&start), "{message}");
            assert!(message.ends_with("; open it read-only, or wait"), "{message}");
        }
        drop(lock);
        WriterLock::take(folder.path()).unwrap();
    }

    #[test]
    fn an_earlier_holder_of_the_lock_is_not_named() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = format!("process 1 on {}\n", "x".repeat(1_000));
        std::fs::write(folder.path().join(LOCK), long_ago).unwrap();
        let _lock = WriterLock::take(folder.path()).unwrap();
        let message = WriterLock::take(folder.path()).unwrap_err().to_string();
        assert!(!message.contains("xxx"), "{message}");
    }

    #[test]
    fn an_unusual_text_in_the_lock_is_shown_in_one_line() {
        for (text, shown) in
            [("", "another process"), ("\n", "another process"), ("a\tb\nc", "a\\tb")]
        {
            let folder = tempfile::tempdir().unwrap();
            let _lock = WriterLock::take(folder.path()).unwrap();
            std::fs::write(folder.path().join(LOCK), text).unwrap();
            let message = WriterLock::take(folder.path()).unwrap_err().to_string();
            assert!(message.contains(&format!(" by {shown}; ")), "{message}");
        }
    }

    #[test]
    fn a_missing_folder_cannot_be_locked() {
        let folder = tempfile::tempdir().unwrap();
        let error = WriterLock::take(&folder.path().join("missing")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().starts_with("cannot lock "), "{error}");
    }

    #[test]
    fn the_lock_dies_with_its_owner() {
        // The child runs this same test.
        if let Some(folder) = std::env::var_os(CHILD) {
            let _lock = WriterLock::take(Path::new(&folder)).unwrap();
            let _ = std::io::stdin().read(&mut [0]);
            std::process::exit(0);
        }
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::disk::lock::tests::the_lock_dies_with_its_owner"])
            .env(CHILD, folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let owner = format!(" by process {}", child.id());
        let mut tries = (0..2_000).map(|_| {
            std::thread::sleep(Duration::from_millis(5));
            WriterLock::take(folder.path()).is_err_and(|error| error.to_string().contains(&owner))
        });
        assert!(tries.any(|locked| locked), "the child never took the lock");
        child.kill().unwrap();
        child.wait().unwrap();
        WriterLock::take(folder.path()).unwrap();
    }
}
