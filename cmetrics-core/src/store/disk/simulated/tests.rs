use std::collections::BTreeSet;

use super::*;

const FULL: io::ErrorKind = io::ErrorKind::StorageFull;

fn with_a_file(bytes: &[u8]) -> (Simulated, Arc<dyn AppendFile>) {
    let disk = Simulated::new();
    let file = disk.create("a").unwrap();
    disk.sync().unwrap();
    file.write(bytes).unwrap();
    file.sync().unwrap();
    (disk, file)
}

/// All contents that a file may have after a loss of power.
fn after_power_cuts(disk: &Simulated, name: &str) -> BTreeSet<Option<Vec<u8>>> {
    (0..500).map(|seed| disk.power_cut(seed).bytes(name)).collect()
}

#[test]
fn the_nth_act_of_a_kind_fails_and_no_other() {
    let (disk, file) = with_a_file(b"");
    disk.fail(Some(Act::Write), 2, Fault::of(FULL));
    file.write(b"a").unwrap();
    file.sync().unwrap();
    assert_eq!(file.write(b"b").unwrap_err().kind(), FULL);
    file.write(b"c").unwrap();
    assert_eq!(disk.bytes("a").unwrap(), b"ac");

    for act in [Act::Create, Act::Rename, Act::Remove, Act::SyncNames, Act::OpenAppend, Act::Open] {
        disk.fail(Some(act), 1, Fault::of(FULL));
        let mut acts = vec![
            (Act::Create, disk.create("b").map(drop)),
            (Act::Open, disk.open("a").map(drop)),
            (Act::OpenAppend, disk.open_append("a", 2).map(drop)),
            (Act::SyncNames, disk.sync()),
        ];
        acts.push((Act::Rename, disk.rename(if act == Act::Create { "a" } else { "b" }, "c")));
        acts.push((Act::Remove, disk.remove("c")));
        let failed = |done: &io::Result<()>| done.as_ref().is_err_and(|error| error.kind() == FULL);
        assert!(acts.iter().all(|(each, done)| failed(done) == (*each == act)), "{act:?} {acts:?}");
        disk.heal();
        for name in ["a", "b", "c"] {
            let _ = disk.remove(name);
        }
        disk.put("a", b"ac".to_vec());
    }
    disk.fail(Some(Act::Read), 1, Fault::of(FULL));
    assert_eq!(disk.open("a").unwrap().read_at(&mut [0], 0).unwrap_err().kind(), FULL);
}

#[test]
fn a_lasting_fault_is_there_until_the_disk_is_healed() {
    let (disk, file) = with_a_file(b"");
    disk.fail(None, 2, Fault::of(FULL).landing(1).lasting());
    let before = disk.changes();
    file.write(b"a").unwrap();
    assert!(file.write(b"bc").is_err());
    assert!(file.write(b"de").is_err());
    assert!(disk.remove("a").is_err());
    assert_eq!(disk.changes() - before, 4);
    assert_eq!(disk.bytes("a").unwrap(), b"ab", "what landed of the first that failed");
    disk.heal();
    file.write(b"f").unwrap();
    assert_eq!(disk.bytes("a").unwrap(), b"abf");
}

#[test]
fn a_killed_process_leaves_all_that_it_wrote() {
    let (disk, file) = with_a_file(b"a");
    file.write(b"b").unwrap();
    disk.fail(Some(Act::Write), 1, Fault::of(FULL).landing(2).lasting());
    assert!(file.write(b"cde").is_err());
    disk.create("b").unwrap();
    let next = disk.kill();
    assert_eq!(next.bytes("a").unwrap(), b"abcd");
    assert_eq!(next.bytes("b").unwrap(), b"");
    next.open_append("a", 4).unwrap().write(b"f").unwrap();
    assert_eq!(disk.bytes("a").unwrap(), b"abcd", "they are two disks from here on");
    let lost = after_power_cuts(&disk.kill(), "b");
    assert!(lost.contains(&None), "a kill puts nothing on the disk for good");
}

#[test]
fn a_power_cut_leaves_what_was_synced() {
    let (disk, file) = with_a_file(&[1; 1_000]);
    file.write(&[2; 2_000]).unwrap();
    file.write(&[3; 500]).unwrap();
    let all = after_power_cuts(&disk, "a");
    let all: Vec<_> = all.into_iter().map(Option::unwrap).collect();
    assert!(all.iter().all(|bytes| bytes[..1_000] == [1; 1_000] && bytes.len() <= 3_500));
    assert!(all.iter().any(|bytes| bytes.len() == 1_000), "nothing else");
    assert!(all.iter().any(|bytes| bytes[1_000..].len() > 2 && bytes.ends_with(&[0; 2])), "zeros");
    assert!(all.contains(&disk.bytes("a").unwrap()), "all else");
    assert!(all.iter().any(|bytes| bytes.len() == 3_500 && bytes[1_024..3_000] == [0; 1_976]));
    let later_only =
        |bytes: &&Vec<u8>| bytes.get(1_500) == Some(&0) && bytes.get(2_500) == Some(&2);
    assert!(all.iter().any(|bytes| later_only(&bytes)), "the later without the earlier");
    for bytes in &all {
        for block in (1_024..bytes.len()).step_by(512) {
            let block = &bytes[block..(block + 512).min(bytes.len())];
            assert!(block.iter().all(|byte| [0, 2, 3].contains(byte)));
        }
    }
    file.sync().unwrap();
    assert_eq!(after_power_cuts(&disk, "a"), [disk.bytes("a")].into());
}

#[test]
fn a_power_cut_is_the_same_for_the_same_seed() {
    let (disk, file) = with_a_file(b"");
    file.write(&[1; 5_000]).unwrap();
    disk.create("b").unwrap();
    for seed in 0..50 {
        let (one, other) = (disk.power_cut(seed), disk.power_cut(seed));
        assert_eq!(one.bytes("a"), other.bytes("a"));
        assert_eq!(one.bytes("b"), other.bytes("b"));
    }
}

#[test]
fn what_a_sync_failed_to_write_is_seen_but_no_later_sync_writes_it() {
    let (disk, file) = with_a_file(b"a");
    file.write(b"b").unwrap();
    disk.fail(Some(Act::Sync), 1, Fault::of(io::ErrorKind::Other));
    assert!(file.sync().is_err());
    file.write(b"c").unwrap();
    file.sync().unwrap();
    assert_eq!(disk.bytes("a").unwrap(), b"abc");
    let all = after_power_cuts(&disk, "a");
    assert_eq!(all, [Some(b"abc".to_vec()), Some(b"a\0c".to_vec())].into());
}

#[test]
fn names_that_were_not_synced_may_be_there_or_not() {
    let (disk, file) = with_a_file(b"old");
    drop(file);
    let new = disk.create("new").unwrap();
    new.write(b"new").unwrap();
    new.sync().unwrap();
    disk.rename("new", "a").unwrap();
    disk.create("b").unwrap();
    let mut all = BTreeSet::new();
    for seed in 0..200 {
        let after = disk.power_cut(seed);
        all.insert((
            after.bytes("a").unwrap(),
            after.bytes("new").is_some(),
            after.bytes("b").is_some(),
        ));
    }
    let (old, new) = (b"old".to_vec(), b"new".to_vec());
    let mut expected = BTreeSet::new();
    for b in [false, true] {
        expected.extend([(old.clone(), false, b), (old.clone(), true, b), (new.clone(), false, b)]);
    }
    assert_eq!(all, expected);
    disk.sync().unwrap();
    disk.remove("b").unwrap();
    assert_eq!(after_power_cuts(&disk, "a"), [Some(new)].into());
    assert_eq!(after_power_cuts(&disk, "b"), [None, Some(vec![])].into());
}

#[test]
fn what_was_cut_off_does_not_come_back() {
    let (disk, file) = with_a_file(b"abc");
    file.write(b"def").unwrap();
    let file = disk.open_append("a", 2).unwrap();
    assert_eq!(after_power_cuts(&disk, "a"), [Some(b"ab".to_vec())].into());
    file.write(b"g").unwrap();
    assert_eq!(disk.bytes("a").unwrap(), b"abg");
}

#[test]
fn of_two_changes_to_a_name_the_later_does_not_happen_alone() {
    let disk = Simulated::new();
    disk.put("a", b"1".to_vec());
    disk.put("b", b"2".to_vec());
    disk.rename("a", "b").unwrap();
    disk.create("a").unwrap();
    let mut all = BTreeSet::new();
    for seed in 0..200 {
        let after = disk.power_cut(seed);
        all.insert((after.bytes("a"), after.bytes("b").unwrap()));
    }
    let some = |bytes: &[u8]| Some(bytes.to_vec());
    let expected = [(some(b"1"), b"2".to_vec()), (None, b"1".to_vec()), (some(b""), b"1".to_vec())];
    assert_eq!(all, BTreeSet::from(expected));
}
