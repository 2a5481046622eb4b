//! Changes as a patch.

use super::output::Paint;
use crate::cli::terminal::clean;
use crate::record::Change;

/// The changes as a patch: what was in red behind `-`, what is in green behind `+`.
pub fn patch(changes: &[Change], paint: Paint) -> String {
    let mut text = String::new();
    for change in changes {
        let sides = [("-", &change.old), ("+", &change.new)];
        for (sign, value) in sides {
            if let Some(value) = value {
                let line = format!("{sign} {}: {value}", clean(&change.field));
                let line = if sign == "-" {
                    paint.red(&line)
                } else {
                    paint.green(&line)
                };
                text.push_str(&line);
                text.push('\n');
            }
        }
    }
    if text.is_empty() {
        text = format!("{}\n", paint.dim("  (no field changed)"));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::changes;

    #[test]
    fn a_patch_has_what_was_and_what_is() {
        let changes = changes(&json!({"a": 1, "b": 2}), &json!({"a": 3, "b": 2}));
        assert_eq!(patch(&changes, Paint::none()), "- a: 1\n+ a: 3\n");
    }
}
