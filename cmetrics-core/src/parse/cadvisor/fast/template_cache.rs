//! The templates for each kind of sample, and how one is added once the strict reader has read a
//! sample of a new form.

use std::sync::Arc;

use super::learn::{self, Learned, Target};
use super::replay::{Numbers, Replay};
use super::templates::{Mapping, Template, Templates};
use super::text::Text;
use crate::metric::{Metric, Scope, SectionSet};
use crate::parse::DocumentKind;
use crate::parse::cadvisor::schema::Schema;
use crate::parse::cadvisor::strict::Flags;
use crate::parse::lanes::{Lanes, Portable};
use crate::sample::{Layout, Owner, Sample};

/// What decides which parts of a sample are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TemplateKey {
    pub(super) kind: DocumentKind,
    /// The sections that the container's `spec` marks as absent.
    pub(super) absent: SectionSet,
}

/// What a template is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct TemplateSource<'t> {
    /// The text of a sample, in which its time ends at `at`.
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    /// What is read of it.
    pub(super) schema: &'t Schema,
    pub(super) flags: Flags,
}

/// All known templates.
#[derive(Debug, Default)]
pub(super) struct TemplateCache {
    by_key: Vec<(TemplateKey, Templates)>,
}

impl TemplateCache {
    /// The index of the templates for this kind of sample, which are empty at first.
    pub(super) fn index_of(&mut self, key: TemplateKey) -> usize {
        let known = self.by_key.iter().position(|(known, _)| *known == key);
        known.unwrap_or_else(|| {
            self.by_key.push((key, Templates::default()));
            self.by_key.len() - 1
        })
    }

    pub(super) fn templates(&self, index: usize) -> Option<&Templates> {
        self.by_key.get(index).map(|(_, templates)| templates)
    }

    /// Adds all templates that `other` has.
    pub(super) fn learn_from(&mut self, other: Self) {
        for (key, templates) in other.by_key {
            let index = self.index_of(key);
            if let Some((_, known)) = self.by_key.get_mut(index) {
                known.learn_from(templates);
            }
        }
    }

    /// Learns the template of `sample` from its text. Nothing is learnt if replaying the template
    /// would not result in the same sample.
    pub(super) fn learn(
        &mut self,
        index: usize,
        source: TemplateSource<'_>,
        sample: &Sample,
        numbers: &mut Numbers,
    ) -> Option<()> {
        let TemplateSource { text, at, schema, flags } = source;
        let (_, templates) = self.by_key.get_mut(index)?;
        let learned = learn::learn(text, at, schema, flags)?;
        let mut alone = Templates::default();
        let template = template(&learned);
        alone.insert(&learned.steps, template)?;
        let whole = Text { bytes: text, ended: true };
        let replay = Replay { templates: &alone, text: whole, at, numbers };
        let (_, end) = Portable.run(replay).ok()?;
        let mut template = alone.templates.pop()?;
        let case = template.case(numbers);
        let layout = templates.layout_like(sample.layout());
        let mapping = mapping(&learned, layout)?;
        *template.mappings.get_mut(case)? = Some(mapping.clone());
        let mut replayed = Sample::new(sample.time());
        template.mapping(numbers)?.apply(numbers, sample.time(), &mut replayed)?;
        if end != text.len() || replayed != *sample {
            return None;
        }
        let index = templates.insert(&learned.steps, template)?;
        *templates.templates.get_mut(index)?.mappings.get_mut(case)? = Some(mapping);
        Some(())
    }
}

impl Templates {
    /// Adds the templates of `other`, in the order in which it learnt them.
    fn learn_from(&mut self, other: Self) {
        for (steps, template) in other.into_steps() {
            let mappings = template.mappings.clone();
            // If there is no room for a template, the next such sample is read strictly again.
            let Some(index) = self.insert(&steps, template) else { continue };
            let layouts = mappings.map(|mapping| {
                mapping
                    .map(|mapping| Mapping { layout: self.layout_like(&mapping.layout), ..mapping })
            });
            let Some(known) = self.templates.get_mut(index) else { continue };
            for (known, mapping) in known.mappings.iter_mut().zip(layouts) {
                *known = known.take().or(mapping);
            }
        }
    }

    /// An equal layout that a template already has, or else `layout`.
    fn layout_like(&self, layout: &Arc<Layout>) -> Arc<Layout> {
        let mappings =
            self.templates.iter().flat_map(|template| template.mappings.iter().flatten());
        let mut known = mappings.map(|mapping| &mapping.layout);
        Arc::clone(known.find(|known| *known == layout).unwrap_or(layout))
    }
}

fn number_of(learned: &Learned, metric: Metric) -> Option<u16> {
    let target = Target::Value(Owner::Container, metric);
    let index = learned.targets.iter().position(|known| *known == target)?;
    u16::try_from(index).ok()
}

fn template(learned: &Learned) -> Template {
    let all = Metric::ALL.iter().copied().filter(|metric| metric.is_schedstat());
    let schedstat: Option<Vec<_>> = all.map(|metric| number_of(learned, metric)).collect();
    Template {
        schedstat: schedstat.unwrap_or_default(),
        swap: number_of(learned, Metric::MemorySwap),
        mappings: [None, None],
    }
}

/// The mapping from numbers to the values of `layout`; `None` if a value would have no number.
fn mapping(learned: &Learned, layout: Arc<Layout>) -> Option<Mapping> {
    let mut numbers = vec![None; layout.len()];
    let mut added = Vec::new();
    for (number, target) in (0..).zip(&learned.targets) {
        let Target::Value(owner, metric) = *target else { continue };
        let place = match layout.index_of(owner, metric, numbers.len()) {
            Some(place) => place,
            // Read only to find out whether the schedstat was measured. Where it was not, the other
            // mapping applies.
            None if metric.is_schedstat() => continue,
            // The sample lacks it because of its value, for instance a sum that exceeds 64 bits.
            // The next sample may have it.
            None => return None,
        };
        match numbers.get_mut(place)? {
            free @ None => *free = Some(number),
            Some(_) if metric.scope() == Scope::Sum => {
                added.push((u16::try_from(place).ok()?, number));
            }
            Some(_) => return None,
        }
    }
    Some(Mapping { layout, numbers: numbers.into_iter().collect::<Option<_>>()?, added })
}
