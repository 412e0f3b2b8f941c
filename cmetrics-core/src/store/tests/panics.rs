//! A background thread that panics: writers get an error, and nobody waits forever.

use super::hooked_disk::HookedDisk;
use super::points::Spec;
use super::*;
use crate::store::disk::Disk;
use crate::store::disk::simulated::Act;

#[test]
fn a_panic_of_the_sealing_thread_is_an_error_of_append_and_loses_nothing() {
    let simulated = Simulated::new();
    let disk: Arc<dyn Disk> = Arc::new(HookedDisk {
        disk: Arc::new(simulated.clone()),
        meanwhile: Arc::new(|act, name| {
            let makes_segment = act == Act::Create && name.starts_with("segment-");
            assert!(!makes_segment, "no segment can be made");
        }),
    });
    let options = StoreOptions::default().with_memory(1);
    let (path, cancel) = (Path::new("simulated"), crate::Cancel::default());
    let opening = opening::to_write_on(&disk, path, &options, &cancel).unwrap();
    let store = Store::started(opening).unwrap();
    let (mut acknowledged, mut refused) = (Vec::new(), None);
    for slot in 0..20 {
        let point =
            Spec { container: 0, slot, covered: 4, shape: 0, value: slot, figures_only: false }
                .point();
        match store.append(std::slice::from_ref(&point)) {
            Ok(_) => acknowledged.push(exact(&point)),
            Err(error) => refused = Some(error.to_string()),
        }
    }
    let refused = refused.unwrap();
    assert!(refused.contains("no segment can be made"), "{refused}");
    assert!(store.stats().unwrap().trouble.unwrap().contains("panicked"));
    assert!(!acknowledged.is_empty() && acknowledged.len() < 20);
    assert_eq!(store.everything_exactly().unwrap(), acknowledged);
    drop(store);
    let store = open(&simulated.kill(), options).unwrap();
    assert_eq!(store.everything_exactly().unwrap(), acknowledged);
}
