//! Short texts that come again in each scrape, as numbers.

use std::collections::HashMap;
use std::sync::Arc;

/// A text's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameId(u32);

/// Texts by number, and the other way round.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, NameId, foldhash::fast::RandomState>,
}

impl Names {
    /// The number of a text, which is the same each time. `None` if there are too many texts.
    pub(super) fn id(&mut self, text: &str) -> Option<NameId> {
        if let Some(id) = self.by_text.get(text) {
            return Some(*id);
        }
        let id = NameId(u32::try_from(self.texts.len()).ok()?);
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.by_text.insert(text, id);
        Some(id)
    }

    pub(super) fn text(&self, id: NameId) -> &str {
        self.texts.get(id.0 as usize).map_or("", |text| text)
    }
}
