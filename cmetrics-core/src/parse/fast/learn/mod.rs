//! Learning a sample's shape from one that the strict reader accepted.
//!
//! Here is decided what replaying may take for granted, and it is little: every key that is passed
//! stands in the shape; an object is left by its end only when all that is wanted of it was read,
//! so that of repeated keys the first counts; a list is followed entry by entry.

mod network;

use super::super::cursor::{Count, Cursor, Members};
use super::super::strict::Flags;
use super::super::tree::{Field, Tree, Value};
use super::lanes::{Literal, Portable};
use super::shapes::{MOST_NUMBERS, Op, Step};
use super::text::{Inside, Text};
use crate::metric::{Metric, Section, SectionSet, Unit};
use crate::sample::Owner;

const MOST_STEPS: usize = 4096;

/// What a number of a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Reading(Owner, Metric),
    /// It must be a number, and does not count.
    Nothing,
}

/// The steps of a sample's shape, and what each number is.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) steps: Vec<Step>,
    pub(super) targets: Vec<Target>,
}

/// What keys identify the entries of a section's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entries {
    Interfaces,
    Devices,
    Other,
}

impl Entries {
    fn of(section: Section) -> Self {
        match section {
            Section::Network => Self::Interfaces,
            Section::Diskio => Self::Devices,
            _ => Self::Other,
        }
    }

    /// Keys whose values belong to the shape.
    fn identifying(self) -> &'static [&'static str] {
        match self {
            Self::Interfaces => &["name"],
            Self::Devices => &["major", "minor"],
            Self::Other => &[HAS_INODES],
        }
    }
}

const HAS_INODES: &str = "has_inodes";

/// The shape of `text`, a sample whose time ends at `at`.
pub(super) fn learn(text: &[u8], at: usize, tree: &Tree, flags: Flags) -> Option<Learned> {
    if text.iter().any(|byte| *byte < 0x20) {
        return None;
    }
    let mut cursor = Cursor::new(text);
    cursor.go_to(at);
    let mut pupil = Learner {
        text,
        cursor,
        literal_from: at,
        learned: Learned::default(),
        interfaces: 0,
        devices: 0,
    };
    pupil.cursor.go_to(at + 1);
    pupil.sample(tree, flags)?;
    pupil.push(Op::Done(0))?;
    Some(pupil.learned)
}

struct Learner<'t> {
    text: &'t [u8],
    cursor: Cursor<'t>,
    /// Where the text begins that no step has yet.
    literal_from: usize,
    learned: Learned,
    interfaces: usize,
    devices: usize,
}

impl<'t> Learner<'t> {
    fn sample(&mut self, tree: &Tree, flags: Flags) -> Option<()> {
        let absent = flags.absent();
        let wanted = |section: Section| !absent.contains(section);
        let mut sections: Vec<_> =
            tree.sections().filter(|(section, _)| wanted(*section)).map(|(s, _)| s).collect();
        let mut told: Vec<_> = sections.clone();
        told.retain(|section| flags.are_in_samples() && section.flag().is_some());
        let mut seen = SectionSet::default();
        let mut members = Members::within(b'}');
        while !(sections.is_empty() && told.is_empty()) {
            let Some(key) = self.cursor.key(&mut members).ok()? else { return Some(()) };
            match (tree.section(&key), Section::of_flag(&key)) {
                (Some((section, field)), _) if wanted(section) => {
                    if seen.contains(section) {
                        return None;
                    }
                    seen.insert(section);
                    if sections.contains(&section) {
                        sections.retain(|left| *left != section);
                        self.section(section, field)?;
                    } else {
                        self.pass()?;
                    }
                }
                (_, Some(section)) if flags.are_in_samples() => {
                    let is_false = self.pin()? == b"false";
                    if told.contains(&section) {
                        told.retain(|left| *left != section);
                        if is_false && seen.contains(section) {
                            return None;
                        }
                        sections.retain(|left| *left != section || !is_false);
                    } else if tree.sections().any(|(known, _)| known == section) {
                        return None;
                    }
                }
                _ => self.pass()?,
            }
        }
        self.leave(Inside::OBJECT)
    }

    fn section(&mut self, section: Section, field: &Field) -> Option<()> {
        let entries = Entries::of(section);
        match &field.value {
            Value::Object(fields)
                if section == Section::Network && self.cursor.peek() == Some(b'{') =>
            {
                self.network(fields)
            }
            _ => self.field(field, Owner::Container, entries).map(drop),
        }
    }

    /// Follows the object that lies ahead; says whether it is a file system without inodes.
    fn object(
        &mut self,
        fields: &[&Field],
        identifying: &[&'static str],
        owner: Owner,
        entries: Entries,
    ) -> Option<bool> {
        let mut without_inodes = false;
        let mut left: Vec<_> = fields.iter().map(|field| field.key).collect();
        left.extend(identifying);
        let all = left.clone();
        let mut members = self.cursor.enter(b'{').ok()?;
        while !left.is_empty() {
            let Some(key) = self.cursor.key(&mut members).ok()? else {
                return Some(without_inodes);
            };
            let Some(index) = left.iter().position(|left| *left == key) else {
                if all.contains(&&*key) {
                    return None;
                }
                self.pass()?;
                continue;
            };
            left.swap_remove(index);
            match fields.iter().find(|field| field.key == key) {
                Some(field) => self.field(field, owner, entries)?,
                None => without_inodes |= self.pin()? == b"false" && key == HAS_INODES,
            }
        }
        self.leave(Inside::OBJECT)?;
        Some(without_inodes)
    }

    fn field(&mut self, field: &Field, owner: Owner, entries: Entries) -> Option<()> {
        match (&field.value, self.cursor.peek()?) {
            (_, b'n') => self.pin().map(drop),
            (Value::Count(metric), _) => self.count(Target::Reading(owner, *metric)),
            (Value::Object(inner), b'{') => {
                let inner: Vec<_> = inner.iter().collect();
                self.object(&inner, &[], owner, entries).map(drop)
            }
            (Value::List(of_entry), b'[') => {
                let of_entry: Vec<_> = of_entry.iter().collect();
                let members = self.cursor.enter(b'[').ok()?;
                self.entries(members, &of_entry, entries)
            }
            _ => None,
        }
    }

    /// Follows what is left of a list.
    fn entries(
        &mut self,
        mut members: Members,
        of_entry: &[&Field],
        entries: Entries,
    ) -> Option<()> {
        while self.cursor.member(&mut members).ok()? {
            if self.cursor.peek()? == b'n' {
                self.pin()?;
            } else {
                self.entry(of_entry, entries)?;
            }
        }
        Some(())
    }

    fn entry(&mut self, of_entry: &[&Field], entries: Entries) -> Option<()> {
        let owner = match entries {
            Entries::Interfaces => Owner::Interface(next(&mut self.interfaces)),
            Entries::Devices => Owner::Device(next(&mut self.devices)),
            Entries::Other => Owner::Container,
        };
        let first = self.learned.targets.len();
        if self.object(of_entry, entries.identifying(), owner, entries)? {
            for target in self.learned.targets.iter_mut().skip(first) {
                if matches!(target, Target::Reading(_, metric) if metric.unit() == Unit::Inodes) {
                    *target = Target::Nothing;
                }
            }
        }
        Some(())
    }

    fn count(&mut self, target: Target) -> Option<()> {
        self.cursor.peek();
        let start = self.cursor.at();
        let Count::Whole(_) = self.cursor.clone().count().ok()? else { return None };
        self.push(Op::Number)?;
        self.cursor.skip().ok()?;
        debug_assert!(self.cursor.at() > start, "a number has digits");
        self.literal_from = self.cursor.at();
        if self.learned.targets.len() == MOST_NUMBERS {
            return None;
        }
        self.learned.targets.push(target);
        Some(())
    }

    /// Passes a value that is not wanted.
    fn pass(&mut self) -> Option<()> {
        match self.cursor.peek()? {
            open @ (b'{' | b'[') => {
                self.cursor.go_to(self.cursor.at() + 1);
                self.leave(if open == b'[' { Inside::LIST } else { Inside::OBJECT })
            }
            b'0'..=b'9' if matches!(self.cursor.clone().count(), Ok(Count::Whole(_))) => {
                self.push(Op::Pass)?;
                self.cursor.skip().ok()?;
                self.literal_from = self.cursor.at();
                Some(())
            }
            _ => self.pin().map(drop),
        }
    }

    /// Makes the value that lies ahead a part of the shape.
    fn pin(&mut self) -> Option<&'t [u8]> {
        self.cursor.skip().ok()
    }

    /// Goes behind the end of the innermost object or list.
    fn leave(&mut self, inside: Inside) -> Option<()> {
        let close = if inside == Inside::LIST { b']' } else { b'}' };
        if self.cursor.peek()? == close {
            self.cursor.go_to(self.cursor.at() + 1);
            return Some(());
        }
        let at = self.cursor.at();
        let text = Text { bytes: self.text, ended: true };
        let end = text.leave(Portable, at, inside).ok()?;
        match self.learned.steps.last_mut() {
            Some(Step { op: Op::Leave(before), .. }) if self.literal_from == at => {
                before.depth += inside.depth;
                before.lists += inside.lists;
            }
            _ => self.push(Op::Leave(inside))?,
        }
        self.cursor.go_to(end);
        self.literal_from = end;
        Some(())
    }

    /// Ends the text up to here with `op`.
    fn push(&mut self, op: Op) -> Option<()> {
        let literal = self.text.get(self.literal_from..self.cursor.at())?;
        let mut rest = literal;
        while let Some((piece, more)) = rest.split_first_chunk::<64>().filter(|_| rest.len() > 64) {
            self.learned.steps.push(Step { literal: Literal::new(piece)?, op: Op::Go });
            rest = more;
        }
        self.learned.steps.push(Step { literal: Literal::new(rest)?, op });
        self.literal_from = self.cursor.at();
        (self.learned.steps.len() < MOST_STEPS).then_some(())
    }
}

fn next(index: &mut usize) -> usize {
    let this = *index;
    *index += 1;
    this
}
