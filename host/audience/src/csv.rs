//! Comma-separated values (RFC 4180), read with the place of every field, so that an error can say where, and written.

/// A field of a row, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// From 1.
    pub(crate) line: u64,
    /// In characters, from 1.
    pub(crate) column: u64,
    /// Without its quotes.
    pub(crate) text: String,
}

/// Text that is no CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoCsv {
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) message: &'static str,
}

/// The rows of a text; empty lines are none.
pub(crate) fn read(text: &str) -> Result<Vec<Vec<Field>>, NoCsv> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = Places { rest: text, line: 1, column: 1 };
    while !rest.is_at_end() {
        row.push(rest.field()?);
        match rest.take() {
            Some(',') if rest.is_at_end() => row.push(rest.field()?),
            Some(',') => {}
            _ => {
                let is_empty = matches!(&row[..], [only] if only.text.is_empty());
                let row = std::mem::take(&mut row);
                if !is_empty {
                    rows.push(row);
                }
            }
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    Ok(rows)
}

/// One row, with its line break.
pub(crate) fn write<'t>(fields: impl IntoIterator<Item = &'t str>) -> String {
    let quoted = |field: &str| {
        if field.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.to_owned()
        }
    };
    fields.into_iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

/// What is left of a text, and where that is.
struct Places<'t> {
    rest: &'t str,
    line: u64,
    column: u64,
}

// === impl Places ===

impl Places<'_> {
    const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next character; a line break, however it is written, is `\n`.
    fn take(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let mut next = characters.next()?;
        self.rest = characters.as_str();
        if next == '\r' && self.rest.starts_with('\n') {
            self.rest = &self.rest[1..];
            next = '\n';
        }
        (self.line, self.column) = if next == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        Some(next)
    }

    /// The field that begins here; what ends it is left.
    fn field(&mut self) -> Result<Field, NoCsv> {
        let (line, column) = (self.line, self.column);
        let mut text = String::new();
        if !self.rest.starts_with('"') {
            while !(self.is_at_end() || self.rest.starts_with([',', '\n']) || self.rest.starts_with("\r\n")) {
                match self.take() {
                    Some('"') => {
                        return Err(
                            self.no("a quote within a field: put the whole field in quotes, and write two for one")
                        );
                    }
                    Some(other) => text.push(other),
                    None => {}
                }
            }
            return Ok(Field { line, column, text });
        }
        self.take();
        loop {
            match self.take() {
                Some('"') if self.rest.starts_with('"') => text.extend(self.take()),
                Some('"') => break,
                Some(other) => text.push(other),
                None => {
                    return Err(NoCsv { line, column, message: "a field begins with a quote here, and does not end" });
                }
            }
        }
        let ends = self.is_at_end() || self.rest.starts_with([',', '\n']) || self.rest.starts_with("\r\n");
        if ends {
            Ok(Field { line, column, text })
        } else {
            Err(self.no("something follows the quote that ends a field"))
        }
    }

    const fn no(&self, message: &'static str) -> NoCsv {
        NoCsv { line: self.line, column: self.column, message }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(rows: &[Vec<Field>]) -> Vec<Vec<&str>> {
        rows.iter().map(|row| row.iter().map(|field| field.text.as_str()).collect()).collect()
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(rows in prop::collection::vec(prop::collection::vec("[a,\"\n\r é]{0,6}", 2..5), 0..6)) {
            // A carriage return before a line break is part of the break, and is not told apart from it.
            let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.iter().map(|field| field.replace('\r', "")).collect()).collect();
            let written: String = rows.iter().map(|row| write(row.iter().map(String::as_str))).collect();
            let fields = read(&written).unwrap();
            prop_assert_eq!(texts(&fields), rows);
        }

        #[test]
        fn no_text_does_harm(text in "[a,\"\n\r]{0,30}") {
            if let Err(NoCsv { line, column, .. }) = read(&text) {
                prop_assert!(line >= 1 && column >= 1);
            }
        }
    }

    #[test]
    fn fields_know_where_they_begin() {
        let rows = read("a,\"b\nc\",é,d\r\n\n,e").unwrap();
        let places: Vec<_> = rows.iter().flatten().map(|f| (f.line, f.column, f.text.as_str())).collect();
        assert_eq!(places, [(1, 1, "a"), (1, 3, "b\nc"), (2, 4, "é"), (2, 6, "d"), (4, 1, ""), (4, 2, "e")]);
    }

    #[test]
    fn broken_quotes_are_told_with_their_place() {
        assert_eq!(read("a,\"b").unwrap_err().column, 3);
        assert_eq!(read("a\nb\"c").unwrap_err().line, 2);
        assert!(read("\"a\"b").unwrap_err().message.contains("follows the quote"));
        assert_eq!(texts(&read("a,").unwrap()), [["a", ""]]);
    }
}
