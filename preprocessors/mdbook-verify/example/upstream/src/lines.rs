//! `tally lines`

/// The number of lines.
pub fn count(text: &str) -> usize {
    text.lines().count()
}
