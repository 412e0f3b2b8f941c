//! What each series of a container is a reading of.

use super::families::{Family, Part};
use super::labels::{Label, Labels};
use super::names::{NameId, Names};
use crate::metric::Metric;

/// A series of a container, of which each scrape has at most one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cell {
    pub(super) metric: Metric,
    pub(super) of: Of,
}

/// What a series is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Container,
    /// One CPU, to be added up.
    Cpu(NameId),
    /// An entry of a list, to be added up.
    Entry(NameId),
    Interface(NameId),
    /// A block device: its number, and the name that goes with it.
    NumberedDevice(u64, u64, NameId),
    DeviceBytes(NameId),
    DeviceOperations(NameId),
}

impl Cell {
    /// The series of a row, of a scrape, or of points that cmetrics wrote; `None` if it is none that
    /// is read.
    pub(super) fn of(
        family: &Family,
        labels: &Labels<'_>,
        is_own: bool,
        names: &mut Names,
    ) -> Option<Self> {
        let mut id = |label| names.id(labels.get(label).unwrap_or_default());
        let of = match family.part {
            Part::Whole => Of::Container,
            Part::Core => match labels.get(Label::Cpu) {
                None | Some("total") => Of::Container,
                Some(cpu) if is_cpu(cpu) => Of::Cpu(id(Label::Cpu)?),
                Some(_) => return None,
            },
            Part::Interface => Of::Interface(id(Label::Interface)?),
            Part::NumberedDevice => match (labels.get(Label::Major), labels.get(Label::Minor)) {
                (None, None) => Of::DeviceBytes(id(Label::Device)?),
                (major, minor) => {
                    let number = |written: Option<&str>| written?.parse().ok();
                    Of::NumberedDevice(number(major)?, number(minor)?, id(Label::Device)?)
                }
            },
            Part::DeviceBytes => Of::DeviceBytes(id(Label::Device)?),
            // A point has those of the container.
            Part::DeviceOperations if is_own => Of::DeviceBytes(id(Label::Device)?),
            Part::DeviceOperations => Of::DeviceOperations(id(Label::Device)?),
            Part::Entry(label) => Of::Entry(id(label)?),
        };
        Some(Self { metric: family.metric, of })
    }

    /// What stands for its place among the readings where it is not read: places tell the series
    /// of a container apart.
    pub(super) fn place_of_sign(&self) -> u32 {
        u32::MAX - self.metric as u32
    }

    /// Whether it shows that the collector reads disks.
    pub(super) fn is_of_disks(&self) -> bool {
        matches!(self.of, Of::NumberedDevice(..) | Of::DeviceBytes(_))
    }
}

/// Whether a label names one CPU, as `cpu07` does.
fn is_cpu(label: &str) -> bool {
    let number = label.strip_prefix("cpu").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number that stands for a device of which only the name is known: the same in each scrape,
/// and that of no real device, whose major number has at most 32 bits.
pub(super) fn number_of_name(name: &str) -> (u64, u64) {
    // FNV-1a, 128 bits. Stores keep these numbers, so it must not change.
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    const BEYOND_REAL: u64 = 1 << 63;
    let hash = name.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    let [high, low] = [hash >> 64, hash & u128::from(u64::MAX)];
    let low_half = |half: u128| u64::try_from(half).unwrap_or_default();
    (low_half(high) | BEYOND_REAL, low_half(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_without_a_number_has_one_that_stays_and_is_no_real_ones() {
        assert_eq!(number_of_name(""), (0xec62_272e_07bb_0142, 0x62b8_2175_6295_c58d));
        // The value of FNV-1a that its authors publish, with the highest bit set.
        assert_eq!(number_of_name("a"), (0xd228_cb69_6f1a_8caf, 0x7891_2b70_4e4a_8964));
        assert_ne!(number_of_name("/dev/vda"), number_of_name("/dev/vdb"));
        for name in ["", "/dev/vda", "/dev/mapper/data-root"] {
            assert!(number_of_name(name).0 > u64::from(u32::MAX));
        }
    }

    #[test]
    fn only_a_numbered_label_names_one_cpu() {
        assert!(is_cpu("cpu00") && is_cpu("cpu127"));
        assert!(!is_cpu("total") && !is_cpu("cpu") && !is_cpu("cpu-total") && !is_cpu("0"));
    }
}
