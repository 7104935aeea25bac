//! The places of a block that can be broken: words of its fence, lines of a diff, tokens of its
//! text.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use mdbook_verify::matter::Matter;

use crate::class::Class;
use crate::code::Code;
use crate::lex::{self, Token};
use crate::verifier::Block;

/// A token with its place in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) class: Class,
    /// Its bytes in the file.
    pub(crate) at: Range<usize>,
    /// Each hunk of a diff has context of its own; everything else is of one part.
    pub(crate) part: usize,
}

/// All the spots of a block in the text of its file.
pub(crate) fn of_block(block: &Block, file: &str) -> Result<Vec<Spot>> {
    let lines = lines(file);
    let lines = lines
        .get(block.line.saturating_sub(1)..block.end_line)
        .filter(|lines| lines.len() > 1)
        .context("its lines are not in its file")?;
    let (&(first_at, first), rest) = lines.split_first().context("it has no line")?;
    let fence = Fence::read(first).context("its first line is no fence")?;
    let (last, body) = rest.split_last().context("it has one line")?;
    ensure!(
        fence.closes(last.1),
        "its last line does not close its fence"
    );

    let mut spots = Vec::new();
    fence.spots(first_at, first, &mut spots);
    let mut code = Code::default();
    for &(at, line) in body {
        let inner = fence.inner(line);
        let at = at + line.len() - inner.len();
        match included(inner) {
            // The text stands in another file; what stands here is the way to it.
            Some(path) => spots.push(spot(Class::Path, at + path.start..at + path.end)),
            None => code.push(inner, at),
        }
    }
    if block.language == "diff" {
        of_diff(block, &code, &mut spots);
    } else {
        let tokens = match block.role.as_str() {
            "tree" => lex::tree(code.text()),
            _ => lex::tokens(Matter::named(&block.language), code.text()),
        };
        spots.extend(tokens.into_iter().map(|token| placed(&token, &code)));
    }
    Ok(spots)
}

fn spot(class: Class, at: Range<usize>) -> Spot {
    Spot { class, at, part: 0 }
}

fn placed(token: &Token, code: &Code) -> Spot {
    let start = code.place(token.at.start);
    spot(token.class, start..start + token.at.len())
}

/// The lines of a file with their first bytes, without what ends them.
fn lines(file: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let lines = file.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    });
    lines.collect()
}

/// The opening line of a block.
struct Fence<'t> {
    /// What stands before it: the marks of a list or a quote, white space.
    before: &'t str,
    /// The backticks or tildes.
    ticks: &'t str,
    info: &'t str,
}

impl<'t> Fence<'t> {
    fn read(line: &'t str) -> Option<Self> {
        let start = line.find("```").or_else(|| line.find("~~~"))?;
        let tick = line[start..].chars().next()?;
        let info = line[start..].trim_start_matches(tick);
        let end = line.len() - info.len();
        Some(Self {
            before: &line[..start],
            ticks: &line[start..end],
            info,
        })
    }

    fn closes(&self, line: &str) -> bool {
        line.trim_end().ends_with(self.ticks)
    }

    /// A line of the block without what the container puts before it. A container's later lines
    /// may be indented less than its first, and empty ones not at all.
    fn inner<'l>(&self, line: &'l str) -> &'l str {
        let mut rest = line;
        for c in self.before.chars() {
            let mark = if c == '>' { '>' } else { ' ' };
            match rest.strip_prefix(mark) {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        rest
    }

    fn spots(&self, at: usize, line: &str, spots: &mut Vec<Spot>) {
        let here = at + line.len() - self.info.len();
        let mut words = words(self.info).into_iter();
        if let Some((start, language)) = words.next() {
            let start = here + start;
            spots.push(spot(Class::Language, start..start + language.len()));
        }
        for (start, word) in words {
            let start = here + start;
            let Some((key, value)) = word.split_once('=') else {
                spots.push(spot(Class::Attribute, start..start + word.len()));
                continue;
            };
            spots.push(spot(Class::Attribute, start..start + key.len()));
            let trimmed = value.trim_matches('"');
            let value_at = start + key.len() + 1 + usize::from(value.starts_with('"'));
            let class = match key {
                "file" | "fragment" | "cwd" => Class::Target,
                // A reason is for people.
                "illustrative" => continue,
                _ => Class::Attribute,
            };
            if !trimmed.is_empty() {
                spots.push(spot(class, value_at..value_at + trimmed.len()));
            }
        }
    }
}

/// The words of an info string; white space in quotes ends none.
fn words(info: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, c) in info.char_indices().chain([(info.len(), ' ')]) {
        quoted ^= c == '"';
        if c.is_whitespace() && (!quoted || at == info.len()) {
            words.extend(start.take().map(|from: usize| (from, &info[from..at])));
        } else {
            start.get_or_insert(at);
        }
    }
    words
}

/// The path of `{{#include PATH}}` or one of its kin, if the line is that.
fn included(line: &str) -> Option<Range<usize>> {
    let directive = line.trim().strip_prefix("{{#")?.strip_suffix("}}")?;
    let (_, path) = directive.split_once(' ')?;
    let path = path.split(':').next()?.trim();
    let start = line.find(path)?;
    (!path.is_empty()).then_some(start..start + path.len())
}

/// What a diff expects is context; what it adds is of the file's own language, and read together
/// with the context around it.
fn of_diff(block: &Block, code: &Code, spots: &mut Vec<Spot>) {
    let mut hunk = 0;
    let mut new = Code::default();
    let mut added = Vec::new();
    for (line, at) in code.lines() {
        let Some(mark) = line.chars().next() else {
            continue;
        };
        let text = &line[mark.len_utf8()..];
        match mark {
            '@' => {
                hunk += 1;
                let anchor = line.trim_start_matches('@').trim();
                push_line(Class::Anchor, anchor, line, at, hunk, spots);
            }
            '+' => {
                added.push(at + 1..at + line.len());
                new.push(text, at + 1);
            }
            ' ' | '-' => {
                push_line(Class::Context, text.trim(), line, at, hunk, spots);
                if mark == ' ' {
                    new.push(text, at + 1);
                }
            }
            _ => {}
        }
    }
    let matter = Matter::of_path(block.target.as_deref().unwrap_or_default());
    let tokens = lex::tokens(matter, new.text());
    let placed = tokens.iter().map(|token| placed(token, &new));
    spots.extend(placed.filter(|spot| added.iter().any(|line| line.contains(&spot.at.start))));
}

fn push_line(
    class: Class,
    part_of_line: &str,
    line: &str,
    at: usize,
    part: usize,
    spots: &mut Vec<Spot>,
) {
    if !part_of_line.is_empty() {
        let start = at + line.rfind(part_of_line).unwrap_or_default();
        let at = start..start + part_of_line.len();
        spots.push(Spot { class, at, part });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(language: &str, role: &str, target: &str, file: &str) -> Block {
        Block {
            id: "x".into(),
            file: "x.md".into(),
            line: 1,
            end_line: file.lines().count(),
            language: language.into(),
            role: role.into(),
            target: Some(target.into()),
        }
    }

    fn found<'t>(spots: &[Spot], file: &'t str, class: Class) -> Vec<&'t str> {
        let spots = spots.iter().filter(|spot| spot.class == class);
        spots.map(|spot| &file[spot.at.clone()]).collect()
    }

    #[test]
    fn the_words_of_the_fence_are_spots() {
        let file = "```go file=a/b.go append edition=\"x, y\" illustrative=\"for show\"\n```\n";
        let spots = of_block(&block("go", "append", "a/b.go", file), file).unwrap();
        assert_eq!(found(&spots, file, Class::Language), ["go"]);
        assert_eq!(found(&spots, file, Class::Target), ["a/b.go"]);
        assert_eq!(
            found(&spots, file, Class::Attribute),
            ["file", "append", "edition", "x, y", "illustrative"]
        );
    }

    #[test]
    fn containers_are_left_out() {
        let file = "> 1. ~~~yaml\n>    a: b\n>\n>    c: 1\n>    ~~~\n";
        let spots = of_block(&block("yaml", "plain", "", file), file).unwrap();
        assert_eq!(found(&spots, file, Class::Key), ["a", "c"]);
        assert_eq!(found(&spots, file, Class::Value), ["b"]);
        assert_eq!(found(&spots, file, Class::Number), ["1"]);
    }

    #[test]
    fn a_diff_has_context_by_hunk_and_tokens_where_it_adds() {
        let file =
            "```diff file=x.go\n func Old() {\n+\tvar size int\n@@ // end\n-\told()\n }\n```\r\n";
        let spots = of_block(&block("diff", "diff", "x.go", file), file).unwrap();
        let context: Vec<_> = spots
            .iter()
            .filter(|spot| spot.class == Class::Context)
            .map(|spot| (&file[spot.at.clone()], spot.part))
            .collect();
        assert_eq!(context, [("func Old() {", 0), ("old()", 1), ("}", 1)]);
        assert_eq!(found(&spots, file, Class::Anchor), ["// end"]);
        assert_eq!(found(&spots, file, Class::Identifier), ["size"]);
        assert_eq!(found(&spots, file, Class::Type), ["int"]);
    }

    #[test]
    fn an_included_text_is_a_path() {
        let file = "```rust\n{{#include ../a/b.rs:start}}\n```\n";
        let spots = of_block(&block("rust", "plain", "", file), file).unwrap();
        assert_eq!(found(&spots, file, Class::Path), ["../a/b.rs"]);
    }

    #[test]
    fn what_is_no_block_is_said() {
        for file in ["", "text\ntext\n", "```go\ntext\n", "```go\n"] {
            assert!(of_block(&block("go", "plain", "", file), file).is_err());
        }
    }
}
