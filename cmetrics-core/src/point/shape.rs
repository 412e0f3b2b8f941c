//! The documented shape, computed once: which columns are below which keys.

use std::sync::LazyLock;

use super::Column;

/// A member of a JSON object: a key and its value.
pub(super) type Member = (&'static str, Node);

#[derive(Debug)]
pub(super) enum Node {
    Number(&'static Column),
    Object(Vec<Member>),
}

/// The documented columns as nested objects.
pub(super) static DOCUMENTED: LazyLock<Vec<Member>> = LazyLock::new(|| nested(Column::all(), 0));

/// Groups columns whose names are equal up to `start` by the next key in their names.
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

/// The key of a column's name at `start`, and whether more keys follow.
fn key(column: &Column, start: usize) -> (&str, bool) {
    let rest = column.name().get(start..).unwrap_or_default();
    rest.split_once('.').map_or((rest, false), |(key, _)| (key, true))
}

/// The documented columns as JSON: text with gaps for their numbers.
pub(super) static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let mut template = Template::default();
    template.add(&DOCUMENTED);
    template
});

#[derive(Debug, Default)]
pub(super) struct Template {
    /// Each number, and the text before it.
    pub(super) numbers: Vec<(String, &'static Column)>,
    /// The text after the last number.
    pub(super) end: String,
}

impl Template {
    /// Adds the members of an object, with a comma before each but the first. The keys of the
    /// documented point need no escapes.
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
