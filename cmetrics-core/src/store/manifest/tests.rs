use super::*;
use crate::ErrorKind;
use crate::store::disk::Folder;
use crate::store::disk::simulated::{Act, Fault, Simulated};

fn manifest() -> Manifest {
    let segment = |number| SegmentEntry {
        number,
        bytes: 12_345,
        points: 678,
        first: 1_795_262_400,
        end: 1_795_266_000,
        checksum: 0xdead_beef,
        tails: false,
    };
    Manifest {
        floor: 1_795_000_000,
        next: 9,
        segments: vec![segment(3), segment(5)],
        first_log: 8,
        sealed_to: 4_711,
        closed: Some(vec![ClosedLog { number: 8, length: 44, checksum: u32::MAX }]),
        ..Manifest::new(5, 60, 120)
    }
}

fn empty() -> Manifest {
    Manifest::new(5, 60, 120)
}

fn written(manifest: &Manifest) -> Simulated {
    let disk = Simulated::new();
    manifest.write(&disk).unwrap();
    disk
}

fn read(text: impl Into<Vec<u8>>) -> Result<Manifest, Error> {
    let disk = Simulated::new();
    disk.put(MANIFEST, text.into());
    Manifest::read(&disk).map(Option::unwrap)
}

/// A manifest of this JSON.
fn of(json: &str) -> String {
    let body = format!("{FIRST_LINE}{json}\n");
    format!("{body}{}", check(body.as_bytes()))
}

fn json(manifest: &Manifest) -> serde_json::Value {
    serde_json::to_value(manifest).unwrap()
}

#[test]
fn a_manifest_is_read_as_it_was_written() {
    for manifest in [manifest(), empty()] {
        let disk = written(&manifest);
        assert_eq!(Manifest::read(&disk).unwrap(), Some(manifest.clone()));
        assert_eq!(disk.list().unwrap(), [MANIFEST]);
        manifest.check_writable(&disk).unwrap();
    }
    assert_eq!(Manifest::read(&Simulated::new()).unwrap(), None);
}

#[test]
fn a_manifest_is_written_to_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Folder::new(folder.path());
    assert_eq!(Manifest::read(&disk).unwrap(), None);
    empty().write(&disk).unwrap();
    std::fs::write(disk.path(NEW_MANIFEST), "left by one that was killed").unwrap();
    manifest().write(&disk).unwrap();
    assert_eq!(Manifest::read(&disk).unwrap(), Some(manifest()));
    assert_eq!(disk.list().unwrap(), [MANIFEST]);
}

#[test]
fn people_can_read_a_manifest() {
    let text = String::from_utf8(written(&empty()).bytes(MANIFEST).unwrap()).unwrap();
    let expected = r#"cmetrics store
{"version":1,"features":{"compatible":[],"read_only":[],"refuse":["tails-by-column","packed-batches","doors","points-of-samples","creation-times","grouped-tails"]},"interval":5,"max_gap":60,"lateness":120,"floor":0,"next":0,"segments":[],"first_log":0,"closed":null}
crc32c "#;
    let check = text.strip_prefix(expected).unwrap().strip_suffix('\n').unwrap();
    assert_eq!(check, format!("{:08X}", crc32c(&expected.as_bytes()[..expected.len() - 7])));
}

#[test]
fn a_manifest_that_is_cut_or_changed_anywhere_is_an_error() {
    let bytes = written(&manifest()).bytes(MANIFEST).unwrap();
    let wrong = |bytes: &[u8], what: &str| {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{what}");
        let message = error.to_string();
        assert!(message.contains("MANIFEST: the file is damaged: its "), "{what}: {message}");
        assert!(message.ends_with(&format!("; {WHAT_TO_DO}")));
    };
    for place in 0..bytes.len() {
        wrong(&bytes[..place], &format!("cut at {place}"));
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            wrong(&changed, &format!("bit {bit} of byte {place}"));
        }
    }
    wrong(&[&bytes[..], b"\n"].concat(), "a line more");
    wrong(&vec![0; bytes.len()], "zeros");
}

#[test]
fn what_cannot_be_is_an_error_even_with_the_right_checksum() {
    for (text, what) in [
        (String::new(), "JSON"),
        ("{}".into(), "version"),
        ("[".repeat(10_000), "JSON"),
        (r#"{"version": 1, "features": {}}"#.into(), "interval"),
        (json(&Manifest { interval: 0, ..manifest() }).to_string(), "its interval is 0"),
        (json(&Manifest { next: 5, ..manifest() }).to_string(), "it has segment 5"),
        (format!("{} 7", json(&manifest())), "JSON"),
    ] {
        let error = read(of(&text)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged);
        assert!(error.to_string().contains(what), "{error}");
    }
    assert_eq!(read(of(&json(&manifest()).to_string())).unwrap(), manifest());
}

#[test]
fn unknown_keys_of_a_later_release_are_ignored_if_marked_compatible() {
    let mut json = json(&manifest());
    json["colour"] = "blue".into();
    json["segments"][0]["colour"] = "blue".into();
    json["features"]["later"] = 1.into();
    json["features"]["compatible"] = vec!["colours"].into();
    let found = read(of(&json.to_string())).unwrap();
    found.check_writable(&Simulated::new()).unwrap();
    assert_eq!(found.features.compatible, ["colours"]);
    assert_eq!(Manifest { features: manifest().features, ..found }, manifest());
}

#[test]
fn a_store_with_what_this_release_does_not_know_is_read_only_or_refused() {
    let names = vec!["colours".to_owned(), "odd\n".to_owned()];
    let mut later = manifest();
    later.features.read_only.clone_from(&names);
    let disk = written(&later);
    let found = Manifest::read(&disk).unwrap().unwrap();
    assert_eq!(found, later);
    let error = found.check_writable(&disk).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.message(),
        r#"this release can only read a store with "colours", "odd\n"; open it read-only, or with a newer release"#
    );

    later.features.refuse = names;
    let error = Manifest::read(&written(&later)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.to_string().contains(r#"with "colours", "odd\n", which the store has; "#),
        "{error}"
    );
}

#[test]
fn a_store_of_another_version_is_refused_whatever_else_it_says() {
    for version in [0, 2, u32::MAX] {
        let error = read(of(&format!(r#"{{"version": {version}, "more": [1]}}"#))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let start = format!("this store is of version {version}, ");
        assert!(error.message().starts_with(&start), "{error}");
    }
}

#[test]
fn disk_errors_name_the_file_and_what_to_do() {
    for (act, doing) in [
        (Act::Remove, "cannot remove simulated/MANIFEST.new: "),
        (Act::Create, "cannot write simulated/MANIFEST.new: "),
        (Act::Write, "cannot write simulated/MANIFEST.new: "),
        (Act::Sync, "cannot write simulated/MANIFEST.new: "),
        (Act::Rename, "cannot replace simulated/MANIFEST: "),
        (Act::SyncNames, "cannot sync the folder of simulated/MANIFEST: "),
    ] {
        let disk = written(&empty());
        disk.fail(Some(act), 1, Fault::of(io::ErrorKind::StorageFull).landing(7));
        let error = manifest().write(&disk).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DiskFull);
        assert!(error.to_string().starts_with(doing), "{error}");
        assert!(error.to_string().contains("; make room on its disk"), "{error}");
        manifest().write(&disk).unwrap();
        assert_eq!(Manifest::read(&disk).unwrap(), Some(manifest()));
    }
    for act in [Act::Open, Act::Read] {
        let disk = written(&manifest());
        disk.fail(Some(act), 1, Fault::of(io::ErrorKind::PermissionDenied));
        let error = Manifest::read(&disk).unwrap_err();
        assert!(error.to_string().starts_with("cannot read simulated/MANIFEST: "), "{error}");
    }
}

#[test]
fn wherever_a_process_or_the_power_stops_the_old_or_the_new_manifest_is_there() {
    let (old, new) = (empty(), manifest());
    let before = written(&old);
    let mut seen = [false; 2];
    for step in 1.. {
        let disk = before.kill();
        let fault = Fault::of(io::ErrorKind::Other).landing(100).lasting();
        disk.fail(None, step, fault);
        let done = new.write(&disk).is_ok();
        for after in (0..50).map(|seed| disk.power_cut(seed)).chain([disk.kill()]) {
            let found = Manifest::read(&after).unwrap().unwrap();
            assert!(found == new || (found == old && !done), "step {step}: {found:?}");
            seen[usize::from(found == new)] = true;
            // What lies around does not stop the next one.
            new.write(&after).unwrap();
            assert_eq!(Manifest::read(&after).unwrap().unwrap(), new);
        }
        if done {
            break;
        }
    }
    assert_eq!(seen, [true; 2]);
}
