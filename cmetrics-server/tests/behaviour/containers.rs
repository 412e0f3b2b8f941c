//! Containers: selected by each of their names.

use crate::common::{FIRST, Served, WEB};

async fn names(served: &Served, query: &str) -> Vec<String> {
    let answer = served.get(&format!("/api/v1/containers{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let list = answer.json();
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn containers_are_selected_by_any_of_their_names() {
    let served = Served::new();
    assert_eq!(names(&served, "").await, [WEB, "node2:/"]);
    for query in [
        "?machine=node1",
        "?container=web",
        "?container=docker%3A%2F%2F0123456789ab",
        "?alias=we*",
        "?image=nginx:*",
        "?label=app=front",
        "?label=app%3Dfront&machine=node1&alias=web",
        "?name=0123*",
    ] {
        assert_eq!(names(&served, query).await, [WEB], "{query}");
    }
    assert_eq!(names(&served, "?machine=node1&machine=node2").await.len(), 2);
    for query in ["?machine=node3", "?label=app=back", "?machine=node2&container=web"] {
        assert!(names(&served, query).await.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn a_container_tells_who_it_is() {
    let served = Served::new();
    let list = served.get("/api/v1/containers?container=web").await.json();
    let one = &list[0];
    assert_eq!((one["machine"].as_str(), one["image"].as_str()), (Some("node1"), Some("nginx:1")));
    assert_eq!((one["start"].as_u64(), one["end"].as_u64()), (Some(FIRST), Some(FIRST + 125)));
    assert_eq!(one["limits"]["memory_bytes"], 8192);
    assert_eq!(one["labels"]["app"], "front");
}

#[tokio::test]
async fn an_unknown_container_is_named_with_similar_ones() {
    let served = Served::new();
    served.get("/api/v1/containers?container=wbe").await.is_problem(404, "web");
    served.get("/api/v1/containers?container=").await.is_problem(400, "the beginning of an id");
    served.get("/api/v1/containers?label=app").await.is_problem(400, "KEY=VALUE");
}

#[tokio::test]
async fn only_containers_with_points_in_the_span_are_listed() {
    let served = Served::new();
    assert_eq!(names(&served, &format!("?end={FIRST}")).await.len(), 0);
    assert_eq!(names(&served, &format!("?start={FIRST}&end={}", FIRST + 1)).await.len(), 2);
    assert_eq!(names(&served, "?period=10").await.len(), 2);
    served.get("/api/v1/containers?start=5&end=5").await.is_problem(400, "behind the start");
    served.get("/api/v1/containers?start=soon").await.is_problem(400, "2026-11-21T12:00:00Z");
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let served = Served::new();
    let first = served.get("/api/v1/containers?limit=1&machine=node1&machine=node2").await;
    assert_eq!(first.json()[0]["name"], WEB);
    let second = served.get(&first.next().unwrap()).await;
    assert_eq!(second.json()[0]["name"], "node2:/");
    assert_eq!(second.next(), None);
    served.get("/api/v1/containers?limit=0").await.is_problem(400, "from 1 to 100000");
}
