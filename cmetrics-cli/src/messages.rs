//! What is said on standard error, a line at a time.

use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal, Write};

use clap::builder::styling::{AnsiColor, Style};

/// Says what went wrong.
pub(crate) fn error(message: impl Display) {
    print("error: ", AnsiColor::Red.on_default().bold(), &message);
}

/// Says what may be of interest.
pub(crate) fn note(message: impl Display) {
    print("note: ", Style::new().bold(), &message);
}

/// Says something without a word before it.
pub(crate) fn plain(message: impl Display) {
    print("", Style::new(), &message);
}

fn print(prefix: &str, style: Style, message: &dyn Display) {
    let message = on_one_line(&message.to_string());
    let mut stderr = io::stderr().lock();
    // Where standard error cannot be written there is nobody to tell.
    let _ = if coloured(&stderr) {
        writeln!(stderr, "{style}{prefix}{style:#}{message}")
    } else {
        writeln!(stderr, "{prefix}{message}")
    };
}

/// <https://no-color.org>: any value but the empty one says no.
fn coloured(stderr: &impl IsTerminal) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    stderr.is_terminal() && !is_set("NO_COLOR") && !is_dumb
}

/// The names of files and containers are other people's text: their control characters must not
/// reach a terminal.
pub(crate) fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            let _ = write!(line, "{}", char.escape_default());
        } else {
            line.push(char);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_not_sent() {
        assert_eq!(on_one_line("a\nb\u{1b}[31m é"), "a\\nb\\u{1b}[31m é");
    }
}
