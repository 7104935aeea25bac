//! The text of a block, with the way back to the file it stands in.

/// Lines of a block without what a list or a quote puts before them.
#[derive(Debug, Default)]
pub(crate) struct Code {
    text: String,
    /// Where each line starts: here, and in the file.
    lines: Vec<(usize, usize)>,
}

impl Code {
    /// Adds a line that starts at byte `at` of the file.
    pub(crate) fn push(&mut self, line: &str, at: usize) {
        self.lines.push((self.text.len(), at));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The text, each line ended by a line feed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The lines, each with the byte of the file at which it starts.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, usize)> {
        self.text
            .lines()
            .zip(self.lines.iter().map(|(_, file)| *file))
    }

    /// The byte of the file at which a byte of the text stands.
    pub(crate) fn place(&self, byte: usize) -> usize {
        let after = self.lines.partition_point(|(start, _)| *start <= byte);
        match after.checked_sub(1).map(|index| self.lines[index]) {
            Some((start, file)) => file + (byte - start),
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_found_again_in_the_file() {
        let file = "> ab\n> \n>  c\n";
        let mut code = Code::default();
        code.push("ab", 2);
        code.push("", 7);
        code.push(" c", 10);
        assert_eq!(code.text(), "ab\n\n c\n");
        for (byte, wanted) in [(0, "a"), (1, "b"), (5, "c")] {
            assert_eq!(&file[code.place(byte)..][..1], wanted);
        }
        let starts: Vec<_> = code.lines().collect();
        assert_eq!(starts, [("ab", 2), ("", 7), (" c", 10)]);
    }
}
