//! The protocol of Redis, as far as a sink needs it.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::options::RedisOptions;

/// A connection to Redis.
#[derive(Debug)]
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
}

/// Commands that are sent together.
#[derive(Debug, Default)]
pub(super) struct Commands {
    bytes: Vec<u8>,
    number: usize,
}

impl Commands {
    /// Adds a command.
    pub(super) fn add(&mut self, words: &[&[u8]]) {
        self.bytes.extend(format!("*{}\r\n", words.len()).bytes());
        for word in words {
            self.bytes.extend(format!("${}\r\n", word.len()).bytes());
            self.bytes.extend_from_slice(word);
            self.bytes.extend_from_slice(b"\r\n");
        }
        self.number += 1;
    }
}

impl Connection {
    /// Connects, and says who asks.
    pub(super) fn open(options: &RedisOptions) -> io::Result<Self> {
        let stream = connected(&options.address, options.timeout)?;
        stream.set_read_timeout(Some(options.timeout))?;
        stream.set_write_timeout(Some(options.timeout))?;
        let mut connection = Self { stream: BufReader::new(stream) };
        let mut commands = Commands::default();
        if let Some(password) = &options.password {
            commands.add(&[b"AUTH", password.0.as_bytes()]);
        }
        if options.database > 0 {
            commands.add(&[b"SELECT", options.database.to_string().as_bytes()]);
        }
        commands.add(&[b"PING"]);
        connection.send(&commands)?;
        Ok(connection)
    }

    /// Sends commands, and waits until all are done.
    pub(super) fn send(&mut self, commands: &Commands) -> io::Result<()> {
        self.stream.get_mut().write_all(&commands.bytes)?;
        let mut refused = None;
        for _ in 0..commands.number {
            // The others are read all the same, so that replies go with their commands.
            if let Some(why) = self.reply()? {
                refused.get_or_insert(why);
            }
        }
        refused.map_or(Ok(()), |why| Err(io::Error::other(format!("Redis answers: {why}"))))
    }

    /// Reads a reply; `Some` if it is an error.
    fn reply(&mut self) -> io::Result<Option<String>> {
        let line = self.line()?;
        let rest = line.get(1..).unwrap_or_default();
        match line.as_bytes().first() {
            Some(b'-') => Ok(Some(rest.to_owned())),
            Some(b'+' | b':') => Ok(None),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "what answers is no Redis")),
        }
    }

    fn line(&mut self) -> io::Result<String> {
        const LONGEST: u64 = 4096;
        let mut line = Vec::new();
        io::Read::take(&mut self.stream, LONGEST).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

/// Tries all addresses of a name.
fn connected(address: &str, timeout: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return Ok(stream),
            Err(cause) => last = cause,
        }
    }
    Err(last)
}
