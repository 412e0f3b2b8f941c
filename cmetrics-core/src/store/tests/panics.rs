//! A thread behind a store that panics: who writes is told, and waits for nobody.

use std::io;
use std::path::PathBuf;

use super::points::Spec;
use super::*;
use crate::store::disk::{Appending, Disk, Stored};

/// A disk on which making a segment panics.
#[derive(Debug)]
struct Panicking(Simulated);

impl Disk for Panicking {
    fn create(&self, name: &str) -> io::Result<Arc<dyn Appending>> {
        assert!(!name.starts_with("segment-"), "no segment can be made");
        self.0.create(name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.0.list()
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn Stored>> {
        self.0.open(name)
    }

    fn go_on(&self, name: &str, length: u64) -> io::Result<Arc<dyn Appending>> {
        self.0.go_on(name, length)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }
}

#[test]
fn a_panic_of_the_thread_that_seals_is_told_to_who_appends_and_loses_nothing() {
    let simulated = Simulated::new();
    let disk: Arc<dyn Disk> = Arc::new(Panicking(simulated.clone()));
    let options = StoreOptions::default().with_memory(1);
    let place = (Path::new("simulated"), &options);
    let opening = opening::to_write_on(&disk, place, &crate::Cancel::default()).unwrap();
    let store = Store::started(opening).unwrap();
    let (mut acknowledged, mut refused) = (Vec::new(), None);
    for slot in 0..20 {
        let point =
            Spec { container: 0, slot, covered: 4, shape: 0, value: slot, told: false }.point();
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
