//! Checks that the reader of expositions agrees with a plain one, whatever it read before. The tests,
//! the fuzzer and the test of its corpus use this.

pub mod plain;
mod plain_number;
mod plain_row;
pub mod told;

use cmetrics_core::MetricSet;
use cmetrics_core::parse::Parser;

use plain::Plain;
use told::{Listener, listen, parser, scraped_at};

/// What stands between the scrapes of an input of the fuzzer. No text has this byte.
const BETWEEN: u8 = 0xff;
/// The line by which each of them is an exposition, whatever follows.
const FIRST_LINE: &str = "# TYPE a counter\n";
/// Limits the cost of a run.
const MOST_SCRAPES: usize = 4;
const MOST_TEXT: usize = 20_000;

/// Compares the readers on the scrapes that `bytes` are.
pub fn agree(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(MOST_TEXT)];
    let scrapes = bytes.split(|byte| *byte == BETWEEN).take(MOST_SCRAPES);
    // Where the reader finds no text, only the labels that it reads matter.
    let texts = scrapes.map(|scrape| format!("{FIRST_LINE}{}", String::from_utf8_lossy(scrape)));
    let texts: Vec<_> = texts.map(until_end).collect();
    check(&texts);
}

/// The text up to a line that ends the document, or begins points that cmetrics wrote: the plain
/// reader reads scrapes.
pub fn until_end(mut text: String) -> String {
    let ends = |line: &str| match line.strip_prefix('{') {
        Some(inner) => {
            let is_quoted = inner.trim_ascii_start().starts_with('"');
            !is_quoted || plain_row::row(line.trim_ascii()).is_none()
        }
        None => ["[", "# EOF", "# HELP cmetrics_points "].iter().any(|end| line.starts_with(end)),
    };
    let mut end = 0;
    while let Some(line) = text[end..].split_inclusive('\n').next().filter(|line| !ends(line)) {
        end += line.len();
    }
    text.truncate(end);
    text
}

/// Asserts that all readers tell the same of scrapes that follow each other, and of the same again.
pub fn check<T: AsRef<str>>(texts: &[T]) {
    let texts: Vec<_> =
        texts.iter().map(|text| (text.as_ref(), plain::read(text.as_ref()))).collect();
    let mut remembering = parser();
    for how in ["first", "again"] {
        for (text, plain) in &texts {
            assert_same(&listen(&mut remembering, text.as_bytes()), plain, text, how);
        }
    }
    let mut strict = Parser::strict(MetricSet::all());
    strict.set_scraped_at(Some(scraped_at()));
    for (text, plain) in &texts {
        assert_same(&listen(&mut strict, text.as_bytes()), plain, text, "strict");
    }
}

/// Asserts that a listener heard what the plain reader reads.
fn assert_same(heard: &Listener, plain: &Plain, text: &str, how: &str) {
    let is_of_line = |error: &&cmetrics_core::Error| error.to_string().contains("the line is left");
    let lines = heard.errors.iter().filter(is_of_line).map(|error| error.place().line.unwrap());
    assert_eq!(lines.collect::<Vec<_>>(), plain.bad_lines, "{how}\n{text}\n{:?}", heard.errors);
    assert_eq!(
        heard.all.keys().collect::<Vec<_>>(),
        plain.all.keys().collect::<Vec<_>>(),
        "{how}\n{text}"
    );
    for (key, told) in &heard.all {
        assert_eq!(told, &plain.all[key], "{how}: {key:?}\n{text}");
    }
}
