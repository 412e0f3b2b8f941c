//! Properties of any log.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::store::disk::simulated::Rng;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn after_a_loss_of_power_all_synced_batches_are_there_and_none_is_wrong(
        lengths in vec((0_usize..3_000, any::<bool>()), 1..30),
        seed in any::<u64>(),
    ) {
        let disk = Simulated::new();
        let mut rng = Rng::new(seed);
        let mut writer = writer(&disk);
        disk.sync().unwrap();
        writer.sync().unwrap();
        let (mut written, mut synced) = (BTreeMap::new(), 0);
        for (length, sync) in lengths {
            let batch = rng.bytes(length);
            let place = writer.length();
            writer.append(&batch).unwrap();
            written.insert(place, batch);
            if sync {
                writer.sync().unwrap();
                synced = writer.length();
            }
        }
        for seed in 0..8 {
            let (found, end) = try_read(&disk.power_cut(seed), None).unwrap();
            let missing: Vec<_> =
                written.keys().filter(|place| !found.iter().any(|(at, _)| at == *place)).collect();
            prop_assert!(missing.iter().all(|place| **place >= synced));
            prop_assert!(found.iter().all(|(place, batch)| written.get(place) == Some(batch)));
            prop_assert!(end.damage.iter().all(|range| range.start >= synced));
            prop_assert!(end.torn.iter().all(|range| range.start >= synced));
        }
        let (found, end) = try_read(&disk.kill(), None).unwrap();
        prop_assert_eq!(found, written.into_iter().collect::<Vec<_>>());
        prop_assert!(end.is_clean());
    }

    #[test]
    fn any_log_is_read_without_a_panic_and_all_of_it_is_accounted_for(
        batches in vec(vec(any::<u8>(), 0..200), 0..8),
        changes in vec((any::<prop::sample::Index>(), 0_usize..60, any::<u8>(), any::<bool>()), 0..6),
    ) {
        let (mut bytes, places) = log_of(&batches);
        for (place, length, byte, fill) in changes {
            if bytes.len() <= LOG_HEADER {
                break;
            }
            let start = LOG_HEADER + place.index(bytes.len() - LOG_HEADER);
            let end = (start + length).min(bytes.len());
            if fill {
                bytes[start..end].fill(byte);
            } else {
                bytes.drain(start..end);
            }
        }
        let (found, end) = read(&bytes);
        let all = with(&batches, &places);
        prop_assert!(found.iter().all(|batch| all.contains(batch)));
        // Batches, damage and torn bytes cover the file without gaps.
        let mut ranges: Vec<_> = found
            .iter()
            .map(|(place, batch)| *place..*place + (FRAME_HEADER + batch.len()) as u64)
            .chain(end.damage.iter().cloned())
            .chain(end.torn.clone())
            .collect();
        ranges.sort_by_key(|range| range.start);
        let mut reached = LOG_HEADER as u64;
        for range in ranges {
            prop_assert_eq!(range.start, reached);
            reached = range.end;
        }
        prop_assert_eq!(reached, bytes.len() as u64);
    }
}
