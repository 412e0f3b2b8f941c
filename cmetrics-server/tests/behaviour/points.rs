//! Points: spans, formats, roll-ups, pages, and answers that a client has already.

use cmetrics_core::point::Csv;
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{DataPoint, MetricSet, Timestamp};
use cmetrics_server::{Clock, Limits};

use crate::common::{Answer, FIRST, Served, WEB, request};
use axum::body::Body;

fn stored(served: &Served, name: &str) -> Vec<DataPoint> {
    let points = served
        .live
        .store()
        .range(name, unix_seconds(0..u64::MAX), Some(MetricSet::default()))
        .unwrap();
    points.collect::<Result<_, _>>().unwrap()
}

async fn points(served: &Served, query: &str) -> Answer {
    let answer = served.get(&format!("/api/v1/points{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer
}

#[tokio::test]
async fn points_are_those_of_the_store_in_each_format() {
    let served = Served::new();
    let known = stored(&served, WEB);
    assert_eq!(known.len(), 25);
    let query = format!("?container=web&start={FIRST}");
    let lines: String =
        known.iter().map(|point| serde_json::to_string(point).unwrap() + "\n").collect();
    assert_eq!(points(&served, &format!("{query}&format=ndjson")).await.text, lines);
    let array = format!("[\n{}\n]\n", lines.trim_end().replace('\n', ",\n"));
    assert_eq!(points(&served, &query).await.text, array);

    let (csv, mut text) = (Csv::new(MetricSet::default(), false), Vec::new());
    csv.write_titles([], &mut text);
    for point in &known {
        csv.write_row(point, [], &mut text);
    }
    let answer = points(&served, &format!("{query}&format=csv")).await;
    assert_eq!((answer.header("content-type"), &answer.bytes), ("text/csv", &text));
}

#[tokio::test]
async fn the_format_is_what_the_client_accepts() {
    let served = Served::new();
    for (accept, kind) in [
        ("text/csv", "text/csv"),
        ("application/x-ndjson, */*;q=0.1", "application/x-ndjson"),
        ("*/*", "application/json"),
    ] {
        let request = request("GET", "/api/v1/points").header("accept", accept);
        let answer = served.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("content-type"), kind);
    }
    let picture = request("GET", "/api/v1/points").header("accept", "image/png");
    served.send(picture.body(Body::empty()).unwrap()).await.is_problem(406, "text/csv");
    served.get("/api/v1/points?format=xml").await.is_problem(400, "csv");
}

#[cfg(feature = "arrow")]
#[tokio::test]
async fn an_arrow_stream_has_the_columns_of_csv() {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    let served = Served::new();
    let query = format!("?container=web&start={FIRST}&extended=1&metrics=memory.working_set");
    let csv = points(&served, &format!("{query}&format=csv")).await.text;
    let arrow = points(&served, &format!("{query}&format=arrow")).await;
    let mut reader =
        arrow_ipc::reader::StreamReader::try_new(arrow.bytes.as_slice(), None).unwrap();
    let titles: Vec<_> = reader.schema().fields().iter().map(|one| one.name().clone()).collect();
    assert_eq!(titles.join(","), csv.lines().next().unwrap());
    let batch = reader.next().unwrap().unwrap();
    assert_eq!(batch.num_rows(), 25);
    let cpu = batch.column_by_name("cpu.usage").unwrap().as_primitive::<Int64Type>();
    assert_eq!(cpu.value(3), 1_000_000_000);
    let share = batch.column_by_name("of_limit.memory").unwrap().as_primitive::<Float64Type>();
    assert!((share.value(3) - 0.625).abs() < 1e-9);
    assert!(batch.column_by_name("network.tx_kb").unwrap().is_null(0));
    assert!(reader.next().is_none());
}

#[tokio::test]
async fn without_a_span_it_is_the_last_minute() {
    let served = Served::new();
    let answer = points(&served, "?container=web").await.json();
    let first = &answer[0];
    // Up to the end of the newest point, which is the interval of the last sample.
    assert_eq!(first["start"], FIRST + 65);
    assert_eq!(answer.as_array().unwrap().len(), 12);
    let answer = points(&served, &format!("?container=web&period=10&end={}", FIRST + 20)).await;
    assert_eq!(answer.json()[0]["start"], FIRST + 10);
    assert_eq!(points(&served, "?machine=none").await.text, "[]\n");
}

#[tokio::test]
async fn points_are_rolled_up_exactly() {
    let served = Served::new();
    let query = format!("?container=web&start={FIRST}&end={}&interval=1m", FIRST + 120);
    let answer = points(&served, &query).await.json();
    let answer = answer.as_array().unwrap();
    assert_eq!(answer.len(), 2);
    assert_eq!(answer[0]["cpu"]["usage"], 12_000_000_000_u64);
    assert_eq!(
        (&answer[1]["start"], &answer[1]["end"]),
        (&(FIRST + 60).into(), &(FIRST + 120).into())
    );
    served.get("/api/v1/points?interval=7").await.is_problem(400, "multiple of the store's 5 s");
    served.get("/api/v1/points?interval=x").await.is_problem(400, "multiple");
}

#[tokio::test]
async fn only_complete_points_are_answered_where_that_is_asked_for() {
    let served = Served::new();
    let query = format!("?container=web&start={FIRST}");
    assert_eq!(points(&served, &query).await.json().as_array().unwrap().len(), 25);
    let complete = points(&served, &format!("{query}&complete=1&extended")).await.json();
    let complete = complete.as_array().unwrap();
    assert_eq!(complete.len(), 24);
    assert!(complete.iter().all(|point| point["coverage"] == 1.0));
    served.get("/api/v1/points?complete=maybe").await.is_problem(400, "1 or 0");
}

#[tokio::test]
async fn selected_metrics_are_beside_the_documented_ones() {
    let served = Served::new();
    let answer = points(&served, "?container=web&metrics=memory.working_set,%20cpu.user").await;
    let metrics = &answer.json()[0]["metrics"];
    assert!(metrics["memory.working_set"]["ave"].is_number());
    assert!(metrics["cpu.user"].is_null());
    served.get("/api/v1/points?metrics=memory.workingset").await.is_problem(400, "working_set");
}

#[tokio::test]
async fn pages_have_each_point_once_and_whatever_the_format() {
    let served = Served::new();
    for extra in ["", "&interval=10"] {
        let whole = points(&served, &format!("?start={FIRST}&format=ndjson{extra}")).await.text;
        for limit in [1, 2, 7, 24, 25, 26, 49, 50, 51] {
            let mut text = String::new();
            let mut path =
                format!("/api/v1/points?start={FIRST}&format=ndjson&limit={limit}{extra}");
            loop {
                let page = served.get(&path).await;
                assert!(page.text.lines().count() <= limit, "{limit}");
                text.push_str(&page.text);
                match page.next() {
                    Some(next) => path = next,
                    None => break,
                }
            }
            assert_eq!(text, whole, "{limit} {extra}");
        }
    }
    served.get("/api/v1/points?after=x").await.is_problem(400, "cursor");
}

#[tokio::test]
async fn a_page_is_no_longer_than_it_may_be() {
    let mut limits = Limits::default();
    limits.most_read = 10;
    limits.most_rows = 8;
    let served = Served::with(|options| options.with_limits(limits));
    let lines = points(&served, &format!("?container=web&start={FIRST}&format=ndjson")).await;
    assert_eq!(lines.text.lines().count(), 8);
    let wide = format!("?container=web&start={FIRST}&interval=10&format=ndjson");
    assert_eq!(points(&served, &wide).await.text.lines().count(), 5);
    served.get("/api/v1/points?limit=9").await.is_problem(400, "from 1 to 8");
    served.get("/api/v1/points?start=0&end=99999999").await.is_problem(400, "at most 34560000 s");
}

#[tokio::test]
async fn what_is_final_has_a_tag_and_is_not_sent_again() {
    let later = Timestamp::from_seconds(FIRST + 10_000).unwrap();
    let served = Served::with(|options| options.with_clock(Clock::of(move || later)));
    let path = format!("/api/v1/points?container=web&start={FIRST}&end={}", FIRST + 60);
    let first = served.get(&path).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert!(first.header("cache-control").contains("immutable"));
    let varies: Vec<_> = first.headers.get_all("vary").iter().collect();
    assert!(varies.contains(&&axum::http::HeaderValue::from_static("accept")), "{varies:?}");
    let again = |path: &str, tag: &str| {
        let request = request("GET", path).header("if-none-match", format!("\"x\", {tag}"));
        request.body(Body::empty()).unwrap()
    };
    let answer = served.send(again(&path, &tag)).await;
    assert_eq!((answer.status.as_u16(), &*answer.text), (304, ""));
    assert_eq!(answer.header("etag"), tag);
    let other = format!("{path}&format=csv");
    assert_eq!(served.send(again(&other, &tag)).await.status.as_u16(), 200);

    let fresh = Served::new();
    let answer = fresh.get(&path).await;
    assert_eq!((answer.header("etag"), answer.header("cache-control")), ("", "no-cache"));
}

#[tokio::test]
async fn a_long_answer_comes_in_parts() {
    let served = Served::new();
    served.ingest_long(9000);
    let known = stored(&served, "/long");
    assert_eq!(known.len(), 9001);
    for format in ["json", "ndjson", "csv"] {
        let path = format!("?container=/long&start={FIRST}&format={format}");
        let text = points(&served, &path).await.text;
        let extra = match format {
            "json" => 2,
            "csv" => 1,
            _ => 0,
        };
        assert_eq!(text.lines().count(), 9001 + extra, "{format}");
    }
}
