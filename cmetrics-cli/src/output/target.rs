//! Where output goes: standard output, a device or pipe, or a file that is whole or not there.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::interrupt;
use crate::outcome::Failure;

const BUFFER: usize = 1 << 16;

/// What the output is called in errors, and what it is.
#[derive(Debug)]
pub(crate) struct Target {
    name: String,
    destination: Destination,
}

#[derive(Debug)]
enum Destination {
    StandardOutput,
    /// A device or pipe: it is written through, never replaced.
    Stream(File),
    /// A file, at the end of all symbolic links, and the one that it replaces.
    File {
        path: PathBuf,
        replaced: Option<Metadata>,
    },
}

/// How writing ended where it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Whole,
    /// Whoever reads the output has seen enough.
    Closed,
}

impl Target {
    pub(crate) fn standard_output() -> Self {
        Self { name: "standard output".to_owned(), destination: Destination::StandardOutput }
    }

    /// The file at `path`, or standard output. A file is not touched yet.
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

    /// Writes all that `write` writes. Where that fails, a file stays as it was.
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
        // Opened to see whether it may be written, as an ordinary program would find out.
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

/// Writes a file as the command writes its output: it is whole or as it was. A device or pipe is
/// written through.
///
/// # Errors
/// Where it cannot be written, and what `write` fails with.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    Destination::at(path)?.write(write)
}

/// What a path leads to; unlike `canonicalize` also where nothing is there yet.
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
        // What is left in the buffer has nowhere to go.
        drop(out.into_parts());
    }
    written
}

/// Writes a file beside the one at `path` and then puts it in its place.
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
        // A file that is in place after a crash must be whole then, too.
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

    // The process's mask takes away from these what it takes from those of any new file.
    let ordinary = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".cmetrics-").permissions(ordinary).tempfile_in(folder_of(path))
}

#[cfg(not(unix))]
fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".cmetrics-").tempfile_in(folder_of(path))
}

/// Gives a file the owner, where we may, and the permissions of the one that it replaces.
fn copy_owner_and_permissions(file: &File, replaced: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Only root may give files away; for others the owner stays, as with any copy.
        let _ = fchown(file, Some(replaced.uid()), Some(replaced.gid()));
    }
    file.set_permissions(replaced.permissions())
}
