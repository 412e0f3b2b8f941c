//! The list of machines, and polling them.

mod doors;
mod polling;
mod polls;

use cmetrics_core::store::StoreOptions;

use super::*;

fn open(folder: &std::path::Path) -> Live {
    let store = Store::open(folder, StoreOptions::default()).unwrap();
    Live::open(store, LiveOptions::default()).unwrap()
}

fn machine(name: &str, address: &str) -> Machine {
    Machine::new(Some(name.to_owned()), address.parse().unwrap())
}

#[test]
fn machines_outlast_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let live = open(folder.path());
    assert_eq!(live.add(machine("b", "10.0.0.2")).unwrap(), Added::New);
    assert_eq!(live.add(machine("a", "10.0.0.1")).unwrap(), Added::New);
    assert_eq!(live.add(machine("a", "10.0.0.1:8080")).unwrap(), Added::Known);
    let error = live.add(machine("a", "10.0.0.3")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NameTaken);
    assert!(live.remove("b").unwrap());
    assert!(!live.remove("b").unwrap());
    live.add(machine("c", "10.0.0.3")).unwrap();
    live.close().unwrap();

    let live = open(folder.path());
    let names: Vec<_> = live.machines().into_iter().map(|state| state.name).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(live.machine("a").unwrap().address, "http://10.0.0.1:8080");
    assert_eq!(live.machine("b"), None);
    assert_eq!(live.totals().machines, 2);
}

#[test]
fn addresses_outside_the_networks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let live = open(folder.path());
    for address in [
        "8.8.8.8",
        "169.254.169.254",
        "[fe80::1]",
        "docker+unix:///run/docker.sock",
        "kubelet+https://10.0.0.1",
    ] {
        let error = live.add(machine("a", address)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotAllowed, "{error}");
    }
    let error = live.add(machine("a b", "10.0.0.1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Name);
    assert!(live.machines().is_empty());
}
