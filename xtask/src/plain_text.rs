//! Text of a document as one line of a report.

/// The text on one line, with every character spelled out that would do something instead of being seen: line
/// breaks, which could forge lines of a report; what moves the cursor of a terminal; and what turns the
/// direction of text, so that a line reads differently from what it says.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for letter in text.chars() {
        if is_control(letter) {
            line.extend(letter.escape_unicode());
        } else {
            line.push(letter);
        }
    }
    line
}

/// A message of several lines, each as [`one_line`] makes it. For messages whose line breaks are ours.
pub(crate) fn line_by_line(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    lines.join("\n")
}

/// Whether a character changes the text around it instead of being seen itself.
pub(crate) fn is_control(letter: char) -> bool {
    let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(letter, '\u{2028}' | '\u{2029}');
    letter.is_control() || turns || breaks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_spelled_out() {
        assert_eq!(one_line("ä \u{1f980} \u{200d}"), "ä \u{1f980} \u{200d}");
        for letter in [
            '\n', '\u{1b}', '\u{85}', '\u{61c}', '\u{200f}', '\u{202e}', '\u{2028}', '\u{2066}',
            '\u{2069}',
        ] {
            let line = one_line(&format!("a{letter}b"));
            assert!(!line.contains(letter), "{line:?}");
            assert!(line.contains("\\u{"), "{line:?}");
        }
    }

    #[test]
    fn a_message_keeps_its_lines_and_nothing_else_that_is_not_seen() {
        assert_eq!(line_by_line("a\u{1b}\n  b\r\n"), "a\\u{1b}\n  b");
    }
}
