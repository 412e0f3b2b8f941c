//! Plans which operations of a disk fail.

use std::io;

/// The operations of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    List,
    Open,
    Read,
    Create,
    OpenAppend,
    Write,
    Sync,
    Rename,
    Remove,
    SyncNames,
}

impl Act {
    fn changes_the_disk(self) -> bool {
        !matches!(self, Self::List | Self::Open | Self::Read)
    }
}

/// How an operation fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    kind: io::ErrorKind,
    landed: usize,
    lasting: bool,
}

impl Fault {
    pub(crate) fn of(kind: io::ErrorKind) -> Self {
        Self { kind, landed: 0, lasting: false }
    }

    /// A failed write still writes so many bytes.
    pub(crate) fn landing(self, landed: usize) -> Self {
        Self { landed, ..self }
    }

    /// All later operations of the kind fail, too, and write nothing.
    pub(crate) fn lasting(self) -> Self {
        Self { lasting: true, ..self }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    planned: Vec<Planned>,
    changes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Planned {
    /// `None` for any operation that changes the disk.
    act: Option<Act>,
    /// How many such operations succeed before.
    before: u64,
    fault: Fault,
}

impl Planned {
    fn is_of(&self, act: Act) -> bool {
        self.act.map_or_else(|| act.changes_the_disk(), |planned| planned == act)
    }
}

impl Faults {
    pub(super) fn plan(&mut self, act: Option<Act>, nth: u64, fault: Fault) {
        self.planned.push(Planned { act, before: nth - 1, fault });
    }

    pub(super) fn forget(&mut self) {
        self.planned.clear();
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn meet(&mut self, act: Act) -> io::Result<()> {
        self.due(act).map_or(Ok(()), |fault| Err(fault.kind.into()))
    }

    /// As `meet`, with the number of bytes that are written nevertheless.
    pub(super) fn meet_writing(&mut self) -> Result<(), (usize, io::Error)> {
        self.due(Act::Write).map_or(Ok(()), |fault| Err((fault.landed, fault.kind.into())))
    }

    fn due(&mut self, act: Act) -> Option<Fault> {
        self.changes += u64::from(act.changes_the_disk());
        let mut due = None;
        self.planned.retain_mut(|planned| {
            if !planned.is_of(act) {
                return true;
            }
            if planned.before > 0 {
                planned.before -= 1;
                return true;
            }
            due.get_or_insert(planned.fault);
            planned.fault.landed = 0;
            planned.fault.lasting
        });
        due
    }
}
