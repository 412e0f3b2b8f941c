//! The documented shape, worked out once: which columns lie below which keys.

use std::sync::LazyLock;

use super::Column;

/// A key, and what it leads to.
pub(super) type Member = (&'static str, Node);

#[derive(Debug)]
pub(super) enum Node {
    Number(&'static Column),
    Object(Vec<Member>),
}

/// The documented columns as nested objects.
pub(super) static DOCUMENTED: LazyLock<Vec<Member>> = LazyLock::new(|| nested(Column::all(), 0));

/// These columns, whose names are alike up to `start`, by the next part of their names.
fn nested(columns: &'static [Column], start: usize) -> Vec<Member> {
    let member = |columns: &'static [Column]| {
        let first = columns.first()?;
        let (key, has_more) = key(first, start);
        let below = start + key.len() + 1;
        let node =
            if has_more { Node::Object(nested(columns, below)) } else { Node::Number(first) };
        Some((key, node))
    };
    let alike = |left: &Column, right: &Column| key(left, start) == key(right, start);
    columns.chunk_by(alike).filter_map(member).collect()
}

/// The part of a column's name from `start` on, and whether more follows.
fn key(column: &Column, start: usize) -> (&str, bool) {
    let rest = column.name().get(start..).unwrap_or_default();
    rest.split_once('.').map_or((rest, false), |(key, _)| (key, true))
}

/// The documented columns as JSON: text, and where in it their numbers stand.
pub(super) static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let mut template = Template::default();
    template.add(&DOCUMENTED);
    template
});

#[derive(Debug, Default)]
pub(super) struct Template {
    /// Each number, and the text that stands before it.
    pub(super) numbers: Vec<(String, &'static Column)>,
    /// The text behind the last number.
    pub(super) end: String,
}

impl Template {
    /// Adds members of an object, a comma before each. The keys of the documented point need no
    /// escapes.
    fn add(&mut self, members: &'static [Member]) {
        for (key, node) in members {
            let comma = if self.end.ends_with('{') { "" } else { "," };
            self.end.extend([comma, "\"", key, "\":"]);
            match node {
                Node::Number(column) => self.numbers.push((std::mem::take(&mut self.end), column)),
                Node::Object(members) => {
                    self.end.push('{');
                    self.add(members);
                    self.end.push('}');
                }
            }
        }
    }
}
