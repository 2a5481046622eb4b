use serde_json::Value;

use super::*;
use crate::strict_json;

fn canonical(text: &str) -> Option<String> {
    let mut out = Vec::new();
    append(text, &mut out)?;
    Some(String::from_utf8(out).unwrap())
}

/// What the tree and the library make of it, where it can be recorded at all.
fn expected(text: &str) -> Option<String> {
    fn is_recordable(value: &Value) -> bool {
        match value {
            Value::Number(number) => number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs))
                .is_some_and(|magnitude| magnitude <= LARGEST_INTEGER),
            Value::String(text) => !text.contains('\0'),
            Value::Array(items) => items.iter().all(is_recordable),
            Value::Object(members) => members
                .iter()
                .all(|(name, value)| !name.contains('\0') && is_recordable(value)),
            _ => true,
        }
    }
    let value = strict_json::parse(text).ok().filter(is_recordable)?;
    Some(serde_json_canonicalizer::to_string(&value).unwrap())
}

#[test]
fn texts_are_canonical_as_the_library_says_or_refused_as_the_tree_is() {
    for text in [
        r#" { "b" : [ 1 , -2, {"y":null,"x":true} ], "a" : "\u0041\/\n\u001f\u007f€😀\"\\" , "": {} } "#,
        r#"{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"\r":4,"1":5,"\u0080":6,"ö":7,"a\"":8,"a!":9,"a":10}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"a":1,"b":{"c":1,"c":1}}"#,
        r#""\u0000""#,
        r#"{"\u0000":1}"#,
        "0",
        "-0",
        "-1",
        "007",
        "1.0",
        "1e3",
        "9007199254740991",
        "-9007199254740991",
        "9007199254740992",
        "18446744073709551616",
        "-",
        "+1",
        "",
        " ",
        "nul",
        "nulls",
        "true false",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "[",
        "{",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\t\"",
        "[[[]]]",
        "{}",
        "[]",
        "\"\\u00e9\\u00E9\"",
        "\"\\u12\"",
        "\u{feff}1",
    ] {
        assert_eq!(canonical(text), expected(text), "{text}");
    }
    for depth in [126, 127, 128, 129] {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(canonical(&text), expected(&text), "{depth} deep");
    }
}

/// Texts made of pieces that matter, drawn by a fixed sequence, most of them not JSON.
#[test]
fn any_text_is_canonical_as_the_library_says_or_refused_as_the_tree_is() {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"\\u0061\"",
        "\"\u{1f600}\"",
        "\"\u{ff5e}\"",
        "1",
        "-7",
        "0",
        "1.5",
        "true",
        "null",
        " ",
        "{\"a\":1,\"b\":2}",
        "{\"b\":1,\"a\":[]}",
        "\"\\n\"",
        "\"a\":",
        "\"b\":",
        "\"\\ud83d\\ude00\":",
    ];
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let mut accepted = 0;
    for _ in 0..200_000 {
        let length = 1 + draw(9);
        let text: String = (0..length).map(|_| PIECES[draw(PIECES.len())]).collect();
        let found = canonical(&text);
        assert_eq!(found, expected(&text), "{text}");
        accepted += usize::from(found.is_some());
    }
    assert!(accepted > 1000, "{accepted}");
}

#[test]
fn strings_are_written_as_the_library_writes_them() {
    for text in [
        "",
        "plain",
        "\"\\/\u{8}\t\n\u{c}\r\u{1}\u{1f}\u{7f}é€😀\u{2028}",
    ] {
        let mut out = Vec::new();
        append_string(text, &mut out).unwrap();
        assert_eq!(out, serde_json_canonicalizer::to_vec(&text).unwrap());
    }
    assert_eq!(append_string("\0", &mut Vec::new()), None);
}
