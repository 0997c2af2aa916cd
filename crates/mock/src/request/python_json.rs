//! What Python's reader of JSON says of a text that is none, and where.

/// The position of what is wrong, counted in characters, and what it is; none if Python reads the text.
pub(super) fn problem(text: &str) -> Option<(usize, &'static str)> {
    let characters: Vec<char> = text.chars().collect();
    let mut reader = Reader {
        characters: &characters,
        depth: 0,
    };
    let end = match reader.value(reader.blank(0)) {
        Ok(end) => reader.blank(end),
        Err(problem) => return Some(problem),
    };
    (end < characters.len()).then_some((end, "Extra data"))
}

/// Python reads some hundreds more, which the mock does not: whoever walks through a value needs room for it.
const DEEPEST: usize = 127;

const TOO_DEEP: &str = "Nested more than 127 levels deep, which the mock does not read";

type Read = Result<usize, (usize, &'static str)>;

struct Reader<'a> {
    characters: &'a [char],
    depth: usize,
}

impl Reader<'_> {
    fn at(&self, place: usize) -> Option<char> {
        self.characters.get(place).copied()
    }

    /// The first place from here that is not blank.
    fn blank(&self, mut place: usize) -> usize {
        while matches!(self.at(place), Some(' ' | '\t' | '\n' | '\r')) {
            place += 1;
        }
        place
    }

    fn value(&mut self, place: usize) -> Read {
        match self.at(place) {
            Some('"') => self.text(place),
            Some('{' | '[') if self.depth == DEEPEST => Err((place, TOO_DEEP)),
            Some('{') => self.nested(place, Self::object),
            Some('[') => self.nested(place, Self::array),
            _ => self
                .word(place)
                .or_else(|| self.number(place))
                .ok_or((place, "Expecting value")),
        }
    }

    fn nested(&mut self, place: usize, read: fn(&mut Self, usize) -> Read) -> Read {
        self.depth += 1;
        let end = read(self, place);
        self.depth -= 1;
        end
    }

    fn word(&self, place: usize) -> Option<usize> {
        let begins = |word: &&str| {
            let rest = self.characters[place.min(self.characters.len())..].iter();
            rest.take(word.len()).copied().eq(word.chars())
        };
        let words = ["null", "true", "false"];
        words
            .iter()
            .find(|word| begins(word))
            .map(|word| place + word.len())
    }

    fn digits(&self, mut place: usize) -> usize {
        while self.at(place).is_some_and(|c| c.is_ascii_digit()) {
            place += 1;
        }
        place
    }

    /// The longest number that begins here.
    fn number(&self, place: usize) -> Option<usize> {
        let first = place + usize::from(self.at(place) == Some('-'));
        let mut end = match self.at(first)? {
            '0' => first + 1,
            '1'..='9' => self.digits(first),
            _ => return None,
        };
        if self.at(end) == Some('.') && self.digits(end + 1) > end + 1 {
            end = self.digits(end + 1);
        }
        if matches!(self.at(end), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.at(end + 1), Some('+' | '-')));
            let exponent = self.digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        Some(end)
    }

    fn text(&self, start: usize) -> Read {
        const CUT: &str = "Unterminated string starting at";
        let mut place = start + 1;
        loop {
            match self.at(place).ok_or((start, CUT))? {
                '"' => return Ok(place + 1),
                '\\' => match self.at(place + 1).ok_or((start, CUT))? {
                    '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => place += 2,
                    'u' => {
                        let is_hex = |at| self.at(at).is_some_and(|c: char| c.is_ascii_hexdigit());
                        if !(place + 2..place + 6).all(is_hex) {
                            return Err((place + 1, "Invalid \\uXXXX escape"));
                        }
                        place += 6;
                    }
                    _ => return Err((place, "Invalid \\escape")),
                },
                c if c < ' ' => return Err((place, "Invalid control character at")),
                _ => place += 1,
            }
        }
    }

    fn object(&mut self, start: usize) -> Read {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        let mut place = self.blank(start + 1);
        if self.at(place) == Some('}') {
            return Ok(place + 1);
        }
        loop {
            if self.at(place) != Some('"') {
                return Err((place, NAME));
            }
            place = self.blank(self.text(place)?);
            if self.at(place) != Some(':') {
                return Err((place, "Expecting ':' delimiter"));
            }
            let value = self.blank(place + 1);
            place = self.value(value)?;
            place = self.blank(place);
            match self.at(place) {
                Some('}') => return Ok(place + 1),
                Some(',') => place = self.blank(place + 1),
                _ => return Err((place, "Expecting ',' delimiter")),
            }
        }
    }

    fn array(&mut self, start: usize) -> Read {
        let mut place = self.blank(start + 1);
        if self.at(place) == Some(']') {
            return Ok(place + 1);
        }
        loop {
            place = self.value(place)?;
            place = self.blank(place);
            match self.at(place) {
                Some(']') => return Ok(place + 1),
                Some(',') => place = self.blank(place + 1),
                _ => return Err((place, "Expecting ',' delimiter")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn the_place_and_the_words_are_those_of_python() {
        for (text, place, words) in [
            ("", 0, "Expecting value"),
            (
                "{\"a\":1,}",
                7,
                "Expecting property name enclosed in double quotes",
            ),
            ("[1,]", 3, "Expecting value"),
            (
                "{'a':1}",
                1,
                "Expecting property name enclosed in double quotes",
            ),
            ("{\"a\" 1}", 5, "Expecting ':' delimiter"),
            ("[1 2]", 3, "Expecting ',' delimiter"),
            ("{}}", 2, "Extra data"),
            ("01", 1, "Extra data"),
            ("\"é", 0, "Unterminated string starting at"),
            ("\"\\x\"", 1, "Invalid \\escape"),
            ("\"\\u12\"", 2, "Invalid \\uXXXX escape"),
            ("\"a\nb\"", 2, "Invalid control character at"),
        ] {
            assert_eq!(problem(text), Some((place, words)), "{text:?}");
        }
        assert_eq!(problem(" [1, {}] "), None);
    }
}
