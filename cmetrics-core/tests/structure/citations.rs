//! What comments cite of `docs/points.md` stands there.

use std::fs;
use std::path::Path;

use super::sources::sources;

/// The text of each comment, on a line of its own.
fn comments(source: &str) -> String {
    let lines = source.lines().map(|line| match line.trim_start().strip_prefix("//") {
        Some(comment) => comment.trim_start_matches(['/', '!']),
        None => "\n",
    });
    lines.collect()
}

/// The rules that a comment cites: "rule 5", "rules 5 to 7 and 9".
fn rules(comment: &str) -> Vec<u32> {
    let mut rules: Vec<u32> = Vec::new();
    let (mut cites, mut is_range) = (false, false);
    for word in comment.split_whitespace() {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        match (word, word.parse::<u32>()) {
            ("rule" | "rules" | "Rule" | "Rules", _) => (cites, is_range) = (true, false),
            (_, Ok(number)) if cites => {
                let first = rules.last().filter(|_| is_range).map_or(number, |last| last + 1);
                rules.extend(first..=number);
                is_range = false;
            }
            ("to", _) => is_range = cites,
            ("and" | "or", _) => {}
            _ => cites = false,
        }
    }
    rules
}

/// The sections that a comment cites: "*Odd readings*".
fn sections(comment: &str) -> impl Iterator<Item = &str> {
    let emphasised = comment.split('*').skip(1).step_by(2);
    emphasised.filter(|text| text.starts_with(|c: char| c.is_ascii_uppercase()))
}

#[test]
fn every_rule_and_section_that_the_sources_cite_stands_on_the_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The published crate comes without the page.
    let Ok(page) = fs::read_to_string(root.join("../docs/points.md")) else { return };
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let headings: Vec<_> = headings.map(|line| line.trim_matches(['#', ' '])).collect();
    let mut cited = 0;
    for path in sources(&root.join("src")) {
        let place = path.display();
        for comment in comments(&fs::read_to_string(&path).unwrap()).lines() {
            let names_page = comment.contains("docs/points.md");
            for rule in rules(comment) {
                let item = format!("\n{rule}. <a id=\"rule-{rule}\"></a>");
                assert!(names_page, "{place}: name the page of rule {rule}:{comment}");
                assert!(page.contains(&item), "{place}: no rule {rule}:{comment}");
                cited += 1;
            }
            for section in sections(comment).filter(|_| names_page) {
                assert!(headings.contains(&section), "{place}: no *{section}*:{comment}");
                cited += 1;
            }
        }
    }
    assert!(cited > 10, "only {cited} were found");
}
