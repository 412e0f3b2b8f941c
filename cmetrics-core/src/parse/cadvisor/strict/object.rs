//! Reads one section of a sample, with the entries of its lists.

use std::borrow::Cow;

use crate::error::Problem;
use crate::metric::{DeviceList, Metric, MetricValues, Scope, Section, Unit};
use crate::parse::cadvisor::schema::{Field, ValueType, device_list};
use crate::parse::cursor::{Count, Cursor, SyntaxError, unquote};
use crate::parse::fault::{COUNT, Fault, excerpt};
use crate::sample::{Entry, Sample};

/// An object of a sample: a section, or an entry of one of its lists.
#[derive(Default)]
pub(in crate::parse) struct SampleObject<'t> {
    values: MetricValues,
    /// The entries of its lists; `None` where there is no list.
    entries: Option<Vec<SampleObject<'t>>>,
    /// The name of an interface.
    name: Option<Cow<'t, str>>,
    /// The number of a device.
    major: Option<u64>,
    minor: Option<u64>,
    list: Option<DeviceList>,
    /// Whether this is a file system that does not count inodes.
    without_inodes: bool,
    /// Whether a number in it is written in an unusual way.
    unusual: bool,
    faults: Vec<Fault>,
}

/// Which keys of an entry identify it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IdentifiedBy {
    Nothing,
    /// `name`.
    Name,
    /// `major` and `minor`.
    Number,
    /// Not identified, but `has_inodes` decides which values count.
    Inodes,
}

impl<'t> SampleObject<'t> {
    /// Reads the section ahead; `None` if it is `null`.
    pub(in crate::parse) fn read(
        cursor: &mut Cursor<'t>,
        section: Section,
        field: &Field,
    ) -> Result<Option<Self>, SyntaxError> {
        let mut object = Self::default();
        match (section, &field.value, cursor.peek()) {
            (_, _, Some(b'n')) => return cursor.skip().map(|_| None),
            (Section::Network, ValueType::Object(fields), Some(b'{')) => {
                // The top repeats the first interface, so it has the keys of an interface.
                let top = fields.iter().find_map(|field| match &field.value {
                    ValueType::List(entry_fields) => Some(entry_fields.as_slice()),
                    ValueType::Count(_) | ValueType::Object(_) => None,
                });
                let both = [fields, top.unwrap_or_default()];
                object.object(cursor, both, IdentifiedBy::Name, IdentifiedBy::Name)?;
            }
            (Section::Diskio, ..) => object.field(cursor, field, IdentifiedBy::Number)?,
            (Section::Filesystem, ..) => object.field(cursor, field, IdentifiedBy::Inodes)?,
            _ => object.field(cursor, field, IdentifiedBy::Nothing)?,
        }
        Ok(Some(object))
    }

    /// Reads the object ahead. Of a repeated key the first value counts.
    fn object(
        &mut self,
        cursor: &mut Cursor<'t>,
        fields: [&[Field]; 2],
        own_identity: IdentifiedBy,
        entries: IdentifiedBy,
    ) -> Result<(), SyntaxError> {
        let mut seen: Vec<Cow<'t, str>> = Vec::new();
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_key(&mut members)? {
            let field = fields.into_iter().flatten().find(|field| field.key == key);
            let identifies = match &*key {
                "name" => own_identity == IdentifiedBy::Name,
                "major" | "minor" => own_identity == IdentifiedBy::Number,
                "has_inodes" => own_identity == IdentifiedBy::Inodes,
                _ => false,
            };
            if (field.is_none() && !identifies) || seen.contains(&key) {
                cursor.skip()?;
                continue;
            }
            match field {
                Some(field) => self.field(cursor, field, entries)?,
                None if key == "name" => self.name(cursor)?,
                None if key == "has_inodes" => self.without_inodes = cursor.skip()? == b"false",
                None => {
                    let number = self.count(cursor, "diskio[].major or minor")?;
                    *(if key == "major" { &mut self.major } else { &mut self.minor }) = number;
                }
            }
            seen.push(key);
        }
        Ok(())
    }

    fn field(
        &mut self,
        cursor: &mut Cursor<'t>,
        field: &Field,
        entries: IdentifiedBy,
    ) -> Result<(), SyntaxError> {
        match (&field.value, cursor.peek()) {
            (ValueType::Count(metric), _) => {
                if let Some(value) = self.count(cursor, field.path)? {
                    self.values.set(*metric, value);
                }
            }
            (_, Some(b'n')) => drop(cursor.skip()?),
            (ValueType::Object(inner), Some(b'{')) => {
                self.object(cursor, [inner, &[]], IdentifiedBy::Nothing, entries)?;
            }
            (ValueType::List(entry_fields), Some(b'[')) => {
                self.list(cursor, field, entry_fields, entries)?;
            }
            (ValueType::Object(_), _) => {
                self.faults.push(Fault::expected("an object", field.path, cursor)?);
            }
            (ValueType::List(_), _) => {
                let fault = Fault::expected("a list", field.path, cursor)?;
                self.entries.get_or_insert_default().push(Self::faulty(fault));
            }
        }
        Ok(())
    }

    fn list(
        &mut self,
        cursor: &mut Cursor<'t>,
        field: &Field,
        entry_fields: &[Field],
        entries: IdentifiedBy,
    ) -> Result<(), SyntaxError> {
        let mut list = self.entries.take().unwrap_or_default();
        let of_devices =
            if entries == IdentifiedBy::Number { device_list(entry_fields) } else { None };
        let mut members = cursor.enter(b'[')?;
        while cursor.next_member(&mut members)? {
            match cursor.peek() {
                Some(b'{') => {
                    let mut entry = Self { list: of_devices, ..Self::default() };
                    entry.object(cursor, [entry_fields, &[]], entries, IdentifiedBy::Nothing)?;
                    self.unusual |= entry.unusual;
                    list.push(entry);
                }
                Some(b'n') => drop(cursor.skip()?),
                _ => {
                    list.push(Self::faulty(Fault::expected("an object", field.path, cursor)?));
                }
            }
        }
        self.entries = Some(list);
        Ok(())
    }

    fn faulty(fault: Fault) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    fn count(&mut self, cursor: &mut Cursor<'t>, path: &str) -> Result<Option<u64>, SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        Ok(match cursor.count()? {
            Count::Null => None,
            Count::Whole(value) => Some(value),
            Count::Unusual(value) => {
                self.unusual = true;
                Some(value)
            }
            Count::Other(text) => {
                let (field, found) = (path.to_owned(), excerpt(text));
                let problem = Problem::Value { field, expected: COUNT, found };
                self.faults.push(Fault { at, problem });
                None
            }
        })
    }

    fn name(&mut self, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        if cursor.peek() == Some(b'n') {
            return cursor.skip().map(drop);
        }
        self.name = unquote(cursor.clone().skip()?);
        if self.name.is_some() {
            return cursor.skip().map(drop);
        }
        let fault = Fault::expected("a text", "network.interfaces[].name", cursor)?;
        self.faults.push(fault);
        Ok(())
    }

    /// Whether a number in it is written in an unusual way.
    pub(in crate::parse) fn is_unusual(&self) -> bool {
        self.unusual
    }

    /// Moves what was read into `sample`, and returns the invalid values.
    pub(in crate::parse) fn apply_to(self, section: Section, sample: &mut Sample) -> Vec<Fault> {
        if section == Section::Network {
            return self.apply_to_interfaces(sample);
        }
        let mut faults = self.faults;
        for (metric, value) in self.values.iter() {
            sample.set(metric, value);
        }
        let entries = self.entries.unwrap_or_default();
        if section == Section::Diskio {
            faults.extend(entries.into_iter().flat_map(|entry| entry.apply_to_device(sample)));
        } else {
            sum_entries(&entries, sample);
            faults.extend(entries.into_iter().flat_map(|entry| entry.faults));
        }
        faults
    }

    /// Moves the interfaces into `sample`. The list `interfaces` counts. Only where there is none
    /// does the top count, as an interface of its name. A top with an empty name is an empty struct
    /// of cAdvisor's: it was not measured.
    fn apply_to_interfaces(mut self, sample: &mut Sample) -> Vec<Fault> {
        let listed = self.entries.take();
        if listed.is_none() && (self.name.as_deref() == Some("") || self.is_empty()) {
            return Vec::new();
        }
        let mut faults = Vec::new();
        for entry in listed.unwrap_or_else(|| vec![self]) {
            let name = entry.name.as_deref().unwrap_or_default();
            fill(&mut sample.push_interface(name), &entry.values);
            faults.extend(entry.faults);
        }
        faults
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.faults.is_empty()
    }

    fn apply_to_device(self, sample: &mut Sample) -> Vec<Fault> {
        // An entry without a number is 0:0, as in cAdvisor itself.
        let number = (self.major.unwrap_or_default(), self.minor.unwrap_or_default());
        // An entry without a requested value still is an entry of its list, and of no other.
        let mut device = match self.list {
            Some(list) => sample.push_device_of(number, list),
            None => sample.push_device(number),
        };
        fill(&mut device, &self.values);
        self.faults
    }
}

fn fill(entry: &mut Entry<'_>, values: &MetricValues) {
    values.iter().for_each(|(metric, value)| entry.set(metric, value));
}

/// Sets each metric that at least one entry of a list has to the sum over the entries. Of a sum
/// that exceeds 64 bits the sample records only that it was read.
fn sum_entries(entries: &[SampleObject<'_>], sample: &mut Sample) {
    for metric in Metric::ALL.iter().copied().filter(|metric| metric.scope() == Scope::Sum) {
        let counts_inodes = metric.unit() == Unit::Inodes;
        let counted = entries.iter().filter(|entry| !(counts_inodes && entry.without_inodes));
        let mut values = counted.filter_map(|entry| entry.values.get(metric));
        if let Some(first) = values.next() {
            match values.try_fold(first, u64::checked_add) {
                Some(sum) => sample.set(metric, sum),
                None => sample.set_too_large(metric),
            }
        }
    }
}
