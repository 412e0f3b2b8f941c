//! Encodes layouts: the beginning of a piece of packed samples.

use std::sync::Arc;

use crate::metric::{DeviceList, MetricSet, Section, SectionSet};
use crate::sample::{Layout, ListedDevice};
use crate::store::bytes::{Bytes, put_bytes, put_varint};

/// The form of a piece. A piece of the first form begins with the number of its layouts, which is 0
/// only if there are no samples either. So a 0 followed by the number of a later form is never a
/// piece of the first form, and readers that know only the first form refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    First,
    /// With sums that do not fit 64 bits, and the list of devices without readings.
    WithLists,
    /// The same, with samples stored column by column.
    Columns,
}

const WITH_LISTS: u64 = 1;
const COLUMNS: u64 = 2;

impl Form {
    /// The form of the piece that begins here. Consumes nothing if it is the first form.
    fn take(bytes: &mut Bytes<'_>) -> Option<Self> {
        let mut ahead = *bytes;
        match (ahead.varint()?, ahead.varint()?) {
            (0, WITH_LISTS) => *bytes = ahead,
            (0, COLUMNS) => {
                *bytes = ahead;
                return Some(Self::Columns);
            }
            (0, 1..) => return None,
            _ => return Some(Self::First),
        }
        Some(Self::WithLists)
    }
}

/// Begins a piece of the column form with these layouts.
pub(super) fn put_layouts(bytes: &mut Vec<u8>, layouts: &[Arc<Layout>]) {
    put_varint(bytes, 0);
    put_varint(bytes, COLUMNS);
    put_varint(bytes, layouts.len() as u64);
    for layout in layouts {
        put_layout(bytes, layout);
    }
}

fn put_set(bytes: &mut Vec<u8>, set: MetricSet) {
    let number = set.to_bits();
    #[expect(clippy::cast_possible_truncation, reason = "in halves")]
    for half in [number as u64, (number >> 64) as u64] {
        put_varint(bytes, half);
    }
}

fn put_layout(bytes: &mut Vec<u8>, layout: &Layout) {
    let sections = Section::ALL.iter().filter(|section| layout.has(**section));
    let sections: Vec<_> = sections.map(|section| section.key()).collect();
    put_bytes(bytes, sections.join(",").as_bytes());
    put_set(bytes, layout.own);
    put_set(bytes, layout.too_large);
    put_varint(bytes, layout.interfaces.len() as u64);
    for (name, metrics) in &layout.interfaces {
        put_bytes(bytes, name.as_bytes());
        put_set(bytes, *metrics);
    }
    put_varint(bytes, layout.devices.len() as u64);
    for (ListedDevice { number, list }, metrics) in &layout.devices {
        put_varint(bytes, number.0);
        put_varint(bytes, number.1);
        put_varint(bytes, list.map_or(0, |list| 1 + list as u64));
        put_set(bytes, *metrics);
    }
}

fn set(bytes: &mut Bytes<'_>) -> Option<MetricSet> {
    let (low, high) = (u128::from(bytes.varint()?), u128::from(bytes.varint()?));
    Some(MetricSet::from_bits(high << 64 | low))
}

/// Reads the form and the layouts of a piece.
pub(super) fn layouts(bytes: &mut Bytes<'_>) -> Option<(Form, Vec<Layout>)> {
    let form = Form::take(bytes)?;
    let count = bytes.varint()?;
    let layouts = (0..count).map(|_| layout(bytes, form)).collect::<Option<_>>()?;
    Some((form, layouts))
}

fn layout(bytes: &mut Bytes<'_>, form: Form) -> Option<Layout> {
    let mut sections = SectionSet::default();
    for key in bytes.text()?.split(',') {
        if let Some(section) = Section::ALL.iter().copied().find(|section| section.key() == key) {
            sections.insert(section);
        }
    }
    let own = set(bytes)?;
    let too_large = if form == Form::First { MetricSet::default() } else { set(bytes)? };
    let interfaces = bytes.varint()?;
    let interfaces = (0..interfaces).map(|_| Some((bytes.text()?.into(), set(bytes)?)));
    let interfaces = interfaces.collect::<Option<Vec<_>>>()?;
    let devices = bytes.varint()?;
    let devices = (0..devices).map(|_| Some((listed(bytes, form)?, set(bytes)?)));
    let devices = devices.collect::<Option<Vec<_>>>()?;
    Some(Layout { sections, own, too_large, interfaces, devices, ..Layout::default() })
}

/// Reads a device without its metrics: its number, and its list if the form has it.
fn listed(bytes: &mut Bytes<'_>, form: Form) -> Option<ListedDevice> {
    let number = (bytes.varint()?, bytes.varint()?);
    let code = if form == Form::First { 0 } else { bytes.varint()? };
    let list = match code {
        0 => None,
        code => Some(DeviceList::ALL.into_iter().find(|list| 1 + *list as u64 == code)?),
    };
    Some(ListedDevice { number, list })
}
