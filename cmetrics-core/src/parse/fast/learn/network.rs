//! The shape of `network`, whose top copies the first of its interfaces.

use std::ops::Range;

use super::{Entries, Learner, next};
use crate::parse::cursor::Members;
use crate::parse::fast::learn::Target;
use crate::parse::fast::shapes::Op;
use crate::parse::fast::text::Inside;
use crate::parse::tree::{Field, Value};
use crate::sample::Owner;

/// What comes between the top of `network` and the first interface.
const LIST: &[u8] = b",\"interfaces\":[{";
const ENTRIES: Entries = Entries::Interfaces;

impl Learner<'_> {
    /// Follows the `network` that lies ahead, which has a list of interfaces as a rule.
    pub(super) fn network(&mut self, fields: &[Field]) -> Option<()> {
        let list = fields.iter().find(|field| matches!(field.value, Value::List(_)))?;
        let Value::List(of_entry) = &list.value else { return None };
        if self.starts_of(list.key)? == [b'['] {
            return match self.top() {
                Some(top) => self.listed_twice(top, list, of_entry),
                None => self.object(&[list], &[], Owner::Container, ENTRIES).map(drop),
            };
        }
        // Without a list the top counts, where it says anything: that is for the strict reader.
        let top: Vec<_> = of_entry.iter().chain([list]).collect();
        for key in top.iter().map(|field| field.key).chain(["name"]) {
            if !self.starts_of(key)?.is_empty() {
                return None;
            }
        }
        self.object(&top, &["name"], Owner::Container, ENTRIES).map(drop)
    }

    /// Where the text of the top lies that comes before the list, in a `network` that begins as
    /// cAdvisor writes it.
    fn top(&self) -> Option<Range<usize>> {
        let start = self.cursor.at() + 1;
        let rest = self.text.get(start..)?;
        let length = memchr::memmem::find(rest, LIST)?;
        let plain = rest.get(..length)?.iter().all(|byte| !b"{}[]\\".contains(byte));
        (plain && length > 0).then_some(start..start + length)
    }

    /// Follows a `network` whose top, at `top`, has the keys of an interface. It copies the first
    /// interface as a rule: then that is compared with it as a whole, and its numbers are the
    /// top's.
    fn listed_twice(&mut self, top: Range<usize>, list: &Field, of_entry: &[Field]) -> Option<()> {
        let entry = top.end + LIST.len();
        let behind = self.text.get(entry..)?.strip_prefix(self.text.get(top.clone())?);
        let copied = behind.is_some_and(|behind| behind.starts_with(b"}"));
        self.cursor.go_to(top.start);
        self.push(Op::Begin)?;
        let first = self.learned.targets.len();
        let of_entry: Vec<_> = of_entry.iter().collect();
        let owner = Owner::Interface(if copied { next(&mut self.interfaces) } else { 0 });
        self.members_up_to(top.end, &of_entry, owner)?;
        self.push(Op::End)?;
        if copied {
            self.cursor.go_to(entry);
            self.push(Op::Again)?;
            self.literal_from = entry + top.len();
            self.cursor.go_to(self.literal_from + 1);
            self.entries(Members::within(b']'), &of_entry, Entries::Interfaces)?;
        } else {
            let of_top = self.learned.targets.iter_mut().skip(first);
            of_top.for_each(|target| *target = Target::Nothing);
            self.cursor.go_to(entry - 2);
            self.field(list, Owner::Container, Entries::Interfaces)?;
        }
        self.leave(Inside::OBJECT)
    }

    /// Follows the members of an object from its first one up to `end`.
    fn members_up_to(&mut self, end: usize, fields: &[&Field], owner: Owner) -> Option<()> {
        let mut seen: Vec<String> = Vec::new();
        let mut members = Members::first_within(b'}');
        while self.cursor.at() < end {
            let key = self.cursor.key(&mut members).ok()??.into_owned();
            match fields.iter().find(|field| field.key == key) {
                _ if seen.contains(&key) => return None,
                Some(field) => self.field(field, owner, Entries::Other)?,
                None => self.pass()?,
            }
            seen.push(key);
        }
        (self.cursor.at() == end).then_some(())
    }

    /// What the values of `key` begin with in the object that lies ahead.
    fn starts_of(&self, key: &str) -> Option<Vec<u8>> {
        let mut starts = Vec::new();
        let mut ahead = self.cursor.clone();
        let mut members = ahead.enter(b'{').ok()?;
        while let Some(found) = ahead.key(&mut members).ok()? {
            if found == key {
                starts.extend(ahead.peek());
            }
            ahead.skip().ok()?;
        }
        Some(starts)
    }
}
