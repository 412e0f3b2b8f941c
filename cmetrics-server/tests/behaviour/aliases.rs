//! An alias that several containers had, one after another or at once.

use cmetrics_core::{Input, Pipeline, Timestamp};
use serde_json::Value;

use crate::common::{FIRST, Served};

const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222222222222222222222222222";

/// A server that also knows these containers with the alias `app-1`: of a machine, with an id, and
/// with so many samples from so many seconds after the first.
fn with_apps(apps: &[(&'static str, &str, u64, u64)]) -> Served {
    let served = Served::new();
    for (machine, id, start, samples) in apps {
        let sample = |index: u64| {
            let time = Timestamp::from_seconds(FIRST + start + 5 * index).unwrap();
            format!(r#"{{"timestamp": "{time}", "cpu": {{"usage": {{"total": {index}}}}}}}"#)
        };
        let stats = (0..*samples).map(sample).collect::<Vec<_>>().join(",");
        let dump = format!(
            r#"{{"/docker/{id}": {{"id": "{id}", "aliases": ["app-1", "{id}"],
                "spec": {{"has_cpu": true}}, "stats": [{stats}]}}}}"#
        );
        let mut pipeline = Pipeline::new(served.live.store().settings());
        let input = Input::bytes("dump", dump.as_bytes()).machine(*machine);
        pipeline.read(input).into_result().unwrap();
        served.live.store().ingest(pipeline.series()).unwrap();
    }
    served
}

fn at_once() -> Served {
    with_apps(&[("n1", ONE, 0, 24), ("n2", TWO, 0, 25)])
}

fn names(list: &Value) -> Vec<&str> {
    let mut names: Vec<_> =
        list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    names.dedup();
    names
}

#[tokio::test]
async fn the_machine_tells_which_of_several_containers_with_an_alias_is_meant() {
    let served = at_once();
    for path in ["containers", "points"] {
        for (machine, id) in [("n1", ONE), ("n2", TWO)] {
            let path = format!("/api/v1/{path}?container=app-1&machine={machine}");
            assert_eq!(names(&served.get(&path).await.json()), [id], "{path}");
        }
        let path = format!("/api/v1/{path}?container=app-1&name=1*");
        assert_eq!(names(&served.get(&path).await.json()), [ONE], "{path}");
    }
    let events = served.get("/api/v1/events?container=app-1&machine=n1").await;
    assert_eq!(events.status.as_u16(), 200, "{}", events.text);
}

#[tokio::test]
async fn an_alias_that_several_containers_have_at_once_is_ambiguous() {
    let served = at_once();
    for path in ["containers", "points", "events"] {
        let answer = served.get(&format!("/api/v1/{path}?container=app-1")).await;
        answer.is_problem(409, "several containers at once");
        answer.is_problem(409, &format!("{ONE} (machine=n1), {TWO} (machine=n2)"));
    }
    let all = served.get("/api/v1/containers?container=app-1&all_bearers=1").await.json();
    assert_eq!(names(&all), [ONE, TWO]);
}

#[tokio::test]
async fn of_containers_that_had_an_alias_one_after_another_the_latest_is_meant() {
    // Both have a point of the interval in which the alias went over.
    let served = with_apps(&[("n1", ONE, 0, 12), ("n2", TWO, 57, 12)]);
    for path in ["containers?container=app-1", "points?container=app-1"] {
        assert_eq!(names(&served.get(&format!("/api/v1/{path}")).await.json()), [TWO], "{path}");
    }
    let early = format!("/api/v1/points?container=app-1&start={FIRST}&end={}", FIRST + 30);
    assert_eq!(names(&served.get(&early).await.json()), [ONE]);
    let door = served.get("/getdatapoints?containerid=app-1&period=120").await.json();
    assert_eq!(names(&door), [TWO]);
}

#[tokio::test]
async fn the_flask_service_answers_for_the_same_of_several_containers_at_once() {
    for (first, second) in [(24, 25), (25, 24), (25, 25)] {
        let served = with_apps(&[("n2", TWO, 0, first), ("n1", ONE, 0, second)]);
        let points = served.get("/getdatapoints?containerid=app-1&period=60").await.json();
        assert_eq!(names(&points), [ONE], "{first} {second}");
    }
    // One that ended a minute ago is live no longer.
    let served = with_apps(&[("n1", ONE, 0, 10), ("n2", TWO, 0, 25)]);
    let points = served.get("/getdatapoints?containerid=app-1&period=120").await.json();
    assert_eq!(names(&points), [TWO]);
}
