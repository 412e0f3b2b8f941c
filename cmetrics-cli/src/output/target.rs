//! The target of output: standard output, a device or pipe, or a file that is replaced as a whole.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::interrupt;
use crate::outcome::Failure;

const BUFFER: usize = 1 << 16;

/// Where output is written to, and its name in errors.
#[derive(Debug)]
pub(crate) struct Target {
    name: String,
    destination: Destination,
}

#[derive(Debug)]
enum Destination {
    StandardOutput,
    /// A device or pipe, which is written to and never replaced.
    Stream(File),
    /// A file behind all symbolic links, and the metadata of the one that it replaces.
    File {
        path: PathBuf,
        replaced: Option<Metadata>,
    },
}

/// How writing ended when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Whole,
    /// The reader closed the output.
    Closed,
}

impl Target {
    pub(crate) fn standard_output() -> Self {
        Self { name: "standard output".to_owned(), destination: Destination::StandardOutput }
    }

    /// The file at `path`, or standard output. A file is not changed yet.
    pub(crate) fn new(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::standard_output()) };
        let name = path.display().to_string();
        match Destination::at(path) {
            Ok(destination) => Ok(Self { name, destination }),
            Err(failure) => Err(Failure::Output(name, failure)),
        }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        match &self.destination {
            Destination::StandardOutput => io::stdout().is_terminal(),
            Destination::Stream(file) => file.is_terminal(),
            Destination::File { .. } => false,
        }
    }

    /// Runs `write` with the output. If it fails, a file stays as it was.
    pub(crate) fn write(
        self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Written, Failure> {
        match self.destination.write(write) {
            Ok(()) => Ok(Written::Whole),
            Err(failure) if failure.kind() == io::ErrorKind::BrokenPipe => Ok(Written::Closed),
            Err(failure) => Err(Failure::Output(self.name, failure)),
        }
    }
}

impl Destination {
    fn at(path: &Path) -> io::Result<Self> {
        // Opened to check that it may be written: replacing it needs only the folder's permission.
        match File::options().write(true).open(path) {
            Ok(file) => {
                let metadata = file.metadata()?;
                if metadata.is_file() {
                    Ok(Self::File { path: resolve_links(path)?, replaced: Some(metadata) })
                } else {
                    Ok(Self::Stream(file))
                }
            }
            Err(failure) if failure.kind() == io::ErrorKind::NotFound => {
                let path = resolve_links(path)?;
                fs::metadata(folder_of(&path))?;
                Ok(Self::File { path, replaced: None })
            }
            Err(failure) => Err(failure),
        }
    }

    fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match self {
            Self::StandardOutput => buffered(io::stdout().lock(), write),
            Self::Stream(file) => buffered(file, write),
            Self::File { path, replaced } => replace_whole(&path, replaced.as_ref(), write),
        }
    }
}

/// Writes a file as the command writes its output: it is replaced as a whole or stays as it was. A
/// device or pipe is written to directly.
///
/// # Errors
/// Where the file cannot be written, and the errors of `write`.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    Destination::at(path)?.write(write)
}

/// The path behind all symbolic links. Unlike `canonicalize`, it need not exist.
fn resolve_links(path: &Path) -> io::Result<PathBuf> {
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn buffered(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    let written = write(&mut out).and_then(|()| out.flush());
    if written.is_err() {
        // Without another attempt to write the rest of the buffer.
        drop(out.into_parts());
    }
    written
}

/// Writes a temporary file beside the one at `path`, and then moves it there.
fn replace_whole(
    path: &Path,
    replaced: Option<&Metadata>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let file = interrupt::remove_on_interrupt(|| temporary_beside(path))?;
    let written = buffered(file.as_file(), write)
        .and_then(|()| {
            replaced.map_or(Ok(()), |replaced| copy_owner_and_permissions(file.as_file(), replaced))
        })
        // A file that is in place after a crash must be whole, too.
        .and_then(|()| file.as_file().sync_all());
    let result = match written {
        Ok(()) => file.persist(path).map(drop).map_err(|failure| failure.error),
        Err(failure) => file.close().and(Err(failure)),
    };
    interrupt::keep();
    result
}

#[cfg(unix)]
fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;

    // The process's mask applies to these as to those of any new file.
    let ordinary = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".cmetrics-").permissions(ordinary).tempfile_in(folder_of(path))
}

#[cfg(not(unix))]
fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".cmetrics-").tempfile_in(folder_of(path))
}

/// Sets the permissions and, if allowed, the owner of a file to those of the one that it replaces.
fn copy_owner_and_permissions(file: &File, replaced: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Only root may change the owner; for others it stays, as with any copy.
        let _ = fchown(file, Some(replaced.uid()), Some(replaced.gid()));
    }
    file.set_permissions(replaced.permissions())
}
