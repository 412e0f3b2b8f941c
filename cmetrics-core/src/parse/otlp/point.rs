//! Data points, as they are written.

use std::borrow::Cow;

use super::attributes;
use crate::parse::cursor::{Cursor, SyntaxError, unquoted};
use crate::parse::decimal;
use crate::parse::fields::{Fields, Leaves, Plain, object};
use crate::parse::remarks::Remarks;

/// The fields of a data point, by their names in JSON and in the protocol.
#[derive(Debug)]
pub(super) struct PointFields(Fields<Leaf>);

#[derive(Clone, Copy, Debug)]
enum Leaf {
    Int,
    Double,
    Time,
    Flags,
    Attributes,
}

impl PointFields {
    pub(super) fn new() -> Self {
        Self(Fields::new([
            ("attributes", Leaf::Attributes),
            ("timeUnixNano", Leaf::Time),
            ("asInt", Leaf::Int),
            ("asDouble", Leaf::Double),
            ("flags", Leaf::Flags),
            ("time_unix_nano", Leaf::Time),
            ("as_int", Leaf::Int),
            ("as_double", Leaf::Double),
        ]))
    }
}

/// A data point.
#[derive(Default)]
pub(super) struct Point<'t> {
    /// Nanoseconds since the epoch.
    pub(super) time: u64,
    pub(super) value: Value<'t>,
    /// Whether it says that nothing was measured, or has no time.
    pub(super) is_left_out: bool,
    pub(super) interface: Option<Cow<'t, str>>,
    pub(super) direction: Option<Cow<'t, str>>,
    pub(super) major: Option<Cow<'t, str>>,
    pub(super) minor: Option<Cow<'t, str>>,
    pub(super) operation: Option<Cow<'t, str>>,
}

/// The value of a data point: its text without quotes, and its offset. A value that is left out
/// is 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'t> {
    pub(super) at: usize,
    pub(super) text: &'t [u8],
}

impl Default for Value<'_> {
    fn default() -> Self {
        Self { at: 0, text: b"0" }
    }
}

/// The flag that nothing was measured.
const NO_RECORDED_VALUE: u64 = 1;

/// Reads the data point ahead.
pub(super) fn read<'t>(
    fields: &PointFields,
    cursor: &mut Cursor<'t>,
    remarks: &mut Remarks,
) -> Result<Point<'t>, SyntaxError> {
    let mut reader = PointReader { point: Point::default(), remarks };
    object(&fields.0, "dataPoints[]", cursor, &mut reader)?;
    Ok(reader.point)
}

struct PointReader<'r, 't> {
    point: Point<'t>,
    remarks: &'r mut Remarks,
}

impl<'t> Leaves<'t> for PointReader<'_, 't> {
    type Leaf = Leaf;

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn plain(&mut self, leaf: Leaf, value: Plain<'t>, at: usize) -> bool {
        let Plain::Text(text) = value else { return false };
        match leaf {
            Leaf::Int | Leaf::Double => self.point.value = Value { at, text },
            Leaf::Time => match decimal::whole(text) {
                Some(time) => self.point.time = time,
                None => return false,
            },
            Leaf::Flags | Leaf::Attributes => return false,
        }
        true
    }

    fn leaf(
        &mut self,
        leaf: Leaf,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        let Self { point, remarks } = self;
        match leaf {
            Leaf::Int | Leaf::Double => {
                cursor.peek();
                let at = cursor.at();
                point.value = Value { at, text: unquoted(cursor.skip()?) };
            }
            Leaf::Time => match whole(path, cursor, remarks)? {
                Some(time) => point.time = time,
                None => point.is_left_out = true,
            },
            Leaf::Flags => {
                let flags = whole(path, cursor, remarks)?.unwrap_or(0);
                point.is_left_out |= flags & NO_RECORDED_VALUE != 0;
            }
            Leaf::Attributes => attributes::read(path, cursor, remarks, &mut |attribute| {
                let known = match &*attribute.key {
                    "interface" | "network.interface.name" => &mut point.interface,
                    "direction"
                    | "network.io.direction"
                    | "disk.io.direction"
                    | "system.paging.fault.type" => &mut point.direction,
                    "device_major" => &mut point.major,
                    "device_minor" => &mut point.minor,
                    "operation" => &mut point.operation,
                    _ => return,
                };
                known.get_or_insert(attribute.value);
            })?,
        }
        Ok(())
    }

    fn remarks(&mut self) -> &mut Remarks {
        self.remarks
    }
}

/// Reads the whole number ahead, which is written as a string or as a number; `None` for a wrong
/// one, which is remarked.
fn whole(
    path: &'static str,
    cursor: &mut Cursor<'_>,
    remarks: &mut Remarks,
) -> Result<Option<u64>, SyntaxError> {
    cursor.peek();
    let at = cursor.at();
    let text = cursor.skip()?;
    Ok(remarks.whole(at, path, unquoted(text)))
}
