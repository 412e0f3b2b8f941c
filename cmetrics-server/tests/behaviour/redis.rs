//! Points in Redis, in the layouts of two older services.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cmetrics_core::Timestamp;
use cmetrics_live::Machine;
use cmetrics_server::{Layout, RedisOptions};
use serde_json::Value;

use crate::common::{FIRST, Served, WEB};

/// A Redis of its own, which ends with it.
struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// `None`, and a message, where there is none to be had. `REDIS_SERVER` may name the program.
    fn start(folder: &Path) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = std::env::var("REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned());
        let child = Command::new(program)
            .args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string()])
            .arg("--dir")
            .arg(folder)
            .stdout(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            println!("skipped: there is no redis-server");
            return None;
        };
        let redis = Self { child, port };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(redis);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("redis-server does not listen");
    }

    fn options(&self, layout: Layout) -> RedisOptions {
        RedisOptions::new(format!("127.0.0.1:{}", self.port), layout)
    }

    /// The texts that a command answers.
    fn ask(&self, command: &str) -> Vec<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        texts(&mut BufReader::new(stream))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn texts(stream: &mut impl BufRead) -> Vec<String> {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let (kind, rest) = line.trim().split_at(1);
    match kind {
        "*" => (0..rest.parse().unwrap()).flat_map(|_: usize| texts(stream)).collect(),
        "$" if rest == "-1" => Vec::new(),
        "$" => {
            let mut text = vec![0; rest.parse::<usize>().unwrap() + 2];
            stream.read_exact(&mut text).unwrap();
            vec![String::from_utf8(text).unwrap().trim_end().to_owned()]
        }
        _ => vec![rest.to_owned()],
    }
}

/// Lets points of `web` become final, 5 s apart, from a time on.
fn feed(served: &Served, start: u64, samples: u64) {
    for index in 0..samples {
        let time = Timestamp::from_seconds(start + 5 * index).unwrap();
        let reply = format!(
            r#"{{"/docker/{WEB}": {{"id": "{WEB}", "aliases": ["web", "{WEB}"],
                "spec": {{"has_cpu": true, "image": "quilt/mongodb-server:3"}}, "stats": [
                {{"timestamp": "{time}", "cpu": {{"usage": {{"total": {index}}}}}}}]}}}}"#
        );
        let recorder = served.live.recorder();
        let ingested = recorder.source("reply", Some("node1")).ingest(reply.as_bytes());
        assert_eq!(ingested.accepted, 1);
        recorder.advance(time);
        recorder.seal();
    }
}

fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("in a minute there was no {what}");
}

/// As the readers of the service did it: the newest points, each a JSON document.
fn points(redis: &Redis, key: &str) -> Vec<Value> {
    let texts = redis.ask(&format!("LRANGE {key} 0 -1"));
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

#[test]
fn a_list_for_each_container_has_the_newest_points_first() {
    let folder = tempfile::tempdir().unwrap();
    let Some(redis) = Redis::start(folder.path()) else { return };
    let options = redis.options(Layout::Triggers).with_points_of_list(50);
    let served = Served::with(|server| server.with_redis(options));
    let key = format!("docker://{WEB}");
    feed(&served, FIRST + 1000, 200);
    let sealed_to = FIRST + 1000 + 5 * 199 - 180;
    let newest = || points(&redis, &key).first().map(|point| point["end"].clone());
    let time = Timestamp::from_seconds(sealed_to).unwrap().to_string();
    wait_for("newest point", || {
        newest().is_some_and(|end| end.as_str().unwrap().contains(&time[11..19]))
    });
    let all = points(&redis, &key);
    assert_eq!(all.len(), 50);
    assert!(all.iter().all(|point| point["name"] == key && point["cpu"]["usage"] == 1));
    assert!(redis.ask("KEYS *") == [key]);
}

#[test]
fn a_set_of_names_lists_the_containers() {
    let folder = tempfile::tempdir().unwrap();
    let Some(redis) = Redis::start(folder.path()) else { return };
    let options = redis.options(Layout::Throttlebot);
    let served = Served::with(|server| server.with_redis(options));
    let machine = Machine::new(Some("node1".to_owned()), "10.0.0.7:8080".parse().unwrap());
    served.live.add(machine).unwrap();
    feed(&served, FIRST + 1000, 100);
    wait_for("name", || !redis.ask("SMEMBERS names").is_empty());
    let names = redis.ask("SMEMBERS names");
    assert_eq!(names, ["nginx:1@10.0.0.7"], "the image that was known first");
    let key = &names[0];
    wait_for("point", || !points(&redis, key).is_empty());
    let point = &points(&redis, key)[0];
    let is_time = |name: &str| point[name].as_str().unwrap().split(':').count() == 3;
    assert!(["ts", "ts1", "ts2"].iter().all(|name| is_time(name)), "{point}");
}

#[test]
fn what_waits_for_redis_is_bounded_counted_and_written_when_it_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let options = RedisOptions::new(&address, Layout::Triggers)
        .with_most_waiting(10)
        .with_longest_pause(Duration::from_millis(20));
    let served = Served::with(|server| server.with_redis(options));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let figures = || runtime.block_on(served.get("/metrics")).text;
    let figure = |name: &str| {
        let text = figures();
        let line = text.lines().find(|line| line.starts_with(name)).map(str::to_owned);
        line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).unwrap()
    };
    feed(&served, FIRST + 1000, 100);
    wait_for("dropped point", || {
        let dropped = figure("cmetrics_redis_dropped_points_total{by=\"spool\"}");
        dropped > 0 && figure("cmetrics_redis_failures_total") > 2
    });
    assert_eq!(figure("cmetrics_redis_waiting_points"), 10);
    assert_eq!(figure("cmetrics_redis_written_points_total"), 0);

    // A Redis that says yes to everything.
    let listener = TcpListener::bind(&address).unwrap();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut stream = stream;
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
                if line.starts_with('*') && stream.write_all(b":1\r\n").is_err() {
                    break;
                }
                line.clear();
            }
        }
    });
    wait_for("written point", || figure("cmetrics_redis_waiting_points") == 0);
    assert!(figure("cmetrics_redis_written_points_total") >= 10);
    assert_eq!(figure("cmetrics_redis_connected"), 1);
}
