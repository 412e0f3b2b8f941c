//! Changed bytes and truncated files of a closed store: an error, or the right answer.

use std::time::Duration;

use super::script::{Call, POLICIES, Run};
use super::*;
use crate::store::disk::simulated::Rng;
use crate::store::reserve::RESERVE;

/// A closed store of segments, a log, points, samples and events.
fn closed(calls: &[Call]) -> Simulated {
    let mut run = Run::new(SyncPolicy::Always, 1 << 20);
    for call in calls {
        run.call(*call).unwrap();
    }
    run.store.take().unwrap().close().unwrap();
    run.disk
}

/// The same, not closed: its writer was killed.
fn killed(policy: SyncPolicy, calls: &[Call]) -> Simulated {
    let mut run = Run::new(policy, 1 << 20);
    for call in calls {
        run.call(*call).unwrap();
    }
    run.disk.kill()
}

/// All answers of a store.
pub(super) fn answers(store: &Store) -> Result<Vec<String>, Error> {
    let mut answers = store.everything_exactly()?;
    for bearer in store.containers()? {
        let last = store.last(bearer.identity.name(), Duration::from_secs(60))?;
        answers.extend(last.iter().map(exact));
        answers.push(format!("{bearer:?}"));
    }
    answers.extend(store.events(..)?.iter().map(|event| format!("{event:?}")));
    Ok(answers)
}

pub(super) fn read(disk: &Simulated, to_write: bool) -> Result<Vec<String>, Error> {
    let options = StoreOptions::default();
    if to_write {
        return answers(&open_idle(disk, options)?);
    }
    let disk: Arc<dyn disk::Disk> = Arc::new(disk.clone());
    answers(&Store::started(opening::to_read_on(
        &disk,
        Path::new("simulated"),
        &options,
        &crate::Cancel::default(),
    )?)?)
}

/// Asserts that changed bytes of a file are reported, or change nothing.
fn changed(disk: &Simulated, name: &str, change: &dyn Fn(usize, &mut Vec<u8>), stride: usize) {
    let bytes = disk.bytes(name).unwrap();
    let expected = read(disk, false).unwrap();
    let mut reported = 0;
    for place in (0..bytes.len()).step_by(stride) {
        let mut other = bytes.clone();
        change(place, &mut other);
        for to_write in [false, true] {
            let copy = disk.kill();
            copy.put(name, other.clone());
            match read(&copy, to_write) {
                Ok(found) => assert_eq!(found, expected, "byte {place} of {name}, {to_write}"),
                Err(error) => {
                    reported += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    assert!(reported > 0, "nothing of {name} was reported");
}

fn stores() -> Vec<Simulated> {
    let sealed = [
        Call::Append(0),
        Call::Poll(0),
        Call::Seal,
        Call::Append(1),
        Call::Poll(1),
        Call::Seal,
        Call::Append(2),
        Call::Poll(2),
        Call::Append(3),
    ];
    let reopened = [Call::Poll(0), Call::Append(0), Call::Reopen, Call::Append(1)];
    vec![closed(&sealed), closed(&reopened), closed(&sealed[..3])]
}

fn unclosed_stores() -> Vec<Simulated> {
    let open = [Call::Append(0), Call::Poll(0), Call::Seal, Call::Append(1), Call::Poll(1)];
    let reopened = [&open[..], &[Call::Reopen, Call::Append(2), Call::Append(3)]].concat();
    POLICIES
        .into_iter()
        .flat_map(|policy| [killed(policy, &open), killed(policy, &reopened)])
        .collect()
}

/// Each file of each store that is read.
fn each_file(stores: Vec<Simulated>, each: impl Fn(&Simulated, &str)) {
    use super::disk::Disk;
    for disk in stores {
        for name in disk.list().unwrap().iter().filter(|name| *name != RESERVE) {
            each(&disk, name);
        }
    }
}

fn flips(stride: usize) {
    each_file(stores(), |disk, name| {
        changed(disk, name, &|place, bytes| bytes[place] ^= 1 << (place % 8), stride);
        changed(disk, name, &|place, bytes| bytes[place] ^= 0xff, stride);
        let mut rng = Rng::new(1);
        let random = rng.bytes(1 << 16);
        changed(disk, name, &|place, bytes| bytes[place] ^= random[place].max(1), stride);
    });
}

fn cuts(stride: usize) {
    each_file(stores(), |disk, name| {
        changed(disk, name, &|place, bytes| bytes.truncate(place), stride);
    });
}

#[test]
fn a_changed_byte_is_reported_or_changes_no_answer() {
    flips(3);
}

fn flips_of_unclosed(stride: usize) {
    each_file(unclosed_stores(), |disk, name| {
        changed(disk, name, &|place, bytes| bytes[place] ^= 1 << (place % 8), stride);
        changed(disk, name, &|place, bytes| bytes[place] ^= 0xff, stride);
    });
}

#[test]
fn a_changed_byte_of_a_store_that_was_not_closed_is_reported_or_changes_no_answer() {
    flips_of_unclosed(4);
}

#[test]
fn a_truncated_file_is_reported_or_changes_no_answer() {
    cuts(1);
}

#[test]
#[ignore = "takes long"]
fn every_changed_byte_is_reported_or_changes_no_answer_for_long() {
    flips(1);
    flips_of_unclosed(1);
}
