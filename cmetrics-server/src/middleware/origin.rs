//! What changes something is not triggered by other web pages: not by a form, a script or a picture.

use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::Shared;
use crate::problem::Problem;

pub(super) async fn check(State(app): State<Shared>, request: Request, next: Next) -> Response {
    match foreign(request.headers()) {
        None => next.run(request).await,
        Some(why) => {
            app.observed.refuse("origin");
            Problem::new(StatusCode::FORBIDDEN, format!("another web page asks for this: {why}"))
                .expecting("a request of a program, or of a page of this server")
                .into_response()
        }
    }
}

/// Why the request seems to come from a page of another server. Programs send neither header.
fn foreign(headers: &HeaderMap) -> Option<String> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text(&HeaderName::from_static("sec-fetch-site"));
    if let Some(site) = site.filter(|site| !matches!(*site, "same-origin" | "none")) {
        return Some(format!("Sec-Fetch-Site is {site:?}"));
    }
    let origin = text(&ORIGIN)?;
    let host = text(&HOST).unwrap_or_default();
    let own = ["http://", "https://"].iter().find_map(|scheme| origin.strip_prefix(scheme));
    let is_own = own.is_some_and(|own| own.eq_ignore_ascii_case(host));
    (!is_own).then(|| format!("Origin is {origin:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_foreign(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        foreign(&headers).is_some()
    }

    #[test]
    fn a_program_and_an_own_page_may_change_something() {
        assert!(!is_foreign(&[("host", "a:1")]));
        assert!(!is_foreign(&[("host", "a:1"), ("origin", "http://a:1")]));
        assert!(!is_foreign(&[("host", "a"), ("origin", "https://A"), ("sec-fetch-site", "none")]));
        assert!(is_foreign(&[("host", "a:1"), ("origin", "http://a:2")]));
        assert!(is_foreign(&[("host", "a:1"), ("origin", "null")]));
        assert!(is_foreign(&[("host", "a:1"), ("sec-fetch-site", "cross-site")]));
        assert!(is_foreign(&[("host", "a:1"), ("sec-fetch-site", "same-site")]));
        assert!(is_foreign(&[("host", ""), ("origin", "ftp://")]));
    }
}
