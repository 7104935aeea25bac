//! A listing of paths, as people draw one: with branches, by indentation, or one path a line.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A line of a listing that names something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The bytes of its name or path in the listing, without a slash at the end.
    pub name: Range<usize>,
    /// Whether the listing says that it is a folder: by a slash at its end, or by what stands below.
    pub folder: bool,
    /// The entry that it stands below.
    pub parent: Option<usize>,
}

/// The entries of a listing, in their order. Comments (after two spaces, a tab or ` #`), lines that
/// only draw, and lines that stand for more of the same (`…`, `...`) name nothing.
#[must_use]
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    // The entries that the next one may stand below, with their columns.
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at + branch(line);
        let name = name(&text[start..at + line.len()]);
        at += line.len();
        if name.is_empty() {
            continue;
        }
        let column = columns(&text[at - line.len()..start]);
        while open.last().is_some_and(|(other, _)| *other >= column) {
            open.pop();
        }
        let parent = open.last().map(|(_, entry)| *entry);
        if let Some(parent) = parent {
            entries[parent].folder = true;
        }
        if is_ellipsis(name) {
            continue;
        }
        let bare = name.trim_end_matches('/');
        open.push((column, entries.len()));
        entries.push(Entry {
            name: start..start + bare.len(),
            folder: bare.len() < name.len(),
            parent,
        });
    }
    entries
}

/// The length of what is drawn before a name, in Unicode or in ASCII.
fn branch(line: &str) -> usize {
    static BRANCH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[\s│┃|]*(?:[├└╰┣┗][─━╴]*|[|+`\\]?-{2,}|[+`\\]-+)?\s*")
            .expect("the pattern is valid")
    });
    BRANCH.find(line).map_or(0, |found| found.len())
}

fn columns(drawn: &str) -> usize {
    drawn.chars().map(|c| if c == '\t' { 4 } else { 1 }).sum()
}

/// What stands before a comment.
fn name(rest: &str) -> &str {
    if rest.starts_with('#') {
        return "";
    }
    let cuts = ["  ", "\t", " #"].iter().filter_map(|cut| rest.find(cut));
    rest[..cuts.min().unwrap_or(rest.len())].trim_end()
}

fn is_ellipsis(name: &str) -> bool {
    let rest = name.strip_prefix('…').or_else(|| name.strip_prefix("..."));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each entry with its depth, and a slash if it is a folder.
    fn shown(text: &str) -> Vec<String> {
        let entries = parse(text);
        let mut depths: Vec<usize> = Vec::new();
        for entry in &entries {
            depths.push(entry.parent.map_or(0, |parent| depths[parent] + 1));
        }
        let lines = entries.iter().zip(depths).map(|(entry, depth)| {
            let slash = if entry.folder { "/" } else { "" };
            format!("{depth} {}{slash}", &text[entry.name.clone()])
        });
        lines.collect()
    }

    #[test]
    fn all_styles_say_the_same() {
        let wanted = ["0 ./", "1 cmd/", "2 app/", "3 main.go", "1 go.mod"];
        for text in [
            ".\n├── cmd\n│   └── app\n│       └── main.go\n└── go.mod\n",
            ".\n├── cmd\n│\u{a0}\u{a0} └── app\n│\u{a0}\u{a0}     └── main.go\n└── go.mod\n",
            ".\n|-- cmd\n|   `-- app\n|       `-- main.go\n`-- go.mod\n",
            ".\n+-- cmd/\n|   \\-- app/\n|       \\-- main.go\n\\-- go.mod",
            ".\n  cmd/\n    app/\n      main.go\n  go.mod\n",
            "./\n\tcmd\n\t\tapp\n\t\t\tmain.go\n\tgo.mod\n",
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }

    #[test]
    fn comments_and_ellipses_name_nothing() {
        let text =
            "# all of it\na/  the first\n├── …\nb/c.go # new\n\n│\n...\n... and more\nd e\tx\n";
        assert_eq!(shown(text), ["0 a/", "0 b/c.go", "0 d e"]);
    }

    #[test]
    fn names_that_look_drawn() {
        assert_eq!(
            shown("-x\n.github\n...rest\n"),
            ["0 -x", "0 .github", "0 ...rest"]
        );
        assert!(parse("").is_empty());
        assert!(parse("│\n├──\n").is_empty());
    }
}
