//! A frame of the table: what fits on a screen.

/// The room of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Moves to the first place, and clears what a line or the screen has from here on.
const HOME: &str = "\u{1b}[H";
const CLEAR_LINE: &str = "\u{1b}[K";
const CLEAR_BELOW: &str = "\u{1b}[J";
/// Clears the whole screen.
pub(super) const CLEAR: &str = "\u{1b}[2J";

/// The text of a frame: the head, and of the table its titles and as many rows as fit.
pub(super) fn frame(head: &[String], table: &str, room: Room) -> String {
    let mut lines: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows: Vec<_> = table.lines().collect();
    // The last line stays free, for the prompt that comes after the end.
    let free = room.rows.saturating_sub(1).saturating_sub(lines.len());
    let more = if rows.len() <= free {
        lines.extend(&rows);
        String::new()
    } else {
        let shown = free.saturating_sub(1);
        lines.extend(rows.iter().take(shown));
        format!("… and {} more", rows.len().saturating_sub(shown.max(1)))
    };
    if !more.is_empty() {
        lines.push(&more);
    }
    let mut text = HOME.to_owned();
    for line in lines {
        text.extend(line.chars().take(room.columns));
        text.push_str(CLEAR_LINE);
        text.push_str("\r\n");
    }
    text.push_str(CLEAR_BELOW);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(table: &str, rows: usize, columns: usize) -> String {
        let text = frame(&["head".to_owned()], table, Room { rows, columns });
        for part in [HOME, CLEAR_LINE, CLEAR_BELOW] {
            assert!(text.contains(part));
        }
        text.replace(HOME, "").replace(CLEAR_LINE, "").replace(CLEAR_BELOW, "")
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let table = "TITLE\na\nb\nc\n";
        assert_eq!(shown(table, 6, 80), "head\r\nTITLE\r\na\r\nb\r\nc\r\n");
        assert_eq!(shown(table, 5, 80), "head\r\nTITLE\r\na\r\n… and 2 more\r\n");
        assert_eq!(shown(table, 6, 3), "hea\r\nTIT\r\na\r\nb\r\nc\r\n");
        assert!(shown(table, 0, 0).contains("\r\n"));
    }
}
