//! Writing logs, continuing them, and reading them while they grow.

use std::sync::Arc;

use super::*;
use crate::store::disk::simulated::{Act, Fault};
use crate::store::disk::{AppendFile, Folder};

#[test]
fn logs_are_called_by_their_number() {
    assert_eq!(log_name(7), NAME);
    for number in [0, 7, 9_999_999_999, 10_000_000_000, u64::MAX] {
        assert_eq!(log_number(&log_name(number)), Some(number));
    }
    for name in ["log-7", "log-+000000007", "log-", "log-0000000007.new", "LOG-0000000007", "7"] {
        assert_eq!(log_number(name), None, "{name}");
    }
    assert_eq!(log_number("log-00000000007"), None);
}

#[test]
fn batches_are_read_as_they_were_written() {
    let (mut batches, _) = long_batches();
    batches.extend(some_batches());
    batches.extend(
        [MAX_PAYLOAD - 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 2 * MAX_PAYLOAD, 3 * MAX_PAYLOAD]
            .map(|length| vec![9; length]),
    );
    let (bytes, places) = log_of(&batches);
    let frames = |batch: &Vec<u8>| batch.len().div_ceil(MAX_PAYLOAD).max(1);
    for (batch, place) in batches.iter().zip(places.windows(2)) {
        assert_eq!(place[1] - place[0], (batch.len() + frames(batch) * FRAME_HEADER) as u64);
    }
    let (found, end) = read(&bytes);
    assert!(found == with(&batches, &places));
    assert!(end.is_clean());
    assert_eq!(end.length, bytes.len() as u64);
    assert_eq!(end.header, LogHeader { number: 7, salt: SALT, boot: None });
}

#[test]
fn the_header_of_a_log_has_the_boot_in_which_it_was_begun() {
    for boot in [None, Some(0), Some(3), Some(u64::MAX)] {
        let disk = Simulated::new();
        let writer = LogWriter::create(&disk, 7, SALT, boot).unwrap();
        assert_eq!(writer.header().boot, boot);
        let header = read_header(&*disk.open(NAME).unwrap()).unwrap();
        assert_eq!(header, *writer.header());
        assert_eq!(try_read(&disk, None).unwrap().1.header, header);
    }
}

#[test]
fn a_batch_is_filled_where_it_is_written_from() {
    let disk = Simulated::new();
    let mut writer = writer(&disk);
    let buffer = writer.begin();
    buffer.extend(b"some");
    buffer.extend(b"thing");
    writer.begin(); // again: what was there is dropped
    writer.begin().extend(b"other");
    let before = disk.changes();
    writer.commit().unwrap();
    assert_eq!(disk.changes() - before, 1, "one write");
    writer.begin().clear();
    assert!(writer.commit().is_err());
    writer.append(b"next").unwrap();
    let (found, end) = try_read(&disk, None).unwrap();
    assert_eq!(
        found.iter().map(|(_, batch)| batch.as_slice()).collect::<Vec<_>>(),
        [&b"other"[..], b"next"]
    );
    assert!(end.is_clean());
}

#[test]
fn the_checksum_of_a_log_is_that_of_its_whole_batches() {
    let disk = Simulated::new();
    let mut writer = writer(&disk);
    let mut seen = vec![writer.checksum()];
    for batch in some_batches().iter().chain(&long_batches().0) {
        writer.append(batch).unwrap();
        assert_eq!(try_read(&disk, None).unwrap().1.checksum, writer.checksum());
        assert!(!seen.contains(&writer.checksum()));
        seen.push(writer.checksum());
    }
    let mut bytes = disk.bytes(NAME).unwrap();
    bytes.pop();
    assert_eq!(read(&bytes).1.checksum, seen[seen.len() - 2]);
}

#[test]
fn a_log_that_grows_is_read_from_where_one_stopped() {
    let disk = Simulated::new();
    let mut writer = writer(&disk);
    let (_, mut end) = try_read(&disk, None).unwrap();
    let batches: Vec<_> = (0..20).map(|number| vec![number; 1 << number.min(14)]).collect();
    for (number, batch) in batches.iter().enumerate() {
        let start = writer.length();
        writer.append(batch).unwrap();
        if number % 3 == 0 {
            // Half of a batch, which a reader may see at any time.
            let file = disk.bytes(NAME).unwrap();
            let other = Simulated::new();
            other.put(NAME, file[..file.len() - 1].to_vec());
            let (found, half) = try_read(&other, Some(&end)).unwrap();
            assert_eq!((found, half.length), (vec![], end.length));
            assert!(half.torn.is_some());
        }
        let (found, next) = try_read(&disk, Some(&end)).unwrap();
        assert_eq!(found, [(start, batch.clone())]);
        assert_eq!((next.length, next.checksum), (writer.length(), writer.checksum()));
        end = next;
    }
    assert_eq!(try_read(&disk, Some(&end)).unwrap(), (vec![], end.clone()));

    let bytes = disk.bytes(NAME).unwrap();
    disk.put(NAME, bytes[..bytes.len() - 1].to_vec());
    assert_eq!(try_read(&disk, Some(&end)).unwrap_err().kind(), io::ErrorKind::InvalidData);
    let other = Simulated::new();
    LogWriter::create(&other, 7, SALT + 1, None).unwrap().append(&bytes).unwrap();
    assert_eq!(try_read(&other, Some(&end)).unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_torn_log_continues_behind_its_last_batch() {
    let batches = some_batches();
    let (bytes, places) = log_of(&batches);
    for cut in LOG_HEADER..bytes.len() {
        let disk = Simulated::new();
        disk.put(NAME, bytes[..cut].to_vec());
        let (mut found, end) = try_read(&disk, None).unwrap();
        let mut writer = LogWriter::resume(&disk, &end).unwrap();
        assert_eq!(writer.length(), end.length);
        writer.append(b"new").unwrap();
        found.push((places[found.len()], b"new".to_vec()));
        let (again, end) = try_read(&disk, None).unwrap();
        assert_eq!(again, found);
        assert!(end.is_clean());
        assert_eq!((end.length, end.checksum), (writer.length(), writer.checksum()));
    }
}

#[test]
fn a_writer_that_failed_refuses_everything() {
    let refuses = |disk: &Simulated, writer: &mut LogWriter| {
        disk.heal();
        assert!(writer.has_failed());
        let before = (disk.changes(), writer.length(), writer.checksum());
        assert!(writer.append(b"more").is_err());
        assert!(writer.sync().is_err());
        assert!(writer.file().sync().is_err());
        assert!(writer.file().write(b"more").is_err());
        assert_eq!((disk.changes(), writer.length(), writer.checksum()), before);
    };
    for (landed, long) in [(0, false), (3, false), (20, false), (MAX_PAYLOAD, true), (0, true)] {
        let disk = Simulated::new();
        let mut writer = writer(&disk);
        writer.append(b"a").unwrap();
        assert!(!writer.has_failed());
        let fault = Fault::of(io::ErrorKind::StorageFull).landing(landed);
        disk.fail(Some(Act::Write), if long { 2 } else { 1 }, fault);
        let batch = vec![5; if long { MAX_PAYLOAD + 1_000 } else { 1_000 }];
        assert_eq!(writer.append(&batch).unwrap_err().kind(), io::ErrorKind::StorageFull);
        refuses(&disk, &mut writer);
        let (found, end) = try_read(&disk, None).unwrap();
        assert_eq!(found.len(), if landed == MAX_PAYLOAD { 2 } else { 1 });
        assert_eq!(end.damage, []);
    }
    for elsewhere in [false, true] {
        let disk = Simulated::new();
        let mut writer = writer(&disk);
        disk.fail(Some(Act::Sync), 1, Fault::of(io::ErrorKind::Other));
        let file: Arc<dyn AppendFile> = writer.file();
        let synced = if elsewhere {
            std::thread::spawn(move || file.sync()).join().unwrap()
        } else {
            writer.sync()
        };
        assert!(synced.is_err());
        refuses(&disk, &mut writer);
    }
}

#[test]
fn a_log_that_cannot_be_created_or_read_is_an_error() {
    for (act, nth) in [(Act::Create, 1), (Act::Write, 1)] {
        let disk = Simulated::new();
        disk.fail(Some(act), nth, Fault::of(io::ErrorKind::StorageFull));
        let error = LogWriter::create(&disk, 7, SALT, None).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
    let disk = Simulated::new();
    let mut writer = writer(&disk);
    assert_eq!(
        LogWriter::create(&disk, 7, SALT, None).unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    writer.append(b"a").unwrap();
    for nth in 1..=2 {
        disk.fail(Some(Act::Read), nth, Fault::of(io::ErrorKind::PermissionDenied));
        let error = try_read(&disk, None).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "read {nth}");
    }
}

#[test]
fn a_log_in_a_folder_is_read_and_continued() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Folder::new(folder.path());
    let mut writer = LogWriter::create(&disk, 7, SALT, Some(3)).unwrap();
    writer.append(b"a").unwrap();
    writer.sync().unwrap();
    let (_, end) = try_read(&disk, None).unwrap();
    let mut writer = LogWriter::resume(&disk, &end).unwrap();
    writer.append(b"b").unwrap();
    let (found, end) = try_read(&disk, None).unwrap();
    assert_eq!(found.iter().map(|(_, batch)| batch.as_slice()).collect::<Vec<_>>(), [b"a", b"b"]);
    assert!(end.is_clean());
    assert_eq!(end.checksum, writer.checksum());
}
