//! What clients of the Flask ancestor ask for, as they ask for it.

use std::process::Command;

use serde_json::Value;

use super::common::text;
use super::http::{get, post_form};
use super::running::{Serving, machine};

#[test]
fn a_machine_is_added_and_its_points_are_found_by_every_name() {
    let (_world, machine) = machine(2);
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(text(&folder.path().join("store")), &[]);
    let address = &*serving.address;
    assert_eq!(serving.get("/ping"), "PONG");
    assert_eq!(get(address, "/newmachine"), (400, "failure".to_owned()));
    let (ip, port) = (machine.address().ip(), machine.address().port());
    let parameters = format!("machineip={ip}&machineport={port}");
    assert_eq!(serving.get(&format!("/newmachine?{parameters}")), "success");
    assert_eq!(post_form(address, "/newmachine", &parameters), (200, "success".to_owned()));

    let container = machine.containers()[0].clone();
    let id = &container.id;
    let points = |body: &str| -> Option<Vec<Value>> {
        let points: Vec<Value> = serde_json::from_str(body).unwrap();
        (!points.is_empty()).then_some(points)
    };
    let by_id = format!("/getdatapoints?containerid={id}&period=60");
    let found = serving.wait_for(&by_id, points);
    assert_eq!(found[0]["name"], **id);
    assert!(found[0]["cpu"]["usage"].is_number() && found[0]["start"].is_u64(), "{found:?}");
    assert!(found[0]["start"].as_u64() >= found[found.len() - 1]["start"].as_u64());
    for name in [format!("docker://{id}"), id[..12].to_owned(), container.alias.clone()] {
        let form =
            format!("containerid={}&period=60", name.replace(':', "%3A").replace('/', "%2F"));
        let (status, body) = post_form(address, "/getdatapoints", &form);
        let found = points(&body).unwrap_or_default();
        assert_eq!((status, &found[0]["name"]), (200, &Value::from(&**id)), "{name}");
    }
    let none = get(address, "/getdatapoints?containerid=nobody");
    assert_eq!((none.0, none.1.trim()), (200, "[]"));
    assert_eq!(serving.program.end("-TERM"), Some(0));
}

#[test]
fn a_script_of_the_flask_ancestors_users_works_as_it_is() {
    if Command::new("python3").arg("--version").output().is_err() {
        return eprintln!("skipped: no python3");
    }
    let (_world, machine) = machine(2);
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(text(&folder.path().join("store")), &[]);
    let container = machine.containers()[0].clone();
    let (ip, port) = (machine.address().ip().to_string(), machine.address().port().to_string());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/flask_client.py");
    let arguments = [&serving.address, &ip, &port, &container.id, &container.alias];
    let ended = Command::new("python3").arg(script).args(arguments).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(serving.program.end("-TERM"), Some(0));
}
