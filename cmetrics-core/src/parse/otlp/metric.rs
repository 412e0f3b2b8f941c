//! Metrics, as they are written: a name, and data points.

use std::borrow::Cow;

use super::point::{self, Point, PointFields};
use super::scope::Scope;
use super::table::Named;
use crate::parse::cursor::{Cursor, SyntaxError, unquoted};
use crate::parse::fields::{Fields, Leaves, Plain, list, object};
use crate::parse::remarks::Remarks;

/// The fields of a metric, by their names in JSON and in the protocol.
#[derive(Debug)]
pub(super) struct MetricFields {
    metric: Fields<Leaf>,
    data: Fields<DataLeaf>,
    point: PointFields,
}

#[derive(Clone, Copy, Debug)]
enum Leaf {
    Name,
    Description,
    Data,
}

#[derive(Clone, Copy, Debug)]
enum DataLeaf {
    Points,
    Temporality,
}

impl MetricFields {
    pub(super) fn new() -> Self {
        Self {
            metric: Fields::new([
                ("name", Leaf::Name),
                ("description", Leaf::Description),
                ("sum", Leaf::Data),
                ("gauge", Leaf::Data),
            ]),
            data: Fields::new([
                ("dataPoints", DataLeaf::Points),
                ("data_points", DataLeaf::Points),
                ("aggregationTemporality", DataLeaf::Temporality),
                ("aggregation_temporality", DataLeaf::Temporality),
            ]),
            point: PointFields::new(),
        }
    }
}

/// A metric without its data points.
#[derive(Default)]
pub(super) struct OneMetric<'t> {
    pub(super) name: Cow<'t, str>,
    /// What the name means, with the length of the operation that it ends with.
    named: Option<(Named, Option<usize>)>,
    /// As it is written.
    pub(super) description: &'t [u8],
    pub(super) is_delta: bool,
}

impl<'t> OneMetric<'t> {
    /// What it is, and its operation if its name ends with one; `None` for one that is not read.
    pub(super) fn named(&self) -> Option<(Named, Option<&str>)> {
        let (named, operation) = self.named?;
        let operation = operation.and_then(|length| self.name.get(self.name.len() - length..));
        Some((named, operation))
    }

    /// Reads the metric ahead. Its data points are added to `points`, unless its name comes first
    /// and is not one that is read.
    pub(super) fn read(
        fields: &MetricFields,
        scope: Scope,
        cursor: &mut Cursor<'t>,
        points: &mut Vec<Point<'t>>,
        remarks: &mut Remarks,
    ) -> Result<Self, SyntaxError> {
        let metric = Self::default();
        let mut reader = MetricReader { fields, scope, metric, has_name: false, points, remarks };
        object(&fields.metric, "metrics[]", cursor, &mut reader)?;
        Ok(reader.metric)
    }
}

struct MetricReader<'r, 't> {
    fields: &'r MetricFields,
    scope: Scope,
    metric: OneMetric<'t>,
    has_name: bool,
    points: &'r mut Vec<Point<'t>>,
    remarks: &'r mut Remarks,
}

impl<'t> MetricReader<'_, 't> {
    fn set_name(&mut self, name: Cow<'t, str>) {
        self.metric.named = self.scope.named(&name);
        self.metric.name = name;
        self.has_name = true;
    }
}

impl<'t> Leaves<'t> for MetricReader<'_, 't> {
    type Leaf = Leaf;

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn plain(&mut self, leaf: Leaf, value: Plain<'t>, _: usize) -> bool {
        match (leaf, value) {
            (Leaf::Description, Plain::Text(text)) => self.metric.description = text,
            (Leaf::Name, Plain::Text(text)) => match std::str::from_utf8(text) {
                Ok(name) => self.set_name(Cow::Borrowed(name)),
                Err(_) => return false,
            },
            _ => return false,
        }
        true
    }

    fn leaf(
        &mut self,
        leaf: Leaf,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        match leaf {
            Leaf::Name => {
                let name = cursor.text()?;
                self.set_name(name.unwrap_or_default());
            }
            Leaf::Description => self.metric.description = cursor.skip()?,
            Leaf::Data if cursor.peek() != Some(b'{') => cursor.pass()?,
            Leaf::Data if self.has_name && self.metric.named.is_none() => cursor.pass()?,
            Leaf::Data => {
                let Self { fields, points, remarks, .. } = self;
                let mut reader = DataReader { fields, points, is_delta: false, remarks };
                object(&fields.data, path, cursor, &mut reader)?;
                self.metric.is_delta |= reader.is_delta;
            }
        }
        Ok(())
    }

    fn remarks(&mut self) -> &mut Remarks {
        self.remarks
    }
}

struct DataReader<'r, 't> {
    fields: &'r MetricFields,
    points: &'r mut Vec<Point<'t>>,
    is_delta: bool,
    remarks: &'r mut Remarks,
}

impl<'t> Leaves<'t> for DataReader<'_, 't> {
    type Leaf = DataLeaf;

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn plain(&mut self, leaf: DataLeaf, value: Plain<'t>, _: usize) -> bool {
        match (leaf, value) {
            (DataLeaf::Temporality, Plain::Count(temporality)) => self.is_delta = temporality == 1,
            _ => return false,
        }
        true
    }

    fn leaf(
        &mut self,
        leaf: DataLeaf,
        _: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        let Self { fields, points, remarks, .. } = self;
        match leaf {
            DataLeaf::Points => list("dataPoints", cursor, remarks, &mut |cursor, remarks| {
                points.push(point::read(&fields.point, cursor, remarks)?);
                Ok(())
            }),
            DataLeaf::Temporality => {
                let temporality = unquoted(cursor.skip()?);
                self.is_delta = matches!(temporality, b"1" | b"AGGREGATION_TEMPORALITY_DELTA");
                Ok(())
            }
        }
    }

    fn remarks(&mut self) -> &mut Remarks {
        self.remarks
    }
}
