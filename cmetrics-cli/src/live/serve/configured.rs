//! The machines that the configuration names, beside those that clients add.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use cmetrics_live::{ErrorKind, Live, Machine};

/// The names of the machines that came from the configuration. They are kept in the store's folder,
/// so that one which the configuration names no longer is removed, even after a restart.
#[derive(Debug)]
pub(super) struct Configured {
    path: PathBuf,
    names: BTreeSet<String>,
}

const FILE: &str = "configured.json";

impl Configured {
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join(FILE);
        let failed = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let names = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| failed(&error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => return Err(failed(&error)),
        };
        Ok(Self { path, names })
    }

    /// Makes the machines of the configuration those that are polled, and removes those that it
    /// named before. Returns what is wrong with them, and then nothing has changed, or what could
    /// not be done.
    pub(super) fn apply(&mut self, live: &Live, machines: &[Machine]) -> Vec<String> {
        let mut problems = problems_of(live, machines);
        if !problems.is_empty() {
            return problems;
        }
        let now: BTreeSet<_> = machines.iter().map(|machine| machine.name.clone()).collect();
        for name in self.names.difference(&now) {
            if let Err(error) = live.remove(name) {
                problems.push(problem(name, &error));
            }
        }
        for machine in machines {
            if let Err(error) = add(live, machine) {
                problems.push(problem(&machine.name, &error));
            }
        }
        if now != self.names {
            self.names = now;
            if let Err(error) = self.write() {
                problems.push(format!("{}: {error}", self.path.display()));
            }
        }
        problems
    }

    fn write(&self) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, &self.names)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map(drop).map_err(|failed| failed.error)
    }
}

/// What is wrong with the machines of a configuration, which names each once.
pub(super) fn problems_of(live: &Live, machines: &[Machine]) -> Vec<String> {
    let problem_of = |machine: &Machine| {
        let error = live.check(machine).err()?;
        Some(problem(&machine.name, &error))
    };
    machines.iter().filter_map(problem_of).collect()
}

fn problem(name: &str, error: &cmetrics_live::Error) -> String {
    let remedy = match error.kind() {
        ErrorKind::NotAllowed => " (--network LIST, --socket)",
        _ => "",
    };
    format!("the machine {name}: {error}{remedy}")
}

/// Adds a machine; the configuration decides where it is asked.
fn add(live: &Live, machine: &Machine) -> Result<(), cmetrics_live::Error> {
    match live.add(machine.clone()) {
        Err(error) if error.kind() == ErrorKind::NameTaken => {
            live.remove(&machine.name)?;
            live.add(machine.clone()).map(drop)
        }
        added => added.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use cmetrics_core::Store;
    use cmetrics_core::store::StoreOptions;
    use cmetrics_live::LiveOptions;

    use super::super::super::machines::machine;
    use super::*;

    /// Machines that a client added and that configurations name.
    struct Scene {
        folder: tempfile::TempDir,
        live: Live,
    }

    impl Scene {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
            let live = Live::open(store, LiveOptions::default()).unwrap();
            live.add(machine("added=10.0.0.9").unwrap()).unwrap();
            Self { folder, live }
        }

        /// As after a restart: what was there before is in the file.
        fn apply(&self, texts: &[&str]) -> Vec<String> {
            let mut configured = Configured::read(self.folder.path()).unwrap();
            let machines: Vec<_> = texts.iter().map(|text| machine(text).unwrap()).collect();
            configured.apply(&self.live, &machines)
        }

        fn shown(&self) -> String {
            let all = self.live.machines().into_iter();
            all.map(|one| format!("{}={}", one.name, one.address)).collect::<Vec<_>>().join(" ")
        }
    }

    #[test]
    fn machines_that_the_configuration_names_no_longer_are_removed_and_others_stay() {
        let scene = Scene::new();
        assert!(scene.apply(&["a=10.0.0.1", "b=10.0.0.2"]).is_empty());
        assert!(scene.apply(&["a=10.0.0.3"]).is_empty());
        assert_eq!(scene.shown(), "a=http://10.0.0.3:8080 added=http://10.0.0.9:8080");
        assert!(scene.apply(&[]).is_empty());
        assert_eq!(scene.shown(), "added=http://10.0.0.9:8080");
    }

    #[test]
    fn a_wrong_machine_changes_nothing() {
        let scene = Scene::new();
        assert!(scene.apply(&["good=10.0.0.1"]).is_empty());
        for (wrong, told) in [
            (&["new=169.254.169.254"][..], "the machine new: "),
            (&["good=8.8.8.8"], "the machine good: "),
            (&["other=10.0.0.2", "..=10.0.0.3"], "the machine ..: "),
        ] {
            let problems = scene.apply(wrong);
            assert!(problems.len() == 1 && problems[0].contains(told), "{problems:?}");
            assert_eq!(scene.shown(), "added=http://10.0.0.9:8080 good=http://10.0.0.1:8080");
        }
        assert!(scene.apply(&[]).is_empty());
        assert_eq!(scene.shown(), "added=http://10.0.0.9:8080");
    }
}
