//! The rules of the repository that a .proto file stands in.

use std::ops::Range;

use prost_types::FileDescriptorProto;

use super::{Compiled, Kind, Problem, place};
use crate::config::ProtoRules;

/// The placeholder of a rule.
const NAME: &str = "{name}";

/// Checks a compiled file against the rules of its repository: where it stands, its `package`, its
/// `go_package`. `{name}` must be the same word everywhere: lower-case letters, digits and `_`.
///
/// `text` is the file's text as it was compiled.
#[must_use]
pub fn check_rules(
    compiled: &Compiled,
    file: &str,
    text: &str,
    rules: &ProtoRules,
) -> Vec<Problem> {
    let Some(descriptor) = compiled.pool.get_file_by_name(file) else {
        let message = format!("`{file}` was not compiled, so its rules cannot be checked");
        return vec![Problem {
            file: file.to_owned(),
            range: 0..0,
            kind: Kind::Rule,
            message,
            help: None,
        }];
    };
    let subject = Subject {
        file,
        text,
        descriptor: descriptor.file_descriptor_proto(),
    };
    let name = subject.name(rules);
    let expected = |rule: &Option<String>| rule.as_ref().map(|rule| Expected::new(rule, name));
    [
        expected(&rules.layout).and_then(|expected| subject.check_layout(&expected)),
        expected(&rules.package).and_then(|expected| subject.check_package(&expected)),
        expected(&rules.go_package).and_then(|expected| subject.check_go_package(&expected)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A file that is checked.
struct Subject<'a> {
    file: &'a str,
    text: &'a str,
    descriptor: &'a FileDescriptorProto,
}

/// What a rule asks for.
struct Expected {
    value: String,
    /// Whether it is a real value: no name was found for its placeholder.
    open: bool,
}

impl Expected {
    fn new(rule: &str, name: Option<&str>) -> Self {
        match name {
            Some(name) => Self {
                value: rule.replace(NAME, name),
                open: false,
            },
            None => Self {
                value: rule.to_owned(),
                open: rule.contains(NAME),
            },
        }
    }

    /// The way out, where `advice` shows the right value in place.
    fn help(&self, advice: &str) -> String {
        let word = format!(
            "; `{NAME}` is one word of lower-case letters, digits and `_`, the same everywhere"
        );
        format!("{advice}{}", if self.open { &word } else { "" })
    }
}

impl<'a> Subject<'a> {
    /// The word that most of the three places agree on; of the first of them if they all differ.
    fn name(&self, rules: &ProtoRules) -> Option<&'a str> {
        let (go_package, _) = split_alias(self.go_package());
        let places = [
            (&rules.layout, self.file),
            (&rules.package, self.descriptor.package()),
            (&rules.go_package, go_package),
        ];
        let names = places.map(|(rule, value)| matched_name(rule.as_deref()?, value));
        let votes = |name: &&str| {
            names
                .iter()
                .flatten()
                .filter(|other| *other == name)
                .count()
        };
        // Of equals max_by_key takes the last.
        names.into_iter().rev().flatten().max_by_key(votes)
    }

    fn go_package(&self) -> &'a str {
        self.descriptor
            .options
            .as_ref()
            .map_or("", |options| options.go_package())
    }

    fn check_layout(&self, expected: &Expected) -> Option<Problem> {
        if self.file == expected.value {
            return None;
        }
        let message = format!(
            "the file is `{}`, the rules of its repository ask for `{}`",
            self.file, expected.value
        );
        let help = expected.help(&format!("name it `{}`", expected.value));
        Some(self.problem(0..0, message, help))
    }

    fn check_package(&self, expected: &Expected) -> Option<Problem> {
        let help = || expected.help(&format!("write `package {};`", expected.value));
        let Some(package) = &self.descriptor.package else {
            return Some(self.problem(
                self.after_syntax(),
                "the file has no `package` statement".to_owned(),
                help(),
            ));
        };
        if *package == expected.value {
            return None;
        }
        let message = format!(
            "the package is `{package}`, the rules of its repository ask for `{}`",
            expected.value
        );
        Some(self.problem(self.range(&place::PACKAGE, package), message, help()))
    }

    fn check_go_package(&self, expected: &Expected) -> Option<Problem> {
        let help = expected.help(&format!(
            "write `option go_package = \"{}\";`",
            expected.value
        ));
        let value = self.go_package();
        if value == expected.value {
            return None;
        }
        if value.is_empty() {
            let message = "the file has no `option go_package`".to_owned();
            return Some(self.problem(self.after_syntax(), message, help));
        }
        let message = match split_alias(value) {
            (path, Some(alias)) if path == expected.value => {
                format!(
                    "go_package ends with the alias `;{alias}`, the rules of its repository allow none"
                )
            }
            _ => format!(
                "go_package is `{value}`, the rules of its repository ask for `{}`",
                expected.value
            ),
        };
        Some(self.problem(self.range(&place::GO_PACKAGE, value), message, help))
    }

    fn range(&self, path: &[i32], value: &str) -> Range<usize> {
        place::of_value(self.text, self.descriptor, path, value)
    }

    /// What is missing is missed at the `syntax` statement, after which it would stand.
    fn after_syntax(&self) -> Range<usize> {
        place::of(self.text, self.descriptor, &place::SYNTAX).unwrap_or(0..0)
    }

    fn problem(&self, range: Range<usize>, message: String, help: String) -> Problem {
        Problem {
            file: self.file.to_owned(),
            range,
            kind: Kind::Rule,
            message,
            help: Some(help),
        }
    }
}

/// A Go import path and the package name that may follow it: `example.com/a;b`.
fn split_alias(go_package: &str) -> (&str, Option<&str>) {
    match go_package.split_once(';') {
        Some((path, alias)) => (path, Some(alias)),
        None => (go_package, None),
    }
}

/// The word that stands for `{name}` in a value, if the value is as the rule says.
fn matched_name<'a>(rule: &str, value: &'a str) -> Option<&'a str> {
    let count = rule.matches(NAME).count();
    let literal = rule.len() - count * NAME.len();
    // All its occurrences are equally long, so the length of the value gives theirs.
    let length = value.len().checked_sub(literal)?.checked_div(count)?;
    let start = rule.find(NAME)?;
    let name = value.get(start..start + length)?;
    (is_word(name) && rule.replace(NAME, name) == value).then_some(name)
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
