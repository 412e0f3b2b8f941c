//! A node, system container, pod or container of the summary, as it is written.

use std::borrow::Cow;

use super::table::{LOGS, OF_INTERFACES, ROWS, TIMES};
use crate::parse::cursor::{Cursor, SyntaxError};
use crate::parse::fields::{Fields, Leaves, Plain, list, object};
use crate::parse::remarks::{Read, Remarks};
use crate::time::Timestamp;

/// The fields that are read.
#[derive(Debug)]
pub(super) struct SubjectFields {
    container: Fields<Leaf>,
    pod: Fields<Leaf>,
    node: Fields<Leaf>,
    interface: Fields<InterfaceKey>,
}

/// What a field is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf {
    /// The count of this row.
    Row(usize),
    /// The time of the part of this index.
    Time(usize),
    Logs,
    Name,
    Namespace,
    PodName,
    Uid,
    StartTime,
    Interfaces,
    /// The copy of one interface beside the list.
    TopInterface(InterfaceKey),
    /// The subjects within this one.
    Inner,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum InterfaceKey {
    Name,
    Count(usize),
}

/// Which subject it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Node,
    Pod,
    /// A container of a pod, or a system container of the node.
    Container,
}

/// How many levels there are.
pub(super) const LEVELS: usize = 3;

impl SubjectFields {
    pub(super) fn new() -> Self {
        let interface = [("name", InterfaceKey::Name)];
        let counts = OF_INTERFACES.iter().enumerate();
        let counts = counts.map(|(index, (key, _))| (*key, InterfaceKey::Count(index)));
        Self {
            container: Fields::new(leaves(&["rootfs", "logs"], &[("name", Leaf::Name)])),
            pod: Fields::new(leaves(
                &["ephemeral-storage", "process_stats"],
                &[
                    ("podRef.namespace", Leaf::Namespace),
                    ("podRef.name", Leaf::PodName),
                    ("podRef.uid", Leaf::Uid),
                    ("containers", Leaf::Inner),
                ],
            )),
            node: Fields::new(leaves(
                &["fs"],
                &[("nodeName", Leaf::Name), ("systemContainers", Leaf::Inner)],
            )),
            interface: Fields::new(interface.into_iter().chain(counts)),
        }
    }

    fn of(&self, level: Level) -> &Fields<Leaf> {
        match level {
            Level::Node => &self.node,
            Level::Pod => &self.pod,
            Level::Container => &self.container,
        }
    }
}

/// The fields of a subject that has the common sections and these.
fn leaves(own: &[&str], others: &[(&'static str, Leaf)]) -> Vec<(&'static str, Leaf)> {
    const COMMON: [&str; 5] = ["cpu", "memory", "swap", "io", "network"];
    const TOP: [(&str, Leaf); 6] = [
        ("network.name", Leaf::TopInterface(InterfaceKey::Name)),
        ("network.rxBytes", Leaf::TopInterface(InterfaceKey::Count(0))),
        ("network.rxErrors", Leaf::TopInterface(InterfaceKey::Count(1))),
        ("network.txBytes", Leaf::TopInterface(InterfaceKey::Count(2))),
        ("network.txErrors", Leaf::TopInterface(InterfaceKey::Count(3))),
        ("network.interfaces", Leaf::Interfaces),
    ];
    let rows = ROWS.iter().enumerate().map(|(index, row)| (row.path, Leaf::Row(index)));
    let times = TIMES.iter().enumerate().map(|(index, (path, _))| (*path, Leaf::Time(index)));
    let sections = times.chain(rows).chain([(LOGS, Leaf::Logs)]).filter(|(path, _)| {
        let section = path.split('.').next().unwrap_or_default();
        COMMON.contains(&section) || own.contains(&section)
    });
    let start = [("startTime", Leaf::StartTime)];
    others.iter().copied().chain(start).chain(sections).chain(TOP).collect()
}

/// One node, system container, pod or container.
pub(super) struct Subject<'t> {
    pub(super) level: Level,
    /// The offset of the object.
    pub(super) at: usize,
    /// Its name; of a pod that in its reference.
    pub(super) name: Option<Cow<'t, str>>,
    pub(super) namespace: Option<Cow<'t, str>>,
    pub(super) uid: Option<Cow<'t, str>>,
    pub(super) started: Option<Timestamp>,
    pub(super) times: [Option<Timestamp>; TIMES.len()],
    pub(super) rows: [Option<u64>; ROWS.len()],
    pub(super) logs: Option<u64>,
    /// `None` where there is no list.
    pub(super) interfaces: Option<Vec<Interface<'t>>>,
    pub(super) top_interface: Interface<'t>,
    pub(super) remarks: Remarks,
}

/// The counts of an interface, in the order of [`OF_INTERFACES`].
#[derive(Default)]
pub(super) struct Interface<'t> {
    pub(super) name: Option<Cow<'t, str>>,
    pub(super) counts: [Option<u64>; OF_INTERFACES.len()],
}

impl Subject<'_> {
    fn new(level: Level, at: usize) -> Self {
        Self {
            level,
            at,
            name: None,
            namespace: None,
            uid: None,
            started: None,
            times: [None; TIMES.len()],
            rows: [None; ROWS.len()],
            logs: None,
            interfaces: None,
            top_interface: Interface::default(),
            remarks: Remarks::default(),
        }
    }
}

/// Reads a subject, and gives those within it to `inner`.
pub(super) struct SubjectReader<'r, 't> {
    fields: &'r SubjectFields,
    pub(super) subject: Subject<'t>,
    pub(super) inner: Vec<Subject<'t>>,
}

impl<'r, 't> SubjectReader<'r, 't> {
    pub(super) fn new(fields: &'r SubjectFields, level: Level, at: usize) -> Self {
        Self { fields, subject: Subject::new(level, at), inner: Vec::new() }
    }

    /// Reads the object ahead. After an error, what is within it and whole is there.
    pub(super) fn read(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        object(self.fields.of(self.subject.level), path, cursor, self)
    }

    fn inner(&mut self, path: &'static str, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        let Self { fields, subject, inner } = self;
        list(path, cursor, &mut subject.remarks, &mut |cursor, _| {
            let mut reader = SubjectReader::new(fields, Level::Container, cursor.at());
            reader.read(path, cursor)?;
            inner.push(reader.subject);
            Ok(())
        })
    }

    fn interfaces(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        let Self { fields, subject, .. } = self;
        let Subject { interfaces, remarks, .. } = subject;
        let interfaces = interfaces.get_or_insert_default();
        list(path, cursor, remarks, &mut |cursor, remarks| {
            let mut entry = InterfaceReader { interface: Interface::default(), remarks };
            object(&fields.interface, path, cursor, &mut entry)?;
            interfaces.push(entry.interface);
            Ok(())
        })
    }
}

impl<'t> Leaves<'t> for SubjectReader<'_, 't> {
    type Leaf = Leaf;

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn plain(&mut self, leaf: Leaf, value: Plain<'t>, _: usize) -> bool {
        let subject = &mut self.subject;
        match (leaf, value) {
            (Leaf::Row(index), _) => {
                subject.rows.get_mut(index).is_some_and(|slot| value.put_count(slot))
            }
            (Leaf::Logs, _) => value.put_count(&mut subject.logs),
            (Leaf::Time(index), Plain::Text(text)) => {
                let time = subject.remarks.known_time(text);
                let slot = subject.times.get_mut(index);
                time.zip(slot).map(|(time, slot)| *slot = Some(time)).is_some()
            }
            (Leaf::TopInterface(key), _) => subject.top_interface.put(key, value),
            _ => false,
        }
    }

    fn leaf(
        &mut self,
        leaf: Leaf,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        let subject = &mut self.subject;
        let remarks = &mut subject.remarks;
        match leaf {
            Leaf::Row(index) => {
                let count = remarks.count(path, cursor)?;
                if let Some(slot) = subject.rows.get_mut(index) {
                    *slot = count;
                }
            }
            Leaf::Time(index) => {
                if let Read::At(time) = remarks.time(cursor)?
                    && let Some(slot) = subject.times.get_mut(index)
                {
                    *slot = Some(time);
                }
            }
            Leaf::Logs => subject.logs = remarks.count(path, cursor)?,
            Leaf::Name | Leaf::PodName => subject.name = remarks.text(path, cursor)?,
            Leaf::Namespace => subject.namespace = remarks.text(path, cursor)?,
            Leaf::Uid => subject.uid = remarks.text(path, cursor)?,
            Leaf::StartTime => subject.started = remarks.time_of_field(path, cursor)?,
            Leaf::Interfaces => self.interfaces(path, cursor)?,
            Leaf::TopInterface(key) => {
                subject.top_interface.read_key(key, path, cursor, remarks)?;
            }
            Leaf::Inner => self.inner(path, cursor)?,
        }
        Ok(())
    }

    fn remarks(&mut self) -> &mut Remarks {
        &mut self.subject.remarks
    }
}

impl<'t> Interface<'t> {
    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn put(&mut self, key: InterfaceKey, value: Plain<'t>) -> bool {
        match key {
            InterfaceKey::Name => value.put_text(&mut self.name),
            InterfaceKey::Count(index) => {
                self.counts.get_mut(index).is_some_and(|slot| value.put_count(slot))
            }
        }
    }

    fn read_key(
        &mut self,
        key: InterfaceKey,
        path: &'static str,
        cursor: &mut Cursor<'t>,
        remarks: &mut Remarks,
    ) -> Result<(), SyntaxError> {
        match key {
            InterfaceKey::Name => self.name = remarks.text(path, cursor)?,
            InterfaceKey::Count(index) => {
                let count = remarks.count(path, cursor)?;
                if let Some(slot) = self.counts.get_mut(index) {
                    *slot = count;
                }
            }
        }
        Ok(())
    }
}

struct InterfaceReader<'r, 't> {
    interface: Interface<'t>,
    remarks: &'r mut Remarks,
}

impl<'t> Leaves<'t> for InterfaceReader<'_, 't> {
    type Leaf = InterfaceKey;

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn plain(&mut self, key: InterfaceKey, value: Plain<'t>, _: usize) -> bool {
        self.interface.put(key, value)
    }

    fn leaf(
        &mut self,
        key: InterfaceKey,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        self.interface.read_key(key, path, cursor, self.remarks)
    }

    fn remarks(&mut self) -> &mut Remarks {
        self.remarks
    }
}
