//! Text of a document as one line of a report.

/// The text on one line, with everything spelled out that is not seen: line breaks, which would forge lines
/// of a report, what moves the cursor of a terminal, and what turns the direction of text, by which a line
/// reads otherwise than it is.
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

/// Whether a character makes something of the text around it instead of being seen itself.
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
}
