//! `cmetrics health`: whether a server is ready, for probes of containers.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::args::HealthArgs;
use crate::messages;
use crate::outcome::{Failure, Status};

/// The most that is read of an answer.
const LONGEST: u64 = 64 << 10;

pub(crate) fn run(args: &HealthArgs) -> Result<Status, Failure> {
    let target = Target::parse(&args.url).map_err(Failure::usage)?;
    let url = format!("http://{}{}", target.authority, target.path);
    match target.ask(Duration::from_secs(args.timeout.clamp(1, 3600))) {
        Ok(answer) if answer.status == 200 => {
            messages::plain(format_args!("ready: {url}"));
            Ok(Status::AllWell)
        }
        Ok(answer) => {
            let Answer { status, why } = answer;
            messages::error(format_args!("not ready: {url} answers {status}: {why}"));
            Ok(Status::Damaged)
        }
        Err(error) => {
            messages::error(format_args!("not ready: {url}: {error}"));
            Ok(Status::Damaged)
        }
    }
}

/// What is asked, and where.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    authority: String,
    path: String,
}

struct Answer {
    status: u16,
    /// The first line of the body.
    why: String,
}

impl Target {
    fn parse(url: &str) -> Result<Self, String> {
        let expected = "expected a URL such as http://127.0.0.1:5000";
        let rest = match url.split_once("://") {
            Some(("http", rest)) => rest,
            Some((scheme, _)) => {
                return Err(format!(
                    "{url:?} has the scheme {scheme}: {expected}; a probe asks the \
                                    server beside it, without TLS"
                ));
            }
            None => url,
        };
        let at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        if authority.is_empty() || authority.contains('@') || !is_plain(rest) {
            return Err(format!("{url:?} is no such URL: {expected}"));
        }
        let has_port =
            authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let authority = if has_port { authority.to_owned() } else { format!("{authority}:80") };
        let path = if matches!(path, "" | "/") { "/readyz" } else { path };
        Ok(Self { authority, path: path.to_owned() })
    }

    fn ask(&self, patience: Duration) -> io::Result<Answer> {
        let end = Instant::now() + patience;
        let mut stream = self.connect(end)?;
        stream.set_write_timeout(Some(patience))?;
        let head = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: cmetrics-health\r\nConnection: close\r\n\r\n",
            self.path, self.authority
        );
        stream.write_all(head.as_bytes())?;
        let answer = read_until(&mut stream, end)?;
        answer_of(&String::from_utf8_lossy(&answer))
            .ok_or_else(|| io::Error::other("the answer is no HTTP: is it another service?"))
    }

    fn connect(&self, end: Instant) -> io::Result<TcpStream> {
        let mut failure = io::Error::other("the name has no address");
        for address in self.authority.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, left(end)?) {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }
}

/// Reads up to the end, or as much as matters.
fn read_until(stream: &mut TcpStream, end: Instant) -> io::Result<Vec<u8>> {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    while (all.len() as u64) < LONGEST {
        stream.set_read_timeout(Some(left(end)?))?;
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(length) => all.extend_from_slice(part.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(too_late()),
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(too_late()) } else { Ok(left) }
}

fn too_late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time (--timeout SECONDS)")
}

fn answer_of(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut words = head.lines().next()?.splitn(3, ' ');
    let is_http = words.next()?.starts_with("HTTP/1.");
    let status = words.next()?.parse().ok().filter(|_| is_http)?;
    let reason = words.next().unwrap_or_default();
    let line = body.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(reason);
    Some(Answer { status, why: line.chars().take(200).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_path_asks_whether_it_is_ready() {
        let target = |url| Target::parse(url).map(|one| format!("{}{}", one.authority, one.path));
        assert_eq!(target("http://127.0.0.1:5000").unwrap(), "127.0.0.1:5000/readyz");
        assert_eq!(target("[::1]:5000/").unwrap(), "[::1]:5000/readyz");
        assert_eq!(target("http://host/livez?verbose").unwrap(), "host:80/livez?verbose");
        for url in ["", "https://host", "http://", "http://a@b", "http://a b", "http://h/\r\nx"] {
            assert!(target(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_answer_is_a_status_and_the_first_line() {
        let answer = answer_of("HTTP/1.1 503 Busy\r\nA: b\r\n\r\n\n stopping\nmore").unwrap();
        assert_eq!((answer.status, &*answer.why), (503, "stopping"));
        assert_eq!(answer_of("HTTP/1.0 404 Not Found\r\n\r\n").unwrap().why, "Not Found");
        assert!(answer_of("SSH-2.0").is_none() && answer_of("").is_none());
    }
}
