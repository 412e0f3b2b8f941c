//! Only for the names that the server has. A web page that makes a name of its own stand for this
//! server's address would otherwise read from it.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::Shared;
use crate::problem::Problem;

pub(super) async fn check(State(app): State<Shared>, request: Request, next: Next) -> Response {
    match allowed(&app.options.hosts, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            app.observed.refuse("hosts");
            problem.into_response()
        }
    }
}

fn allowed(hosts: &[String], request: &Request) -> Result<(), Problem> {
    const EXPECTED: &str = "localhost, an IP address, or a host name that the server was given";
    let wrong =
        |detail: String| Problem::new(StatusCode::MISDIRECTED_REQUEST, detail).expecting(EXPECTED);
    let mut headers = request.headers().get_all(HOST).iter();
    let host = headers.next().and_then(|value| value.to_str().ok());
    if headers.next().is_some() {
        return Err(Problem::bad("there are several Host headers"));
    }
    // The target may have one, too, as that of a request to a proxy. Both must be ours.
    let of_target = request.uri().host();
    if host.or(of_target).is_none() {
        return Err(wrong("there is no Host".to_owned()));
    }
    for host in host.into_iter().chain(of_target) {
        let name = without_port(host).to_ascii_lowercase();
        if !(is_address(&name) || name == "localhost" || hosts.contains(&name)) {
            return Err(wrong(format!("the host is {name:?}")));
        }
    }
    Ok(())
}

/// A host without its port.
pub(super) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether it is an IP address. Nobody can make one stand for another.
fn is_address(name: &str) -> bool {
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => matches!(name.parse(), Ok(IpAddr::V4(_))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_host_does_not_matter() {
        let names = ["a:80", "a", "[::1]:80", "[::1]", "1.2.3.4:5"].map(without_port);
        assert_eq!(names, ["a", "a", "[::1]", "[::1]", "1.2.3.4"]);
        assert!(["[::1]", "1.2.3.4"].iter().all(|name| is_address(name)));
        assert!(["::1", "1.2.3.4.example.org", "[a]", ""].iter().all(|name| !is_address(name)));
    }
}
