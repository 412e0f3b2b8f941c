//! Finds the end of a document by its brackets and quotes, 64 bytes at a time.

use super::lanes::{Block, Lanes, Masks, Task, prefetch_line};

/// How far ahead memory is prefetched, in bytes.
const PREFETCH_DISTANCE: usize = 8192;

/// Where the end of a document is, as far as its text is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// After so many bytes.
    At(usize),
    /// Further ahead.
    Further,
    /// Another reader has to find it: there are escapes, or something is wrong.
    Unknown,
}

/// The search for the end of a document, which continues when more of its text is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    at: usize,
    /// How many objects and lists are open, and how many of these are lists.
    depth: u32,
    lists: u32,
    /// All ones if the text at `at` is inside a string, otherwise 0.
    carry: u64,
}

/// One step of the search, in all text that is known.
pub(super) struct Search<'e, 't> {
    pub(super) extent: &'e mut Extent,
    pub(super) text: &'t [u8],
    /// Whether no more text follows.
    pub(super) ended: bool,
}

impl Task for Search<'_, '_> {
    type Output = End;

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> End {
        let Self { extent, text, ended } = self;
        while let Some(block) = text.get(extent.at..).and_then(<[u8]>::first_chunk) {
            prefetch_line(text, extent.at + PREFETCH_DISTANCE);
            if let Some(end) = extent.block(lanes, block) {
                return end;
            }
        }
        if !ended {
            return End::Further;
        }
        let rest = text.get(extent.at..).unwrap_or_default();
        let mut last = [b' '; 64];
        if let Some(start) = last.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        match extent.block(lanes, &last) {
            Some(End::At(end)) if end <= text.len() => End::At(end),
            _ => End::Unknown,
        }
    }
}

impl Extent {
    /// Searches one block; `None` if the document continues after it.
    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn block<L: Lanes>(&mut self, lanes: L, block: &Block) -> Option<End> {
        let Masks { quotes, opens, closes, square, escape_or_control } = lanes.masks(block);
        let in_string = lanes.prefix_xor(quotes) ^ self.carry;
        if escape_or_control && !is_plain(block, in_string) {
            return Some(End::Unknown);
        }
        let (opens, closes) = (opens & !in_string, closes & !in_string);
        if closes.count_ones() < self.depth {
            self.depth = self.depth + opens.count_ones() - closes.count_ones();
        } else if let Some(index) = self.closing(opens, closes) {
            let within = u64::MAX >> (63 - index);
            let is_balanced = self.count_lists(opens & square & within, closes & square & within);
            let end = self.at + index + 1;
            return Some(if is_balanced && self.lists == 0 { End::At(end) } else { End::Unknown });
        }
        if !self.count_lists(opens & square, closes & square) {
            return Some(End::Unknown);
        }
        self.carry = (in_string >> 63).wrapping_neg();
        self.at += 64;
        None
    }

    /// The index of the bracket that brings the depth to 0.
    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn closing(&mut self, opens: u64, closes: u64) -> Option<usize> {
        let mut brackets = opens | closes;
        while brackets != 0 {
            let lowest = brackets & brackets.wrapping_neg();
            if closes & lowest == 0 {
                self.depth += 1;
            } else {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Some(lowest.trailing_zeros() as usize);
                }
            }
            brackets ^= lowest;
        }
        None
    }

    /// Counts lists that are opened and closed; `false` where more are closed than were open.
    fn count_lists(&mut self, opened: u64, closed: u64) -> bool {
        let lists = (self.lists + opened.count_ones()).checked_sub(closed.count_ones());
        self.lists = lists.unwrap_or(0);
        lists.is_some()
    }
}

/// Whether a block has neither escapes nor control characters inside of strings. White space between
/// values is made of control characters too.
#[inline]
fn is_plain(block: &Block, in_string: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (mut controls, mut escapes) = (0, 0);
    let (words, _) = block.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let below_space = !(word & (ONES * 0x7f)).wrapping_add(ONES * 0x60) & !word & (ONES * 0x80);
        // The highest bits of the eight bytes, next to each other.
        controls |= ((below_space >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index);
        let difference = word ^ (ONES * 0x5c);
        escapes |= difference.wrapping_sub(ONES) & !difference & (ONES * 0x80);
    }
    escapes == 0 && controls & in_string == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Instructions;
    use crate::parse::lanes::Dispatch;

    fn ends(text: &[u8]) -> Vec<End> {
        let all = Instructions::available().into_iter().filter_map(Dispatch::new);
        let find = |dispatch: Dispatch| {
            let extent = &mut Extent::default();
            dispatch.run(Search { extent, text, ended: true })
        };
        all.map(find).collect()
    }

    #[test]
    fn a_document_ends_with_the_bracket_that_closes_its_first() {
        let long = format!(r#"{{"a": [{}1], "b": "}}]"}}"#, "{\"x\": [1,\n2]}, ".repeat(50));
        for document in ["{}", "[[],{}]", "{\n\t\"a\": \"}\"\r\n}", &long] {
            for after in ["", "\n{}", ",x", &" ".repeat(70)] {
                let text = format!("{document}{after}");
                let found = ends(text.as_bytes());
                assert!(
                    found.iter().all(|end| *end == End::At(document.len())),
                    "{text}: {found:?}"
                );
            }
            for cut in 1..document.len() {
                let found = ends(&document.as_bytes()[..cut]);
                assert!(found.iter().all(|end| *end == End::Unknown), "{cut}: {found:?}");
            }
        }
    }

    #[test]
    fn text_with_escapes_or_wrong_brackets_has_no_known_end() {
        for text in [r#"{"a\"": 1}"#, "{\"a\nb\": 1}", "{\"a\u{1}b\": 1}", "{]", "[}", "{[}]"] {
            let found = ends(text.as_bytes());
            let is_known = |end: &End| matches!(end, End::At(_)) && text != "{[}]";
            assert!(!found.iter().any(is_known), "{text}: {found:?}");
        }
    }

    #[test]
    fn the_search_continues_when_more_text_is_known() {
        let text = format!(r#"{{"a": [{}1]}}"#, "\"x\", ".repeat(100));
        for dispatch in Instructions::available().into_iter().filter_map(Dispatch::new) {
            let mut extent = Extent::default();
            for known in (0..text.len()).step_by(37) {
                let text = &text.as_bytes()[..known];
                let end = dispatch.run(Search { extent: &mut extent, text, ended: false });
                assert_eq!(end, End::Further);
            }
            let text = text.as_bytes();
            let end = dispatch.run(Search { extent: &mut extent, text, ended: true });
            assert_eq!(end, End::At(text.len()));
        }
    }
}
