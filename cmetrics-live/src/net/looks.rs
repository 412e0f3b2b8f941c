//! Whether an answer is what was asked for, and what it looks like if not.

use super::Reply;
use super::body::first_line;
use crate::failure::{Failure, FailureKind};

/// Refuses an answer that is not of the form that was asked for (`json`, or else an exposition): by
/// its content type, and by how it begins.
pub(crate) fn look(reply: &Reply, is_json: bool, body: &[u8]) -> Result<(), Failure> {
    let told = reply.content_type.as_deref().unwrap_or_default();
    let media = told.split(';').next().unwrap_or_default().trim();
    let is_of_type = match (is_json, media) {
        // What is not told is judged by what it is.
        (_, "") => true,
        (true, media) => media == "application/json" || media.ends_with("+json"),
        (false, media) => matches!(media, "text/plain" | "application/openmetrics-text"),
    };
    let begin = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let begins_well = match begin {
        None => !is_json,
        Some(byte) => is_json == matches!(byte, b'{' | b'[' | b'"') && *byte != b'<',
    };
    if is_of_type && begins_well {
        return Ok(());
    }
    let expected = if is_json { "JSON" } else { "an exposition" };
    let told = if told.is_empty() { "of no told type".to_owned() } else { told.to_owned() };
    let message = format!(
        "{}: expected {expected}, and the answer is {} ({told}): is it the right port and path?",
        reply.url,
        likeness(body)
    );
    Err(Failure::new(FailureKind::NotMetrics, message))
}

/// What text looks like.
fn likeness(body: &[u8]) -> String {
    let start: String =
        String::from_utf8_lossy(body.get(..512).unwrap_or(body)).trim_start().to_lowercase();
    let line = first_line(body);
    match start.chars().next() {
        None => "empty".to_owned(),
        Some('<') if start.contains("<html") || start.starts_with("<!doctype") => {
            "an HTML page".to_owned()
        }
        Some('<') => "XML or HTML".to_owned(),
        Some('{' | '[') => "JSON".to_owned(),
        Some('#') if start.starts_with("# help") || start.starts_with("# type") => {
            "an exposition of metrics".to_owned()
        }
        Some('\u{fffd}' | '\0') => "no text".to_owned(),
        _ => format!("the text {line:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(content_type: &str, is_json: bool, body: &str) -> Result<(), String> {
        let content_type = Some(content_type.to_owned()).filter(|told| !told.is_empty());
        let reply = Reply { url: "http://a/".to_owned(), content_type, ..Reply::default() };
        look(&reply, is_json, body.as_bytes()).map_err(|failure| failure.message)
    }

    #[test]
    fn answers_of_the_wrong_form_are_told_with_what_they_look_like() {
        assert_eq!(judged("application/json; charset=utf-8", true, " {}"), Ok(()));
        assert_eq!(judged("", true, "[]"), Ok(()));
        assert_eq!(judged("text/plain; version=0.0.4", false, "# HELP a b\n"), Ok(()));
        assert_eq!(judged("text/plain", false, ""), Ok(()));
        for (told, is_json, body, like) in [
            ("text/html", true, "<!DOCTYPE html><html>", "an HTML page"),
            ("application/json", true, "", "empty"),
            ("text/plain", true, "{}", "JSON (text/plain)"),
            ("application/json", true, "404 page not found", "the text \"404 page not found\""),
            ("text/plain", true, "# HELP a b", "an exposition"),
            ("application/json", false, "{}", "JSON"),
            ("", false, "<html>", "an HTML page"),
        ] {
            let message = judged(told, is_json, body).unwrap_err();
            assert!(message.contains(like), "{message}");
        }
    }
}
