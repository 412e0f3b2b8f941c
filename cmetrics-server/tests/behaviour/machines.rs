//! Machines: listed, added, removed.

use crate::common::{Served, request};
use axum::body::Body;
use serde_json::json;

#[tokio::test]
async fn a_machine_is_added_listed_and_removed() {
    let served = Served::new();
    let asked = r#"{"name": "node 7", "address": "10.0.0.7:8080"}"#;
    served.post_json("/api/v1/machines", asked).await.is_problem(400, "white space");
    let asked = r#"{"name": "node/7", "address": "10.0.0.7:8080"}"#;
    let added = served.post_json("/api/v1/machines", asked).await;
    assert_eq!(added.status.as_u16(), 201, "{}", added.text);
    assert_eq!(added.json()["address"], "http://10.0.0.7:8080");
    assert_eq!(added.header("location"), "/api/v1/machines/node%2F7");
    assert_eq!(served.post_json("/api/v1/machines", asked).await.status.as_u16(), 200);

    let one = served.get(added.header("location")).await.json();
    assert_eq!((&one["name"], &one["status"]), (&json!("node/7"), &json!("new")));
    assert_eq!(one["last_success"], json!(null));
    let list = served.get("/api/v1/machines").await.json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(served.get("/api/v1/machines?status=away").await.json(), json!([]));

    let remove = || request("DELETE", "/api/v1/machines/node%2F7").body(Body::empty()).unwrap();
    assert_eq!(served.send(remove()).await.status.as_u16(), 204);
    served.send(remove()).await.is_problem(404, "node/7");
    assert_eq!(served.get("/api/v1/machines").await.text, "[]\n");
}

#[tokio::test]
async fn a_machine_that_cannot_be_is_refused_with_what_was_expected() {
    let served = Served::new();
    let post = async |body: &str| served.post_json("/api/v1/machines", body).await;
    post("").await.is_problem(400, "address");
    post("[]").await.is_problem(400, "10.0.0.7:8080");
    post(r#"{"adress": "a"}"#).await.is_problem(400, "adress");
    post(r#"{"address": "ftp://a"}"#).await.is_problem(400, "expected host");
    post(r#"{"address": "169.254.169.254"}"#).await.is_problem(403, "link-local");
    post(r#"{"address": "docker+unix:///etc/passwd"}"#).await.is_problem(403, "is a file");
    for address in ["kubelet+https://10.0.0.7", "kubelet+http://10.0.0.7", "Kubelet+https://a"] {
        let body = format!(r#"{{"address": "{address}"}}"#);
        post(&body).await.is_problem(403, "a kubelet in the configuration");
    }
    post(r#"{"name": "a", "address": "10.0.0.1"}"#).await;
    post(r#"{"name": "a", "address": "10.0.0.2"}"#).await.is_problem(409, "remove it first");
    let form = request("POST", "/api/v1/machines")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("address=10.0.0.7"));
    served.send(form.unwrap()).await.is_problem(415, "application/json");
    let large = format!(r#"{{"address": "{}"}}"#, "a".repeat(100_000));
    post(&large).await.is_problem(413, "at most 65536 bytes");
}

#[tokio::test]
async fn machines_outlast_the_server() {
    let served = Served::new();
    served.post_json("/api/v1/machines", r#"{"address": "10.0.0.7:8080"}"#).await;
    let list = std::fs::read_to_string(served.folder.path().join("machines.json")).unwrap();
    assert!(list.contains("10.0.0.7:8080"), "{list}");
}

#[tokio::test]
async fn a_name_that_is_no_text_is_a_problem_like_any_other() {
    let served = Served::new();
    served.get("/api/v1/machines/%ff").await.is_problem(400, "UTF-8");
    let remove = request("DELETE", "/api/v1/machines/%ff").body(Body::empty()).unwrap();
    served.send(remove).await.is_problem(400, "UTF-8");
}
