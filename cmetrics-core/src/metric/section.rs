use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A part of a sample that cAdvisor writes or leaves out as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Section {
    /// `cpu`.
    Cpu,
    /// `memory`.
    Memory,
    /// `network`.
    Network,
    /// `diskio`.
    Diskio,
    /// `task_stats`, in v2 `load_stats`.
    TaskStats,
    /// `filesystem`.
    Filesystem,
    /// `processes`.
    Processes,
    /// `accelerators`.
    Gpu,
    /// `oom_events`, a single number.
    OomEvents,
    /// `referenced_memory`, a single number.
    ReferencedMemory,
}

impl Section {
    /// Every section: those of the documented point first, in the point's order.
    pub const ALL: &'static [Self] = &[
        Self::Cpu,
        Self::Memory,
        Self::Network,
        Self::Diskio,
        Self::TaskStats,
        Self::Filesystem,
        Self::Processes,
        Self::Gpu,
        Self::OomEvents,
        Self::ReferencedMemory,
    ];

    /// The sections of the documented point.
    pub const DOCUMENTED: &'static [Self] = &[Self::Cpu, Self::Memory, Self::Network, Self::Diskio];

    /// Its key in a sample.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Network => "network",
            Self::Diskio => "diskio",
            Self::TaskStats => "task_stats",
            Self::Filesystem => "filesystem",
            Self::Processes => "processes",
            Self::Gpu => "accelerators",
            Self::OomEvents => "oom_events",
            Self::ReferencedMemory => "referenced_memory",
        }
    }

    /// The key whose value `false` marks this section as absent, even where a sample contains it.
    pub const fn flag(self) -> Option<&'static str> {
        match self {
            Self::Cpu => Some("has_cpu"),
            Self::Memory => Some("has_memory"),
            Self::Network => Some("has_network"),
            Self::Diskio => Some("has_diskio"),
            Self::TaskStats => Some("has_load"),
            Self::Filesystem => Some("has_filesystem"),
            Self::Processes => Some("has_processes"),
            Self::Gpu | Self::OomEvents | Self::ReferencedMemory => None,
        }
    }

    pub(crate) fn of_flag(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|section| section.flag() == Some(key))
    }
}

/// A set of sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SectionSet(u16);

impl SectionSet {
    pub(crate) const fn insert(&mut self, section: Section) {
        self.0 |= 1 << section as u16;
    }

    pub(crate) const fn remove(&mut self, section: Section) {
        self.0 &= !(1 << section as u16);
    }

    pub(crate) const fn contains(self, section: Section) -> bool {
        self.0 & (1 << section as u16) != 0
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks it")]
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// The sections that are in either set.
    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// As the keys of its sections.
impl Serialize for SectionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sections = Section::ALL.iter().filter(|section| self.contains(**section));
        serializer.collect_seq(sections)
    }
}

/// Sections that this release does not know are left out.
impl<'de> Deserialize<'de> for SectionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = Vec::<String>::deserialize(deserializer)?;
        let mut sections = Self::default();
        for section in Section::ALL {
            if keys.iter().any(|key| key == section.key()) {
                sections.insert(*section);
            }
        }
        Ok(sections)
    }
}

/// As its [key](Section::key).
impl Serialize for Section {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}
