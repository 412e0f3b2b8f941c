//! The list of machines in the store's folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::machine::Machine;

const NAME: &str = "machines.json";
const VERSION: u32 = 1;

/// A machine, and who was found at its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedMachine {
    #[serde(flatten)]
    pub(crate) machine: Machine,
    /// Another one there is another machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) machine_id: Option<String>,
}

/// The file that lists machines. It is replaced as a whole.
#[derive(Debug)]
pub(crate) struct MachinesFile {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    machines: Vec<ListedMachine>,
}

impl MachinesFile {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// The machines that are listed: none if there is no file.
    pub(crate) fn read(&self) -> Result<Vec<ListedMachine>, Error> {
        let text = match fs::read(self.path()) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(self.failed("could not be read", &cause)),
        };
        let damaged = |what: &dyn std::fmt::Display| {
            let advice = "correct it, or remove it and add the machines again";
            let message = format!("{}: {what}; {advice}", self.path().display());
            Error::new(ErrorKind::Machines, message)
        };
        let content: Content = serde_json::from_slice(&text).map_err(|cause| damaged(&cause))?;
        if content.version != VERSION {
            let what = format!("version {} is not known, only {VERSION}", content.version);
            return Err(damaged(&what));
        }
        Ok(content.machines)
    }

    /// Replaces the list. When this returns, it outlasts a loss of power.
    pub(crate) fn write(&self, machines: Vec<ListedMachine>) -> Result<(), Error> {
        let content = Content { version: VERSION, machines };
        let written = serde_json::to_vec_pretty(&content)
            .map_err(io::Error::from)
            .and_then(|text| self.replace(&text));
        written.map_err(|cause| self.failed("could not be written", &cause))
    }

    fn replace(&self, text: &[u8]) -> io::Result<()> {
        let new = self.folder.join(format!("{NAME}.new"));
        let mut file = File::create(&new)?;
        file.write_all(text)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&new, self.path())?;
        sync_folder(&self.folder)
    }

    #[cold]
    fn failed(&self, what: &str, cause: &io::Error) -> Error {
        let message = format!("{}: the list of machines {what}: {cause}", self.path().display());
        Error::new(ErrorKind::Machines, message)
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as elsewhere")]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_read_back_and_damage_is_told_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = MachinesFile::in_folder(folder.path());
        assert_eq!(file.read().unwrap(), []);
        let machine = Machine::new(None, "node7".parse().unwrap());
        let listed = ListedMachine { machine, machine_id: Some("ab".to_owned()) };
        file.write(vec![listed.clone()]).unwrap();
        assert_eq!(file.read().unwrap(), [listed]);

        for text in
            ["", "{\"version\": 2, \"machines\": []}", "{\"version\": 1, \"machines\": [{}]}"]
        {
            fs::write(folder.path().join(NAME), text).unwrap();
            let error = file.read().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Machines);
            assert!(error.to_string().contains("machines.json"), "{error}");
        }
    }
}
