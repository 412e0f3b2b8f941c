//! Layouts as bytes: what a piece of packed samples begins with.

use std::sync::Arc;

use crate::metric::{DeviceList, MetricSet, Section, SectionSet};
use crate::sample::{Layout, Listed};
use crate::store::bytes::{Bytes, put_bytes, put_varint};

/// How a piece tells its layouts. One of the first form begins with the number of them, which is
/// 0 only where there is no sample either; so a 0 with the number of a later form behind it begins
/// no such piece, and those who know the first form alone refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    First,
    /// With the sums that do not fit, and with the list that a device without readings stands in.
    WithLists,
    /// The same, and the samples are told column by column.
    Columns,
}

const WITH_LISTS: u64 = 1;
const COLUMNS: u64 = 2;

impl Form {
    /// The form of the piece that begins here. Where it is the first, nothing is taken.
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

/// Begins a piece, of samples that are told column by column, with these layouts.
pub(super) fn put_layouts(bytes: &mut Vec<u8>, layouts: &[Arc<Layout>]) {
    put_varint(bytes, 0);
    put_varint(bytes, COLUMNS);
    put_varint(bytes, layouts.len() as u64);
    for layout in layouts {
        put_layout(bytes, layout);
    }
}

fn put_set(bytes: &mut Vec<u8>, set: MetricSet) {
    let number = set.number();
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
    for (Listed { number, list }, metrics) in &layout.devices {
        put_varint(bytes, number.0);
        put_varint(bytes, number.1);
        put_varint(bytes, list.map_or(0, |list| 1 + list as u64));
        put_set(bytes, *metrics);
    }
}

fn set(bytes: &mut Bytes<'_>) -> Option<MetricSet> {
    let (low, high) = (u128::from(bytes.varint()?), u128::from(bytes.varint()?));
    Some(MetricSet::of_number(high << 64 | low))
}

/// The layouts that a piece begins with.
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
    Some(Layout { sections, own, too_large, interfaces, devices })
}

/// A device without its set: with the list that it stands in, where the form tells one.
fn listed(bytes: &mut Bytes<'_>, form: Form) -> Option<Listed> {
    let number = (bytes.varint()?, bytes.varint()?);
    let code = if form == Form::First { 0 } else { bytes.varint()? };
    let list = match code {
        0 => None,
        code => Some(DeviceList::ALL.into_iter().find(|list| 1 + *list as u64 == code)?),
    };
    Some(Listed { number, list })
}
