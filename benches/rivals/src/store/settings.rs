//! How much is measured, and where.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use cmetrics_core::store::{StoreOptions, SyncPolicy};

use crate::contender::{Contender, Sync};
use crate::ours::Ours;
use crate::redb::Redb;
use crate::redis::Redis;
use crate::sqlite::Sqlite;

#[derive(Debug)]
pub(crate) struct Bench {
    /// Just enough for the assertions to mean something.
    pub(crate) quick: bool,
    /// The command, where it was built.
    pub(crate) cli: Option<PathBuf>,
    folder: PathBuf,
}

pub(crate) fn number<N: FromStr>(text: &str) -> N {
    text.parse().ok().expect("a number")
}

impl Bench {
    /// What is measured how, which measures were named, and whether long ones are asked for.
    /// `None` where the words mean nothing.
    pub(crate) fn parse(words: &[&str]) -> Option<(Self, Vec<String>, bool)> {
        let (mut quick, mut long, mut cli, mut folder) = (false, false, None, None);
        let (mut names, mut words) = (Vec::new(), words.iter());
        while let Some(word) = words.next() {
            match *word {
                "--quick" => quick = true,
                "--long" => long = true,
                "--cli" => cli = Some(PathBuf::from(words.next()?)),
                "--folder" => folder = Some(PathBuf::from(words.next()?)),
                word if word.starts_with('-') => return None,
                name => names.push(name.to_owned()),
            }
        }
        let bench = Self { quick, cli, folder: folder?.join("scratch") };
        bench.clear();
        Some((bench, names, long))
    }

    pub(crate) fn pick<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    pub(crate) fn turns(&self) -> usize {
        self.pick(5, 2)
    }

    /// A folder of this name that is not there yet.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        remove(&folder);
        folder
    }

    /// The folder of this name, as it is.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes all that was written.
    pub(crate) fn clear(&self) {
        remove(&self.folder);
        std::fs::create_dir_all(&self.folder).expect("a folder that can be made");
    }

    /// A new store; with little memory where not much is put into it, so that there are segments.
    pub(crate) fn store(&self, name: &str, sync: Sync) -> Ours {
        let sync = match sync {
            Sync::Os => SyncPolicy::Os,
            Sync::Always => SyncPolicy::Always,
        };
        let options = StoreOptions::default().with_sync(sync);
        let options = if self.quick { options.with_memory(1 << 18) } else { options };
        Ours::with(&self.scratch(name), options)
    }

    /// cmetrics first.
    pub(crate) fn all(&self, measure: &str, sync: Sync) -> Vec<Box<dyn Contender>> {
        let folder = |name: &str| self.scratch(&format!("{measure}-{name}"));
        let mut all: Vec<Box<dyn Contender>> = vec![
            Box::new(self.store(&format!("{measure}-cmetrics"), sync)),
            Box::new(Sqlite::new(&folder("sqlite"), sync)),
            Box::new(Redb::new(&folder("redb"), sync)),
        ];
        match Redis::new(&folder("redis"), sync) {
            Some(redis) => all.push(Box::new(redis)),
            None => eprintln!("  no redis-server: it is left out"),
        }
        all
    }
}

fn remove(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            panic!("{}: {error}", folder.display())
        }
        _ => {}
    }
}
