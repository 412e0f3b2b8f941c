//! Redis as cmetrics' ancestor used it: a list of JSON points for each container, the newest first.

use std::net::TcpListener;
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cmetrics_core::DataPoint;
use redis::{Connection, Value};

use crate::contender::{Contender, Sums, Sync, Told};

/// Two hours.
const KEPT: isize = 1440;

pub(crate) struct Redis {
    server: Child,
    connection: Connection,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Redis {
    /// A server of its own. `None` where there is none to be had.
    pub(crate) fn new(folder: &Path, sync: Sync) -> Option<Self> {
        std::fs::create_dir_all(folder).expect("a folder that can be made");
        // Free a moment later, which is as near as one gets.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr());
        let port = port.expect("a free port").port().to_string();
        let append_only = if sync == Sync::Always { "yes" } else { "no" };
        let server = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port, "--save", ""])
            .args(["--appendonly", append_only, "--appendfsync", "always"])
            .arg("--dir")
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = server.ok()?;
        let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).expect("an address");
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(50));
            if let Ok(connection) = client.get_connection() {
                return Some(Self { server, connection });
            }
        }
        panic!("redis-server does not answer");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // If it is gone already, that is as well.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Contender for Redis {
    fn name(&self) -> &'static str {
        "Redis"
    }

    fn append(&mut self, points: &[DataPoint]) {
        let mut pipe = redis::pipe();
        for point in points {
            let mut text = Vec::with_capacity(1024);
            point.write_json(&mut text);
            pipe.lpush(point.name(), text).ignore().ltrim(point.name(), 0, KEPT - 1).ignore();
        }
        pipe.exec(&mut self.connection).expect("points that can be kept");
    }

    fn last(&mut self, names: &[&str], points: usize) -> Vec<Told> {
        let mut pipe = redis::pipe();
        for name in names {
            pipe.lrange(*name, 0, points.cast_signed() - 1);
        }
        let answers: Vec<Vec<Vec<u8>>> = pipe.query(&mut self.connection).expect("lists");
        answers.into_iter().map(Told::Texts).collect()
    }

    fn range(&mut self, _: &str, _: Range<u64>) -> Sums {
        Sums::default() // It does not keep a day.
    }

    fn bytes(&mut self) -> u64 {
        let info: Value =
            redis::cmd("INFO").arg("memory").query(&mut self.connection).expect("figures");
        let info: String = redis::from_redis_value(info).expect("text");
        let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
        used.and_then(|used| used.trim().parse().ok()).expect("the memory that is used")
    }
}
