//! Messages on standard error, each on one line.

use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal, Write};

use clap::builder::styling::{AnsiColor, Style};

/// Prints an error.
pub(crate) fn error(message: impl Display) {
    print("error: ", AnsiColor::Red.on_default().bold(), &message);
}

/// Prints a note.
pub(crate) fn note(message: impl Display) {
    print("note: ", Style::new().bold(), &message);
}

/// Prints a message without a prefix.
pub(crate) fn plain(message: impl Display) {
    print("", Style::new(), &message);
}

fn print(prefix: &str, style: Style, message: &dyn Display) {
    let message = on_one_line(&message.to_string());
    let mut stderr = io::stderr().lock();
    // An error of standard error itself cannot be reported anywhere.
    let _ = if coloured(&stderr) {
        writeln!(stderr, "{style}{prefix}{style:#}{message}")
    } else {
        writeln!(stderr, "{prefix}{message}")
    };
}

/// Whether to use colours. By <https://no-color.org>, any value of `NO_COLOR` but the empty one
/// turns them off.
fn coloured(stderr: &impl IsTerminal) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    stderr.is_terminal() && !is_set("NO_COLOR") && !is_dumb
}

/// Escapes control characters. The names of files and containers are not ours, and their control
/// characters must not reach a terminal.
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
