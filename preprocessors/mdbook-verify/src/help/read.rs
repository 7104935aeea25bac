//! The habits in which help is written.

use std::sync::LazyLock;

use regex::Regex;

use super::{Help, Style, Takes};

pub(super) fn read(text: &str, help: &mut Help) {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    for line in &lines {
        definition(line, help);
        commands(line, help);
    }
    usage(&lines, help);
    if help.style != Style::Gnu {
        prose(text, help);
    }
}

/// A line that begins with a flag: `  -o, --output=FILE  what it does`.
fn definition(line: &str, help: &mut Help) {
    let indented = line.starts_with([' ', '\t']);
    let mut rest = line.trim_start();
    // In Go's prose a wrapped line may begin with a flag, so that only indented ones define some.
    if !rest.starts_with('-') || (!indented && help.style == Style::Go) {
        return;
    }
    let mut names = Vec::new();
    let mut takes = Takes::Nothing;
    while let Some((flag, behind)) = flag(rest) {
        names.extend(flag);
        let (value, behind) = value(behind);
        takes = stronger(takes, value);
        rest = behind.trim_start_matches("...");
        let separator = rest.trim_start_matches([',', '|', ' ']);
        // Two spaces without a comma begin the description.
        let gap = &rest[..rest.len() - separator.len()];
        if !separator.starts_with('-') || (gap.len() > 1 && !gap.contains([',', '|'])) {
            break;
        }
        rest = separator;
    }
    for name in names {
        help.flags.entry(name).or_insert(takes);
    }
}

fn stronger(one: Takes, other: Takes) -> Takes {
    match (one, other) {
        (Takes::Nothing, other) => other,
        (one, _) => one,
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The flag that a text begins with, by all its names, and what follows. A single dash before
/// more than one capital, as in `-IPATH`, is a letter with its value.
fn flag(text: &str) -> Option<(Vec<String>, &str)> {
    if let Some(rest) = text.strip_prefix("--[no-]") {
        let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        let name = &rest[..end];
        return Some((
            vec![format!("--{name}"), format!("--no-{name}")],
            &rest[end..],
        ));
    }
    let dashes = text.len() - text.trim_start_matches('-').len();
    let rest = &text[dashes..];
    let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
    let name = rest[..end].trim_end_matches('.');
    let end = name.len();
    let first = rest.chars().next()?;
    match dashes {
        1 if end == 0 && !first.is_whitespace() && first.is_ascii() => {
            Some((vec![format!("-{first}")], &rest[1..]))
        }
        1 if end > 1
            && name[1..]
                .chars()
                .all(|c| c.is_ascii_uppercase() || c == '_') =>
        {
            Some((vec![format!("-{first}")], &rest[1..]))
        }
        1 | 2 if end > 0 => Some((vec![format!("{}{name}", &text[..dashes])], &rest[end..])),
        _ => None,
    }
}

/// Whether a value follows a flag, and what is behind it.
fn value(text: &str) -> (Takes, &str) {
    let word = |text: &str| {
        let close = match text.chars().next() {
            Some('<') => '>',
            Some('[') => ']',
            Some('\'') => '\'',
            Some('"') => '"',
            _ => return text.find([' ', '\t', ',', ']', ')']).unwrap_or(text.len()),
        };
        let end = text[1..].find(close).map_or(text.len(), |at| at + 2);
        end + text[end..]
            .find([' ', '\t', ','])
            .unwrap_or(text.len() - end)
    };
    if let Some(rest) = text.strip_prefix("[=") {
        let end = rest.find(']').map_or(rest.len(), |at| at + 1);
        return (Takes::Attached, &rest[end..]);
    }
    if text.starts_with('[') {
        return (Takes::Attached, &text[word(text)..]);
    }
    if let Some(rest) = text.strip_prefix('=') {
        return (Takes::Value, &rest[word(rest)..]);
    }
    // A capital right behind the letter: `-IPATH`.
    if text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return (Takes::Value, &text[word(text)..]);
    }
    let Some(rest) = text
        .strip_prefix(' ')
        .filter(|rest| !rest.starts_with([' ', '-', '|']) && !rest.starts_with("[-"))
    else {
        return (Takes::Nothing, text);
    };
    let end = word(rest);
    let (name, behind) = rest.split_at(end);
    let stands_alone =
        behind.is_empty() || behind.starts_with([',', '\t', ']']) || behind.starts_with("  ");
    // A default in quotes is all that some programs say of the value.
    if matches!(name, "'true'" | "'false'") {
        return (Takes::Attached, behind);
    }
    let capitals = name
        .chars()
        .all(|c| c.is_ascii_uppercase() || matches!(c, '_' | '-' | '|' | '='));
    match name.chars().next() {
        Some('<' | '\'') => (Takes::Value, behind),
        Some('[') => (Takes::Unsaid, behind),
        Some(_) if capitals || stands_alone => (Takes::Value, behind),
        _ => (Takes::Nothing, text),
    }
}

/// Flags in the brackets of a usage line: `usage: go build [-o output] [build flags]`.
fn usage(lines: &[&str], help: &mut Help) {
    let begins = |line: &str| {
        let line = line.trim_start().to_lowercase();
        line.starts_with("usage:") || line.starts_with("or:")
    };
    // A builtin of Bash begins with its own name: `cd: cd [-L]`.
    let builtin = lines.first().is_some_and(|line| {
        line.split_once(": ")
            .is_some_and(|(name, rest)| rest.starts_with(name))
    });
    let mut inside = builtin;
    for line in lines {
        inside = begins(line)
            || (inside && !line.is_empty() && line.starts_with(' '))
            || (inside && builtin);
        if !inside {
            continue;
        }
        for found in BRACKETED.find_iter(line) {
            let start = found.start() + found.as_str().find('-').unwrap_or(0);
            let Some((names, behind)) = flag(&line[start..]) else {
                continue;
            };
            let (takes, _) = value(behind);
            for name in names {
                // Bash writes `[-fn]` for `[-f] [-n]`.
                if builtin && name.len() > 2 && !name.starts_with("--") {
                    for letter in name.chars().skip(1) {
                        help.flags.entry(format!("-{letter}")).or_insert(takes);
                    }
                } else {
                    help.flags.entry(name).or_insert(takes);
                }
            }
        }
        if builtin {
            break;
        }
    }
    nested(lines, help);
}

static BRACKETED: LazyLock<Regex> = LazyLock::new(|| regex(r"[\[(|] ?--?[\[A-Za-z@?]"));

/// Commands of a command, which git names in its usage lines: `or: git remote add [-f] <name>`.
fn nested(lines: &[&str], help: &mut Help) {
    for line in lines {
        if let Some(found) = NESTED.captures(line) {
            help.commands.insert(found[1].to_owned());
        }
    }
}

static NESTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^\s*(?:usage|or): git [a-z-]+ (?:\[-v \| --verbose\] )?([a-z][a-z-]+)(?: |$)")
});

/// What Go's own help says in sentences: `The -go=version flag sets …`.
fn prose(text: &str, help: &mut Help) {
    for found in MENTIONED.captures_iter(text) {
        // To be spoken of says nothing about a value; one behind an equals sign does.
        let takes = match (help.style, found.get(2)) {
            (Style::Go, Some(_)) => Takes::Value,
            _ => Takes::Unsaid,
        };
        help.flags.entry(found[1].to_owned()).or_insert(takes);
    }
}

static MENTIONED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:^|[\s\[(|'`,])(--?[A-Za-z][A-Za-z0-9_-]*)(=[^\s,])?"));

/// A line that names a command: `  build    compile packages`. An alias stands before a comma.
fn commands(line: &str, help: &mut Help) {
    if let Some(found) = COMMAND.captures(line) {
        help.commands.insert(found[1].to_owned());
        if let Some(alias) = found.get(2) {
            help.commands.insert(alias.as_str().to_owned());
        }
    }
}

static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?: {2,8}|\t)([a-z][a-z0-9_-]*(?: [a-z][a-z0-9-]*)?)(?:, ([a-z][a-z0-9-]*))?(?:\t|  +)\s*\S",
    )
});

#[expect(
    clippy::expect_used,
    reason = "the patterns stand above, and each is used by a test"
)]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of this file")
}
