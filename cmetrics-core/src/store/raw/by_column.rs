//! Encodes samples column by column: times, layouts, and for each layout its values, metric by
//! metric, as differences from one sample to the next.

use smallvec::SmallVec;

use super::{Each, PackedSample};
use crate::store::bytes::{unzigzag, zigzag};
use crate::store::segment::numbers::{NumberReader, NumberScratch, NumberWriter};

/// The most samples and values of a block. A single sample may have more values.
const MOST_SAMPLES: usize = 1 << 12;
const MOST_VALUES: usize = 1 << 20;

/// Appends samples whose values lie in this array.
pub(super) fn put(bytes: &mut Vec<u8>, samples: &[PackedSample], values: &[u64]) {
    let (mut writer, mut rest, mut known) = (NumberWriter::new(bytes), samples, 0);
    while !rest.is_empty() {
        let (block, behind) = rest.split_at(block(rest));
        put_block(&mut writer, block, values, known);
        known = block.last().map_or(known, |sample| sample.time);
        rest = behind;
    }
    writer.number(0);
    writer.finish();
}

/// The number of leading samples that form a block.
fn block(samples: &[PackedSample]) -> usize {
    let mut values = 0;
    let fits = |sample: &&PackedSample| {
        values += sample.values.len();
        values <= MOST_VALUES
    };
    samples.iter().take(MOST_SAMPLES).take_while(fits).count().max(1)
}

fn put_block(writer: &mut NumberWriter<'_>, samples: &[PackedSample], values: &[u64], known: u64) {
    let first = samples.first().map_or(0, |sample| sample.time);
    writer.number(samples.len() as u64);
    writer.number(first.wrapping_sub(known));
    let times = samples.iter().zip(samples.get(1..).unwrap_or_default());
    let times: Vec<_> = times.map(|(from, to)| to.time.wrapping_sub(from.time)).collect();
    writer.columns(&times, times.len());
    let tag = |sample: &PackedSample| (sample.layout as u64) << 1 | u64::from(sample.is_partial);
    let tags: Vec<_> = samples.iter().map(tag).collect();
    writer.columns(&tags, tags.len());
    for layout in layouts(samples) {
        let alike: Vec<_> = samples.iter().filter(|sample| sample.layout == layout).collect();
        let rows: Vec<_> =
            alike.iter().filter_map(|sample| values.get(sample.values.clone())).collect();
        let Some(first) = rows.first() else { continue };
        first.iter().for_each(|value| writer.number(*value));
        let mut steps = Vec::with_capacity(first.len() * (rows.len() - 1));
        for place in 0..first.len() {
            let column = || rows.iter().filter_map(|row| row.get(place).copied());
            let pairs = column().zip(column().skip(1));
            steps.extend(pairs.map(|(from, to)| zigzag(to.wrapping_sub(from).cast_signed())));
        }
        writer.columns(&steps, rows.len() - 1);
    }
}

/// The layouts of these samples, each once, in rising order.
fn layouts(samples: &[PackedSample]) -> SmallVec<[usize; 2]> {
    if samples.windows(2).all(|pair| matches!(pair, [a, b] if a.layout == b.layout)) {
        return samples.first().map(|sample| sample.layout).into_iter().collect();
    }
    let mut layouts: SmallVec<_> = samples.iter().map(|sample| sample.layout).collect();
    layouts.sort_unstable();
    layouts.dedup();
    layouts
}

/// Buffers for decoding.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    numbers: NumberScratch,
    values: Vec<u64>,
    steps: Vec<u64>,
}

/// Passes each sample to `each`. `lengths` has the number of values of each layout.
pub(super) fn read(
    bytes: &[u8],
    lengths: &[usize],
    scratch: &mut Scratch,
    each: &mut Each<'_>,
) -> Option<()> {
    let Scratch { numbers, values, steps } = scratch;
    let (mut reader, mut known) = (numbers.read(bytes), 0);
    loop {
        let count = usize::try_from(reader.number()?).ok()?;
        if count == 0 {
            return reader.is_at_end().then_some(());
        }
        let samples = read_samples(&mut reader, count, &mut known, lengths)?;
        values.clear();
        values.resize(samples.last().map_or(0, |sample| sample.values.end), 0);
        for layout in layouts(&samples) {
            let alike: Vec<_> = samples.iter().filter(|sample| sample.layout == layout).collect();
            read_values(&mut reader, &alike, values, steps)?;
        }
        samples.iter().try_for_each(|sample| each(sample, values))?;
    }
}

/// Reads the samples of a block without their values.
fn read_samples(
    reader: &mut NumberReader<'_>,
    count: usize,
    known: &mut u64,
    lengths: &[usize],
) -> Option<Vec<PackedSample>> {
    if count > MOST_SAMPLES {
        return None;
    }
    let mut times = vec![0; count];
    let (first, steps) = times.split_first_mut()?;
    *first = reader.number()?;
    let length = steps.len();
    reader.columns(steps, length)?;
    let mut tags = vec![0; count];
    reader.columns(&mut tags, count)?;
    let (mut samples, mut end) = (Vec::with_capacity(count), 0_usize);
    for (step, tag) in times.iter().zip(tags) {
        *known = known.checked_add(*step)?;
        let layout = usize::try_from(tag >> 1).ok()?;
        let start = end;
        end = end.checked_add(*lengths.get(layout)?)?;
        let is_partial = tag & 1 == 1;
        samples.push(PackedSample { time: *known, layout, is_partial, values: start..end });
    }
    (count == 1 || end <= MOST_VALUES).then_some(samples)
}

/// Reads the values of all samples of one layout.
fn read_values(
    reader: &mut NumberReader<'_>,
    alike: &[&PackedSample],
    values: &mut [u64],
    steps: &mut Vec<u64>,
) -> Option<()> {
    let (first, others) = alike.split_first()?;
    for value in values.get_mut(first.values.clone())? {
        *value = reader.number()?;
    }
    let (width, length) = (first.values.len(), others.len());
    steps.clear();
    steps.resize(width * length, 0);
    reader.columns(steps, length)?;
    for (place, column) in steps.chunks_exact(length.max(1)).enumerate() {
        let mut value = *values.get(first.values.start + place)?;
        for (sample, step) in others.iter().zip(column) {
            value = value.wrapping_add(unzigzag(*step).cast_unsigned());
            *values.get_mut(sample.values.start + place)? = value;
        }
    }
    Some(())
}
