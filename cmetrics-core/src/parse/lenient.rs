//! Where plain values end. What is not plain is left to `serde_json`.

/// The length of the value at the beginning of `text`: a string without escapes, a whole number, a
/// name, or an object or list of such, checked as far as its quotes and brackets. `None` for others,
/// and for what may go on behind the text.
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
    let (inner, behind) = inner.split_at_checked(length)?;
    let plain = behind.starts_with(b"\"") && !inner.iter().any(|byte| *byte < 0x20);
    plain.then_some(length + 2)
}

fn number(text: &[u8]) -> Option<usize> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let plain = digits == 1 || !text.starts_with(b"0");
    let ends = matches!(text.get(digits)?, b',' | b'}' | b']');
    (plain && ends).then_some(digits)
}

fn nested(text: &[u8]) -> Option<usize> {
    const MAX_DEPTH: u32 = 128;
    // A bit for each open bracket, the innermost lowest: 1 for `{`.
    let (mut at, mut depth, mut objects) = (0, 0, 0u128);
    loop {
        match *text.get(at)? {
            b'"' => at += string(text.get(at..)?)? - 1,
            open @ (b'{' | b'[') if depth < MAX_DEPTH => {
                depth += 1;
                objects = objects << 1 | u128::from(open == b'{');
            }
            close @ (b'}' | b']') if (objects & 1 == 1) == (close == b'}') => {
                depth -= 1;
                objects >>= 1;
            }
            b'{' | b'[' | b'}' | b']' | b'\\' | 0..0x20 => return None,
            _ => {}
        }
        at += 1;
        if depth == 0 {
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
