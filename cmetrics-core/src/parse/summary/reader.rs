//! Reads the document: the node with its system containers, and the pods with their containers.

use std::borrow::Cow;

use super::deliver::Group;
use super::subject::{Level, SubjectFields, SubjectReader};
use crate::parse::cursor::{Cursor, SyntaxError, unquote};
use crate::parse::delivery::Sink;
use crate::parse::fields::list;
use crate::parse::remarks::Remarks;

/// A reader of the kubelet's summary.
#[derive(Debug)]
pub(in crate::parse) struct SummaryReader {
    fields: SubjectFields,
}

impl SummaryReader {
    pub(in crate::parse) fn new() -> Self {
        Self { fields: SubjectFields::new() }
    }

    /// Reads the object ahead.
    pub(in crate::parse) fn object(
        &self,
        cursor: &mut Cursor<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), SyntaxError> {
        let machine = node_name(cursor.clone());
        let machine = machine.as_deref();
        let (mut has_node, mut has_pods) = (false, false);
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_key(&mut members)? {
            match (&*key, cursor.peek()) {
                ("node", Some(b'{')) if !has_node => {
                    has_node = true;
                    self.group(Level::Node, "node", machine, cursor, sink)?;
                }
                ("pods", Some(b'[')) if !has_pods => {
                    has_pods = true;
                    // The list and its members are of the right type: nothing is remarked.
                    list("pods", cursor, &mut Remarks::default(), &mut |cursor, _| {
                        self.group(Level::Pod, "pods[]", machine, cursor, sink)
                    })?;
                }
                _ => drop(cursor.skip()?),
            }
        }
        Ok(())
    }

    /// Reads the node or pod ahead. Of one that is cut, those within it that are whole count.
    fn group(
        &self,
        level: Level,
        path: &'static str,
        machine: Option<&str>,
        cursor: &mut Cursor<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), SyntaxError> {
        cursor.peek();
        let mut reader = SubjectReader::new(&self.fields, level, cursor.at());
        let read = reader.read(path, cursor);
        let SubjectReader { subject, inner, .. } = reader;
        sink(&mut Group { machine, subject, inner, is_whole: read.is_ok() })?;
        read
    }
}

/// The name of the node, which may come after what it names.
fn node_name(mut ahead: Cursor<'_>) -> Option<Cow<'_, str>> {
    find(&mut ahead, "node")?;
    find(&mut ahead, "nodeName")?;
    unquote(ahead.skip().ok()?).filter(|name| !name.is_empty())
}

/// Moves to the value of the first key of this name, in the object ahead.
fn find(ahead: &mut Cursor<'_>, name: &str) -> Option<()> {
    let mut members = ahead.enter(b'{').ok()?;
    while ahead.next_key(&mut members).ok()?? != name {
        ahead.skip().ok()?;
    }
    Some(())
}
