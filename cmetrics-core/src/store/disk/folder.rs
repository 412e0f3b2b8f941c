//! A folder of the file system.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{AppendFile, Disk, ReadFile, too_short};

#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

#[derive(Debug)]
struct Plain(File);

impl Folder {
    /// An existing folder.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Creates a folder, and missing folders above it.
    pub(crate) fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let missing: Vec<_> = path.ancestors().take_while(|folder| !is_there(folder)).collect();
        fs::create_dir_all(&path)?;
        for folder in missing {
            // A relative path of one name has the parent "".
            let around = folder.parent().filter(|around| *around != Path::new(""));
            sync_folder(around.unwrap_or(Path::new(".")))?;
        }
        Ok(Self { path })
    }
}

fn is_there(folder: &Path) -> bool {
    folder == Path::new("") || folder.is_dir()
}

impl Disk for Folder {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if entry.file_type()?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadFile>> {
        Ok(Arc::new(Plain(File::open(self.path(name))?)))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn AppendFile>> {
        let file = OpenOptions::new().write(true).create_new(true).open(self.path(name))?;
        Ok(Arc::new(Plain(file)))
    }

    fn open_append(&self, name: &str, length: u64) -> io::Result<Arc<dyn AppendFile>> {
        let mut file = OpenOptions::new().write(true).open(self.path(name))?;
        let found = file.metadata()?.len();
        if found < length {
            return Err(too_short(found, length));
        }
        file.set_len(length)?;
        // Otherwise, after a loss of power, truncated data could lie behind what is appended.
        file.sync_data()?;
        file.seek(SeekFrom::Start(length))?;
        Ok(Arc::new(Plain(file)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn sync(&self) -> io::Result<()> {
        sync_folder(&self.path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn boot(&self) -> Option<u64> {
        // Available on Linux only.
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
        u64::from_str_radix(digits.get(..16)?, 16).ok()
    }
}

impl AppendFile for Plain {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.0).write_all(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

impl ReadFile for Plain {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        // The system reports an offset beyond any file as an invalid argument.
        if i64::try_from(offset.saturating_add(buffer.len() as u64)).is_err() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        std::os::unix::fs::FileExt::read_exact_at(&self.0, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(&self.0, buffer, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    buffer = buffer.get_mut(read..).unwrap_or_default();
                    offset += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    #[cfg(not(any(unix, windows)))]
    fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some network file systems do not support this, and do not need it.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as it is elsewhere")]
fn sync_folder(_: &Path) -> io::Result<()> {
    // A folder cannot be opened there, and its names are journaled.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::simulated::Simulated;
    use super::*;

    /// Checks what every disk must do.
    fn goes_through_a_life(disk: &dyn Disk) {
        let kind = |result: io::Result<()>| result.map_err(|error| error.kind());
        assert_eq!(kind(disk.open("a").map(drop)), Err(io::ErrorKind::NotFound));
        let file = disk.create("a").unwrap();
        assert_eq!(kind(disk.create("a").map(drop)), Err(io::ErrorKind::AlreadyExists));
        file.write(b"some ").unwrap();
        file.write(b"words").unwrap();
        file.sync().unwrap();
        disk.sync().unwrap();

        let reader = disk.open("a").unwrap();
        assert_eq!(reader.length().unwrap(), 10);
        let mut bytes = [0; 5];
        reader.read_at(&mut bytes, 4).unwrap();
        assert_eq!(&bytes, b" word");
        for offset in [6, 10, 11, 1 << 62, u64::MAX] {
            let read = reader.read_at(&mut bytes, offset);
            assert_eq!(kind(read), Err(io::ErrorKind::UnexpectedEof), "at {offset}");
        }
        reader.read_at(&mut [], 10).unwrap();

        assert_eq!(kind(disk.open_append("a", 11).map(drop)), Err(io::ErrorKind::UnexpectedEof));
        assert_eq!(kind(disk.open_append("b", 0).map(drop)), Err(io::ErrorKind::NotFound));
        let file = disk.open_append("a", 5).unwrap();
        assert_eq!(reader.length().unwrap(), 5);
        file.write(b"paper").unwrap();
        reader.read_at(&mut bytes, 5).unwrap();
        assert_eq!(&bytes, b"paper");

        disk.create("b").unwrap().write(b"b").unwrap();
        disk.rename("a", "b").unwrap();
        assert_eq!(disk.list().unwrap(), ["b"]);
        assert_eq!(disk.open("b").unwrap().length().unwrap(), 10);
        assert_eq!(kind(disk.rename("a", "b")), Err(io::ErrorKind::NotFound));
        assert_eq!(kind(disk.remove("a")), Err(io::ErrorKind::NotFound));
        disk.remove("b").unwrap();
        assert!(disk.list().unwrap().is_empty());
        assert!(disk.path("x").ends_with("x"));
    }

    #[test]
    fn a_folder_and_a_simulated_disk_do_the_same() {
        let folder = tempfile::tempdir().unwrap();
        goes_through_a_life(&Folder::new(folder.path()));
        goes_through_a_life(&Simulated::new());
    }

    #[test]
    fn a_folder_is_made_with_those_around_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c");
        for _ in 0..2 {
            let made = Folder::create(&path).unwrap();
            made.sync().unwrap();
            assert!(path.is_dir());
        }
        fs::write(folder.path().join("file"), b"").unwrap();
        assert!(Folder::create(folder.path().join("file/a")).is_err());
    }

    #[test]
    fn folders_in_the_folder_are_no_files_of_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("b"), b"").unwrap();
        assert_eq!(Folder::new(folder.path()).list().unwrap(), ["b"]);
    }
}
