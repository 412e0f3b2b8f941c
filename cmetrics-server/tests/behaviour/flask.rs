//! The service that was written with Flask, as its users call it.

use crate::common::{Answer, FIRST, Served, WEB, request};
use axum::body::Body;
use serde_json::json;

async fn form(served: &Served, path: &str, form: &str) -> Answer {
    let request = request("POST", path).header("content-type", "application/x-www-form-urlencoded");
    served.send(request.body(Body::from(form.to_owned())).unwrap()).await
}

#[tokio::test]
async fn a_ping_is_answered() {
    let served = Served::new();
    assert_eq!(served.get("/ping").await.text, "PONG");
    assert_eq!(form(&served, "/ping", "").await.text, "PONG");
}

#[tokio::test]
async fn a_machine_is_added_by_query_and_by_form_and_twice() {
    let served = Served::new();
    let path = "/newmachine?machineip=10.0.0.7&machineport=8000";
    let answer = served.get(path).await;
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, "success"));
    assert_eq!(served.get(path).await.text, "success");
    assert_eq!(form(&served, "/newmachine", "machineip=+10.0.0.8+").await.text, "success");
    let parts =
        "--b\r\nContent-Disposition: form-data; name=\"machineip\"\r\n\r\n10.0.0.9\r\n--b--\r\n";
    let request = request("POST", "/newmachine")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(Body::from(parts));
    assert_eq!(served.send(request.unwrap()).await.text, "success");
    let names: Vec<_> = served.live.machines().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["10.0.0.7:8000", "10.0.0.8:4194", "10.0.0.9:4194"]);
}

#[tokio::test]
async fn a_machine_that_cannot_be_is_a_failure() {
    let served = Served::new();
    for query in [
        "",
        "?machineip=",
        "?machineip=10.0.0.7&machineport=http",
        "?machineip=10.0.0.7&machineport=0",
        "?machineip=a%20b",
        "?machineip=docker%2Bunix:///etc/passwd",
        "?machineip=http://10.0.0.7",
        "?machineip=10.0.0.7:8080",
    ] {
        let answer = served.get(&format!("/newmachine{query}")).await;
        assert_eq!((answer.status.as_u16(), &*answer.text), (400, "failure"), "{query}");
        assert!(!answer.header("cmetrics-problem").is_empty());
    }
    let forbidden = served.get("/newmachine?machineip=169.254.169.254").await;
    assert_eq!((forbidden.status.as_u16(), &*forbidden.text), (403, "failure"));
    assert!(served.live.machines().is_empty());
}

#[tokio::test]
async fn points_come_newest_first_in_the_shape_of_the_readme() {
    let served = Served::new();
    for word in
        [WEB, "0123456789ab", "web", &format!("docker://{WEB}"), &format!("containerd://{WEB}")]
    {
        let path = format!("/getdatapoints?containerid={word}&period=60");
        let by_query = served.get(&path).await;
        let by_form =
            form(&served, "/getdatapoints", &format!("containerid={word}&period=60")).await;
        assert_eq!(by_query.text, by_form.text);
        let points = by_query.json();
        let points = points.as_array().unwrap();
        // Those that end behind a minute before now, the open one included.
        assert_eq!(points.len(), 13, "{word}");
        assert_eq!(points[0]["end"], FIRST + 125);
        assert_eq!(points[12]["end"], FIRST + 65);
        assert_eq!(points[1]["cpu"]["usage"], 1_000_000_000);
        assert_eq!(points[1]["name"], WEB);
    }
    let usual = served.get("/getdatapoints?containerid=web").await.json();
    assert_eq!(usual.as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn points_come_as_strings_on_request() {
    let served = Served::new();
    let answer = served.get("/getdatapoints?containerid=web&strings=1").await.json();
    let point: serde_json::Value = serde_json::from_str(answer[1].as_str().unwrap()).unwrap();
    assert_eq!(point["name"], format!("docker://{WEB}"));
    assert_eq!(
        (&point["start"], &point["end"]),
        (&json!("Sat Nov 21 12:01:55 2026"), &json!("Sat Nov 21 12:02:00 2026"))
    );
    assert_eq!(point["cpu"]["usage"], 1_000_000_000);
    assert_eq!(point["memory"]["ave"], 5.0);
}

#[tokio::test]
async fn an_unknown_container_has_no_points_and_no_container_is_an_error() {
    let served = Served::new();
    let unknown = served.get("/getdatapoints?containerid=unknown").await;
    assert_eq!((unknown.status.as_u16(), &*unknown.text), (200, "[]"));
    for query in ["", "?containerid=", "?containerid=docker://"] {
        let answer = served.get(&format!("/getdatapoints{query}")).await;
        assert_eq!((answer.status.as_u16(), &*answer.text), (400, "{}"), "{query}");
    }
    for period in ["x", "-1", "1.5", "99999999999"] {
        let answer = served.get(&format!("/getdatapoints?containerid=web&period={period}")).await;
        assert_eq!((answer.status.as_u16(), &*answer.text), (400, "failure"), "{period}");
    }
}

#[tokio::test]
async fn a_machine_that_is_known_by_another_name_is_not_polled_twice() {
    let served = Served::new();
    let known = r#"{"name": "node7", "address": "10.0.0.7:4194"}"#;
    assert_eq!(served.post_json("/api/v1/machines", known).await.status.as_u16(), 201);
    assert_eq!(served.get("/newmachine?machineip=10.0.0.7").await.text, "success");
    let names: Vec<_> = served.live.machines().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["node7"]);
    let kubelet = served.get("/newmachine?machineip=kubelet%2Bhttps://10.0.0.8").await;
    assert_eq!((kubelet.status.as_u16(), &*kubelet.text), (400, "failure"));
}
