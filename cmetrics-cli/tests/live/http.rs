//! Requests as any client makes them.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::common::LIMIT;

/// The status and the body of an answer.
#[track_caller]
pub(crate) fn get(address: &str, path: &str) -> (u16, String) {
    request(address, &format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n"))
}

/// The same with a header.
#[track_caller]
pub(crate) fn get_with(address: &str, path: &str, header: &str) -> (u16, String) {
    request(address, &format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n{header}\r\n\r\n"))
}

/// The answer to a form that is posted, as `curl -d` does.
#[track_caller]
pub(crate) fn post_form(address: &str, path: &str, form: &str) -> (u16, String) {
    let length = form.len();
    request(
        address,
        &format!(
            "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}"
        ),
    )
}

#[track_caller]
fn request(address: &str, text: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
