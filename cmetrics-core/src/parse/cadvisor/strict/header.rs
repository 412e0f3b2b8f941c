//! The keys of a container's object besides its samples.

use super::sample::Flags;
use super::spec::Spec;
use crate::container::{Container, KubernetesName};
use crate::document::DocumentKind;
use crate::metric::Section;
use crate::parse::cursor::{Cursor, SyntaxError, unquote};

/// What a container's object contains besides its samples.
#[derive(Default)]
pub(in crate::parse) struct Header<'t> {
    pub(in crate::parse) container: Container,
    /// Whether it has a name, which only v1 documents have.
    pub(in crate::parse) named: bool,
    /// Whether it has a `spec`.
    pub(in crate::parse) specified: bool,
    flags: Flags,
    /// The position of its samples.
    pub(super) stats: Option<Cursor<'t>>,
}

impl<'t> Header<'t> {
    /// Reads the value of `key`, which is ahead. Of a repeated key the first value counts.
    pub(in crate::parse) fn read_key(
        &mut self,
        key: &str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        match key {
            "name" if !self.named => {
                self.named = true;
                self.container.path = text(cursor)?.unwrap_or_default();
            }
            "id" if self.container.id.is_none() => self.container.id = text(cursor)?,
            "aliases" => self.aliases(cursor)?,
            "spec" if !self.specified => self.spec(cursor)?,
            _ => drop(cursor.skip()?),
        }
        Ok(())
    }

    /// The kind of document, and the flags for which sections its samples lack.
    pub(in crate::parse) fn kind(&self) -> (DocumentKind, Flags) {
        if self.named {
            // v1 has no flag for tasks.
            (DocumentKind::V1, self.flags.ignoring(Section::TaskStats))
        } else {
            (DocumentKind::V2_1, self.flags)
        }
    }

    fn aliases(&mut self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        if cursor.peek() != Some(b'[') || !self.container.aliases.is_empty() {
            return cursor.skip().map(drop);
        }
        let mut members = cursor.enter(b'[')?;
        while cursor.next_member(&mut members)? {
            self.container.aliases.extend(text(cursor)?);
        }
        Ok(())
    }

    fn spec(&mut self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        self.specified = true;
        if cursor.peek() != Some(b'{') {
            return cursor.skip().map(drop);
        }
        let mut spec = Spec::default();
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_key(&mut members)? {
            match &*key {
                "image" if self.container.image.is_none() => {
                    self.container.image = text(cursor)?.filter(|image| !image.is_empty());
                }
                "aliases" => self.aliases(cursor)?,
                "labels" if self.container.labels.is_empty() => self.labels(cursor)?,
                _ if self.flags.read_key(&key, cursor)? || spec.read_key(&key, cursor)? => {}
                _ => drop(cursor.skip()?),
            }
        }
        spec.apply_to(&mut self.container);
        Ok(())
    }

    fn labels(&mut self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        if cursor.peek() != Some(b'{') {
            return cursor.skip().map(drop);
        }
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_key(&mut members)? {
            let value = text(cursor)?;
            self.container.labels.extend(value.map(|value| (key.into_owned(), value)));
        }
        self.container.kubernetes = KubernetesName::of_labels(&self.container.labels);
        Ok(())
    }
}

/// Reads the string ahead; `None` for any other value.
fn text(cursor: &mut Cursor<'_>) -> Result<Option<String>, SyntaxError> {
    Ok(unquote(cursor.skip()?).map(std::borrow::Cow::into_owned))
}
