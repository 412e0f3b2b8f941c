//! Files and folders of dumps.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::cancel::Cancel;
use crate::error::{Error, Problem};

/// How the name of the machine that a dump comes from is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MachineName {
    /// Machines have no names: all dumps come from one machine.
    #[default]
    None,
    /// All dumps come from the machine of this name.
    Given(String),
    /// A machine's name is the name of the folder that contains its dumps.
    Folder,
}

impl MachineName {
    /// The machine of the dump at `path`.
    pub(super) fn of(&self, path: &Path) -> Option<String> {
        match self {
            Self::None => None,
            Self::Given(name) => Some(name.clone()),
            Self::Folder => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
                Some(folder.file_name()?.to_string_lossy().into_owned())
            }
        }
    }
}

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Whether it was found in a folder. Such a file need not be a dump.
    pub(super) found: bool,
    /// Its stored length, in bytes.
    pub(super) bytes: u64,
}

/// The file at `path`, or all files below the folder at `path` in the order of their names. If it is
/// cancelled, returns the files that were found until then.
pub(super) fn files(path: &Path, cancel: &Cancel, unreadable: &mut Vec<Error>) -> Vec<File> {
    match fs::metadata(path) {
        Err(failure) => {
            unreadable.push(io_error(path, failure));
            Vec::new()
        }
        Ok(metadata) if !metadata.is_dir() => {
            vec![File { path: path.to_owned(), found: false, bytes: metadata.len() }]
        }
        Ok(_) => WalkDir::new(path)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter()
            .take_while(|_| !cancel.is_cancelled())
            .filter_map(|entry| found(entry, path, unreadable))
            .collect(),
    }
}

fn found(
    entry: walkdir::Result<walkdir::DirEntry>,
    below: &Path,
    unreadable: &mut Vec<Error>,
) -> Option<File> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(failure) => {
            let path = failure.path().unwrap_or(below).to_owned();
            unreadable.push(io_error(&path, failure.into()));
            return None;
        }
    };
    if !entry.file_type().is_file() {
        return None;
    }
    let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
    Some(File { path: entry.into_path(), found: true, bytes })
}

#[cold]
pub(super) fn io_error(path: &Path, failure: io::Error) -> Error {
    Error::new(Problem::Io(failure)).in_source(&path.to_string_lossy().into())
}
