//! Learns the template of `network`, whose top repeats the first of its interfaces.

use std::ops::Range;

use super::{EntryKind, Learner, take_next};
use crate::parse::cadvisor::fast::learn::Target;
use crate::parse::cadvisor::fast::templates::Op;
use crate::parse::cadvisor::fast::text::Nesting;
use crate::parse::cadvisor::schema::{Field, ValueType};
use crate::parse::cursor::Members;
use crate::sample::Owner;

/// The text between the top of `network` and the first interface.
const LIST: &[u8] = b",\"interfaces\":[{";
const INTERFACES: EntryKind = EntryKind::Interfaces;

impl Learner<'_> {
    /// Follows the `network` ahead, which usually has a list of interfaces.
    pub(super) fn network(&mut self, fields: &[Field]) -> Option<()> {
        let list = fields.iter().find(|field| matches!(field.value, ValueType::List(_)))?;
        let ValueType::List(entry_fields) = &list.value else { return None };
        if self.first_bytes(list.key)? == [b'['] {
            return match self.top() {
                Some(top) => self.top_and_list(top, list, entry_fields),
                None => self.object(&[list], &[], Owner::Container, INTERFACES).map(drop),
            };
        }
        // Without a list the top counts, if it has any values. Such samples are left to the strict
        // reader.
        let top: Vec<_> = entry_fields.iter().chain([list]).collect();
        for key in top.iter().map(|field| field.key).chain(["name"]) {
            if !self.first_bytes(key)?.is_empty() {
                return None;
            }
        }
        self.object(&top, &["name"], Owner::Container, INTERFACES).map(drop)
    }

    /// The range of the top's text before the list, if `network` begins as cAdvisor writes it.
    fn top(&self) -> Option<Range<usize>> {
        let start = self.cursor.at() + 1;
        let rest = self.text.get(start..)?;
        let length = memchr::memmem::find(rest, LIST)?;
        let plain = rest.get(..length)?.iter().all(|byte| !b"{}[]\\".contains(byte));
        (plain && length > 0).then_some(start..start + length)
    }

    /// Follows a `network` whose top, at `top`, has the keys of an interface. Usually it repeats
    /// the first interface. Then the interface is compared with the top as a whole, and has the
    /// top's numbers.
    fn top_and_list(
        &mut self,
        top: Range<usize>,
        list: &Field,
        entry_fields: &[Field],
    ) -> Option<()> {
        let entry = top.end + LIST.len();
        let after_copy = self.text.get(entry..)?.strip_prefix(self.text.get(top.clone())?);
        let copied = after_copy.is_some_and(|after| after.starts_with(b"}"));
        self.cursor.seek(top.start);
        self.push(Op::BeginRepeat)?;
        let first = self.learned.targets.len();
        let entry_fields: Vec<_> = entry_fields.iter().collect();
        let owner = Owner::Interface(if copied { take_next(&mut self.interfaces) } else { 0 });
        self.members_up_to(top.end, &entry_fields, owner)?;
        self.push(Op::EndRepeat)?;
        if copied {
            self.cursor.seek(entry);
            self.push(Op::Repeat)?;
            self.literal_from = entry + top.len();
            self.cursor.seek(self.literal_from + 1);
            self.entries(Members::after_member(b']'), &entry_fields, EntryKind::Interfaces)?;
        } else {
            let of_top = self.learned.targets.iter_mut().skip(first);
            of_top.for_each(|target| *target = Target::Ignored);
            self.cursor.seek(entry - 2);
            self.field(list, Owner::Container, EntryKind::Interfaces)?;
        }
        self.leave(Nesting::OBJECT)
    }

    /// Follows the members of an object from its first one up to `end`.
    fn members_up_to(&mut self, end: usize, fields: &[&Field], owner: Owner) -> Option<()> {
        let mut seen: Vec<String> = Vec::new();
        let mut members = Members::before_first(b'}');
        while self.cursor.at() < end {
            let key = self.cursor.next_key(&mut members).ok()??.into_owned();
            match fields.iter().find(|field| field.key == key) {
                _ if seen.contains(&key) => return None,
                Some(field) => self.field(field, owner, EntryKind::Other)?,
                None => self.skip_value()?,
            }
            seen.push(key);
        }
        (self.cursor.at() == end).then_some(())
    }

    /// The first bytes of the values of `key` in the object ahead.
    fn first_bytes(&self, key: &str) -> Option<Vec<u8>> {
        let mut starts = Vec::new();
        let mut ahead = self.cursor.clone();
        let mut members = ahead.enter(b'{').ok()?;
        while let Some(found) = ahead.next_key(&mut members).ok()? {
            if found == key {
                starts.extend(ahead.peek());
            }
            ahead.skip().ok()?;
        }
        Some(starts)
    }
}
