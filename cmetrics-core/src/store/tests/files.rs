//! Files of a store that are missing, empty or older than they were: the store reports that, or
//! answers correctly.

use std::collections::BTreeMap;

use super::disk::Disk;
use super::flips::{answers, read};
use super::script::{Call, POLICIES, Run};
use super::*;
use crate::store::disk::Folder;
use crate::store::log::{LogHeader, log_number};
use crate::store::manifest::Manifest;

/// A store, the earlier contents of its files, and its earlier answers.
struct Recorded {
    disk: Simulated,
    /// Versions of each file that still exists; the last one is current.
    versions: BTreeMap<String, Vec<Vec<u8>>>,
    answers: Vec<Vec<String>>,
    is_closed: bool,
}

const CALLS: [Call; 15] = [
    Call::Append(0),
    Call::Poll(0),
    Call::Seal,
    Call::Append(1),
    Call::Poll(1),
    Call::Seal,
    Call::Append(2),
    Call::Merge,
    Call::Append(3),
    Call::Reopen,
    Call::Poll(2),
    Call::Append(4),
    Call::Begin,
    Call::Poll(3),
    Call::Append(5),
];

/// The store after so many calls.
fn kept(policy: SyncPolicy, calls: &[Call], is_closed: bool) -> Recorded {
    let mut run = Run::new(policy, 1 << 20);
    let (mut versions, mut known) = (BTreeMap::<_, Vec<Vec<u8>>>::new(), Vec::new());
    let mut note = |disk: &Simulated| {
        for name in disk.list().unwrap() {
            let (bytes, all) = (disk.bytes(&name).unwrap(), versions.entry(name).or_default());
            if all.last() != Some(&bytes) {
                all.push(bytes);
            }
        }
    };
    for call in calls {
        run.call(*call).unwrap();
        note(&run.disk);
        known.push(answers(run.store.as_ref().unwrap()).unwrap());
    }
    let store = run.store.take().unwrap();
    if is_closed {
        store.close().unwrap();
        note(&run.disk);
    }
    let disk = run.disk.kill();
    versions.retain(|name, _| disk.bytes(name).is_some());
    Recorded { disk, versions, answers: known, is_closed }
}

fn stores() -> impl Iterator<Item = Recorded> {
    let lengths = [2, 3, 5, 6, 8, 9, 12, 13, CALLS.len()];
    POLICIES.into_iter().flat_map(move |policy| {
        lengths.into_iter().flat_map(move |length| {
            [false, true].into_iter().map(move |closed| kept(policy, &CALLS[..length], closed))
        })
    })
}

/// Another version of a file; `None` for a missing file.
type Other<'k> = (&'k str, Option<&'k [u8]>);

impl Recorded {
    fn others(&self) -> Vec<Other<'_>> {
        let mut others = Vec::new();
        for (name, versions) in &self.versions {
            let older = versions.split_last().unwrap().1.iter().map(|bytes| Some(&**bytes));
            let empty = (!versions.last().unwrap().is_empty()).then_some(Some(&[][..]));
            others.extend(older.chain(empty).chain([None]).map(|other| (&**name, other)));
        }
        others
    }

    fn with(&self, (name, other): Other<'_>) -> Simulated {
        let disk = self.disk.kill();
        match other {
            Some(bytes) => disk.put(name, bytes.to_vec()),
            None => disk.remove(name).unwrap(),
        }
        disk
    }

    /// Whether nothing else shows what the file held: if a store was not closed, only the offset up
    /// to which its points lie in segments shows that its last log was longer, or existed.
    fn is_undetectable(&self, (name, other): Other<'_>) -> bool {
        let manifest = Manifest::read(&self.disk).unwrap().unwrap();
        let is_shorter =
            other.map_or(0, <[u8]>::len) < usize::try_from(manifest.sealed_to).unwrap();
        if is_shorter && log_number(name) == Some(manifest.first_log) {
            return false;
        }
        let last = self.versions.iter().rev().find(|(name, versions)| {
            let long = versions.last().is_some_and(|one| one.len() as u64 > LogHeader::LENGTH);
            log_number(name).is_some() && long
        });
        !self.is_closed && last.is_some_and(|(last, _)| last == name)
    }
}

#[test]
fn a_missing_empty_or_older_file_is_reported_or_changes_no_answer() {
    let (mut reported, mut earlier) = (0, 0);
    for kept in stores() {
        let expected = kept.answers.last().unwrap();
        for (name, other) in kept.others() {
            let length = other.map(<[u8]>::len);
            for to_write in [false, true] {
                let context = format!(
                    "{name} of {length:?} bytes, closed {}, to write {to_write}, {} answers: {:?}",
                    kept.is_closed,
                    kept.answers.len(),
                    kept.versions.keys()
                );
                match read(&kept.with((name, other)), to_write) {
                    Ok(found) if found == *expected => {}
                    Ok(found) => {
                        let is_earlier = found.is_empty() || kept.answers.contains(&found);
                        let may_be = kept.is_undetectable((name, other)) && is_earlier;
                        assert!(may_be, "{context}");
                        earlier += 1;
                    }
                    Err(error) => {
                        let error = error.to_string();
                        assert!(error.contains("simulated/"), "{context}: {error}");
                        reported += 1;
                    }
                }
            }
        }
    }
    assert!(reported > 200 && earlier > 10, "{reported} were reported, {earlier} not");
}

/// Writes the files of a disk to a folder.
fn in_folder(disk: &Simulated) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in disk.list().unwrap() {
        std::fs::write(folder.path().join(&name), disk.bytes(&name).unwrap()).unwrap();
    }
    folder
}

#[test]
fn verify_reports_damaged_files_too_and_salvage_keeps_everything_else() {
    let mut saved = 0;
    for kept in stores().filter(|kept| kept.answers.len() > 5) {
        for (name, other) in kept.others() {
            let disk = kept.with((name, other));
            let Err(error) = read(&disk, false) else { continue };
            let folder = in_folder(&disk);
            let to = tempfile::tempdir().unwrap();
            let to = to.path().join("salvaged");
            let salvaged = Store::salvage(folder.path(), &to, false).unwrap();
            assert!(!salvaged.lost.is_empty(), "{name}: {error}");
            let salvaged = Store::open_read_only(&to, StoreOptions::default()).unwrap();
            assert!(salvaged.verify().unwrap().is_empty());
            let salvaged = salvaged.everything().unwrap();
            let disk: Arc<dyn Disk> = Arc::new(Folder::new(folder.path()));
            let options = StoreOptions::default().despite_damage();
            let cancel = crate::Cancel::default();
            let opened = opening::to_read_on(&disk, folder.path(), &options, &cancel);
            let Ok(opened) = opened.and_then(Store::started) else { continue };
            let wrong = opened.verify().unwrap();
            assert!(!wrong.is_empty(), "{name}: {error}");
            let found = opened.everything().unwrap();
            // It may know a better one than an older manifest does.
            let is_kept = |point: &&DataPoint| {
                let same = |one: &DataPoint| (one.shared_name().clone(), one.interval());
                salvaged.iter().any(|kept| same(kept) == same(point))
            };
            let lost: Vec<_> = found.iter().filter(|point| !is_kept(point)).collect();
            assert!(lost.is_empty(), "{name}: {error}: {lost:#?}");
            saved += found.len();
        }
    }
    assert!(saved > 100, "only {saved} points");
}
