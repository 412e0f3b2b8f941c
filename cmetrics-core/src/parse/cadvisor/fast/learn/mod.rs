//! Learns the template of a sample that the strict reader accepted.
//!
//! This decides what replaying a template may assume, which is little. Every key that is passed is
//! part of a literal. An object is left early only after everything wanted of it was read, so that
//! of repeated keys the first counts. A list is followed entry by entry.

mod network;

use super::templates::{MAX_NUMBERS, Op, Step};
use super::text::{Nesting, Text};
use crate::metric::{Metric, Section, SectionSet, Unit};
use crate::parse::cadvisor::schema::{Field, Schema, ValueType};
use crate::parse::cadvisor::strict::Flags;
use crate::parse::cursor::{Count, Cursor, Members};
use crate::parse::lanes::{Literal, Portable};
use crate::sample::Owner;

const MAX_STEPS: usize = 4096;

/// What a number of a sample means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Value(Owner, Metric),
    /// It must be a number, but its value is not used.
    Ignored,
}

/// The steps of a template, and what each stored number means.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) steps: Vec<Step>,
    pub(super) targets: Vec<Target>,
}

/// The kind of a section's list entries, which decides the keys that identify them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EntryKind {
    Interfaces,
    Devices,
    Other,
}

impl EntryKind {
    fn of(section: Section) -> Self {
        match section {
            Section::Network => Self::Interfaces,
            Section::Diskio => Self::Devices,
            _ => Self::Other,
        }
    }

    /// Keys whose values are part of the template.
    fn identifying(self) -> &'static [&'static str] {
        match self {
            Self::Interfaces => &["name"],
            Self::Devices => &["major", "minor"],
            Self::Other => &[HAS_INODES],
        }
    }
}

const HAS_INODES: &str = "has_inodes";

/// Learns the template of `text`, a sample whose time ends at `at`.
pub(super) fn learn(text: &[u8], at: usize, schema: &Schema, flags: Flags) -> Option<Learned> {
    if text.iter().any(|byte| *byte < 0x20) {
        return None;
    }
    let mut cursor = Cursor::new(text);
    cursor.seek(at);
    let mut learner = Learner {
        text,
        cursor,
        literal_from: at,
        learned: Learned::default(),
        interfaces: 0,
        devices: 0,
    };
    learner.cursor.seek(at + 1);
    learner.sample(schema, flags)?;
    learner.push(Op::Done(0))?;
    Some(learner.learned)
}

struct Learner<'t> {
    text: &'t [u8],
    cursor: Cursor<'t>,
    /// The start of the text that no step covers yet.
    literal_from: usize,
    learned: Learned,
    interfaces: usize,
    devices: usize,
}

impl<'t> Learner<'t> {
    fn sample(&mut self, schema: &Schema, flags: Flags) -> Option<()> {
        let absent = flags.absent();
        let wanted = |section: Section| !absent.contains(section);
        let mut sections_left: Vec<_> =
            schema.sections().filter(|(section, _)| wanted(*section)).map(|(s, _)| s).collect();
        let mut flags_left: Vec<_> = sections_left.clone();
        flags_left.retain(|section| flags.are_in_samples() && section.flag().is_some());
        let mut seen = SectionSet::default();
        let mut members = Members::after_member(b'}');
        while !(sections_left.is_empty() && flags_left.is_empty()) {
            let Some(key) = self.cursor.next_key(&mut members).ok()? else { return Some(()) };
            match (schema.section(&key), Section::of_flag(&key)) {
                (Some((section, field)), _) if wanted(section) => {
                    if seen.contains(section) {
                        return None;
                    }
                    seen.insert(section);
                    if sections_left.contains(&section) {
                        sections_left.retain(|left| *left != section);
                        self.section(section, field)?;
                    } else {
                        self.skip_value()?;
                    }
                }
                (_, Some(section)) if flags.are_in_samples() => {
                    let is_false = self.pin()? == b"false";
                    if flags_left.contains(&section) {
                        flags_left.retain(|left| *left != section);
                        if is_false && seen.contains(section) {
                            return None;
                        }
                        sections_left.retain(|left| *left != section || !is_false);
                    } else if schema.sections().any(|(known, _)| known == section) {
                        return None;
                    }
                }
                _ => self.skip_value()?,
            }
        }
        self.leave(Nesting::OBJECT)
    }

    fn section(&mut self, section: Section, field: &Field) -> Option<()> {
        let entries = EntryKind::of(section);
        match &field.value {
            ValueType::Object(fields)
                if section == Section::Network && self.cursor.peek() == Some(b'{') =>
            {
                self.network(fields)
            }
            _ => self.field(field, Owner::Container, entries).map(drop),
        }
    }

    /// Follows the object ahead. Returns whether it is a file system without inodes.
    fn object(
        &mut self,
        fields: &[&Field],
        identifying: &[&'static str],
        owner: Owner,
        entries: EntryKind,
    ) -> Option<bool> {
        let mut without_inodes = false;
        let mut left: Vec<_> = fields.iter().map(|field| field.key).collect();
        left.extend(identifying);
        let all = left.clone();
        let mut members = self.cursor.enter(b'{').ok()?;
        while !left.is_empty() {
            let Some(key) = self.cursor.next_key(&mut members).ok()? else {
                return Some(without_inodes);
            };
            let Some(index) = left.iter().position(|left| *left == key) else {
                if all.contains(&&*key) {
                    return None;
                }
                self.skip_value()?;
                continue;
            };
            left.swap_remove(index);
            match fields.iter().find(|field| field.key == key) {
                Some(field) => self.field(field, owner, entries)?,
                None => without_inodes |= self.pin()? == b"false" && key == HAS_INODES,
            }
        }
        self.leave(Nesting::OBJECT)?;
        Some(without_inodes)
    }

    fn field(&mut self, field: &Field, owner: Owner, entries: EntryKind) -> Option<()> {
        match (&field.value, self.cursor.peek()?) {
            (_, b'n') => self.pin().map(drop),
            (ValueType::Count(metric), _) => self.count(Target::Value(owner, *metric)),
            (ValueType::Object(inner), b'{') => {
                let inner: Vec<_> = inner.iter().collect();
                self.object(&inner, &[], owner, entries).map(drop)
            }
            (ValueType::List(entry_fields), b'[') => {
                let entry_fields: Vec<_> = entry_fields.iter().collect();
                let members = self.cursor.enter(b'[').ok()?;
                self.entries(members, &entry_fields, entries)
            }
            _ => None,
        }
    }

    /// Follows the rest of a list.
    fn entries(
        &mut self,
        mut members: Members,
        entry_fields: &[&Field],
        entries: EntryKind,
    ) -> Option<()> {
        while self.cursor.next_member(&mut members).ok()? {
            if self.cursor.peek()? == b'n' {
                self.pin()?;
            } else {
                self.entry(entry_fields, entries)?;
            }
        }
        Some(())
    }

    fn entry(&mut self, entry_fields: &[&Field], entries: EntryKind) -> Option<()> {
        let owner = match entries {
            EntryKind::Interfaces => Owner::Interface(take_next(&mut self.interfaces)),
            EntryKind::Devices => Owner::Device(take_next(&mut self.devices)),
            EntryKind::Other => Owner::Container,
        };
        let first = self.learned.targets.len();
        if self.object(entry_fields, entries.identifying(), owner, entries)? {
            for target in self.learned.targets.iter_mut().skip(first) {
                if matches!(target, Target::Value(_, metric) if metric.unit() == Unit::Inodes) {
                    *target = Target::Ignored;
                }
            }
        }
        Some(())
    }

    fn count(&mut self, target: Target) -> Option<()> {
        self.cursor.peek();
        let start = self.cursor.at();
        let Count::Whole(_) = self.cursor.clone().count().ok()? else { return None };
        self.push(Op::ReadNumber)?;
        self.cursor.skip().ok()?;
        debug_assert!(self.cursor.at() > start, "a number has digits");
        self.literal_from = self.cursor.at();
        if self.learned.targets.len() == MAX_NUMBERS {
            return None;
        }
        self.learned.targets.push(target);
        Some(())
    }

    /// Adds a step that skips a value that is not wanted.
    fn skip_value(&mut self) -> Option<()> {
        match self.cursor.peek()? {
            open @ (b'{' | b'[') => {
                self.cursor.seek(self.cursor.at() + 1);
                self.leave(if open == b'[' { Nesting::LIST } else { Nesting::OBJECT })
            }
            b'0'..=b'9' if matches!(self.cursor.clone().count(), Ok(Count::Whole(_))) => {
                self.push(Op::SkipNumber)?;
                self.cursor.skip().ok()?;
                self.literal_from = self.cursor.at();
                Some(())
            }
            _ => self.pin().map(drop),
        }
    }

    /// Makes the value ahead part of the literal text.
    fn pin(&mut self) -> Option<&'t [u8]> {
        self.cursor.skip().ok()
    }

    /// Adds a step that skips to the end of the innermost object or list.
    fn leave(&mut self, nesting: Nesting) -> Option<()> {
        let close = if nesting == Nesting::LIST { b']' } else { b'}' };
        if self.cursor.peek()? == close {
            self.cursor.seek(self.cursor.at() + 1);
            return Some(());
        }
        let at = self.cursor.at();
        let text = Text { bytes: self.text, ended: true };
        let end = text.leave(Portable, at, nesting).ok()?;
        match self.learned.steps.last_mut() {
            Some(Step { op: Op::Leave(before), .. }) if self.literal_from == at => {
                before.depth += nesting.depth;
                before.lists += nesting.lists;
            }
            _ => self.push(Op::Leave(nesting))?,
        }
        self.cursor.seek(end);
        self.literal_from = end;
        Some(())
    }

    /// Adds the text up to the current position as a literal, followed by `op`.
    fn push(&mut self, op: Op) -> Option<()> {
        let literal = self.text.get(self.literal_from..self.cursor.at())?;
        let mut rest = literal;
        while let Some((piece, more)) = rest.split_first_chunk::<64>().filter(|_| rest.len() > 64) {
            self.learned.steps.push(Step { literal: Literal::new(piece)?, op: Op::Continue });
            rest = more;
        }
        self.learned.steps.push(Step { literal: Literal::new(rest)?, op });
        self.literal_from = self.cursor.at();
        (self.learned.steps.len() < MAX_STEPS).then_some(())
    }
}

fn take_next(index: &mut usize) -> usize {
    let this = *index;
    *index += 1;
    this
}
