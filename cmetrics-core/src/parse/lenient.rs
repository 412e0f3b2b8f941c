//! Finds the end of plain values. `serde_json` reads the others.

use super::brackets::OpenBrackets;

/// The length of the value at the beginning of `text`: of a string without escapes, a whole number,
/// `true`, `false` or `null`, or an object or list of such, of which only quotes and brackets are
/// checked. `None` for any other value, and where the value may continue after the text.
pub(super) fn value_length(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string(text),
        b'0'..=b'9' => number(text),
        b'{' | b'[' => nested(text),
        b't' => text.starts_with(b"true").then_some(4),
        b'f' => text.starts_with(b"false").then_some(5),
        b'n' => text.starts_with(b"null").then_some(4),
        _ => None,
    }
}

fn string(text: &[u8]) -> Option<usize> {
    let inner = text.get(1..)?;
    let length = memchr::memchr2(b'"', b'\\', inner)?;
    let (inner, after) = inner.split_at_checked(length)?;
    let plain = after.starts_with(b"\"") && !inner.iter().any(|byte| *byte < 0x20);
    plain.then_some(length + 2)
}

fn number(text: &[u8]) -> Option<usize> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let plain = digits == 1 || !text.starts_with(b"0");
    let ends = matches!(text.get(digits)?, b',' | b'}' | b']');
    (plain && ends).then_some(digits)
}

fn nested(text: &[u8]) -> Option<usize> {
    let mut open = OpenBrackets::default();
    let mut at = 0;
    loop {
        match *text.get(at)? {
            b'"' => at += string(text.get(at..)?)? - 1,
            bracket @ (b'{' | b'[') => open.open(bracket).then_some(())?,
            bracket @ (b'}' | b']') => open.close(bracket).then_some(())?,
            b'\\' | 0..0x20 => return None,
            _ => {}
        }
        at += 1;
        if open.is_empty() {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_have_their_length_and_others_none() {
        for (text, expected) in [
            (r#""a b","#, Some(5)),
            (r#""","#, Some(2)),
            (r#""a\"b","#, None),
            ("\"a\nb\"", None),
            (r#""a"#, None),
            ("0,", Some(1)),
            ("123}", Some(3)),
            ("01,", None),
            ("1.5,", None),
            ("12", None),
            ("true,", Some(4)),
            ("nul", None),
            ("-1,", None),
            (r#"{"a":["}",{}]},"#, Some(14)),
            (r#"{"a":["}",{}]"#, None),
            ("[1},", None),
            ("{[}],", None),
            (r#"["\u0041"]"#, None),
            ("{ }", Some(3)),
            ("", None),
        ] {
            assert_eq!(value_length(text.as_bytes()), expected, "{text}");
        }
    }
}
