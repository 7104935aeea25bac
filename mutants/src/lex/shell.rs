//! Commands of a shell: words, and which of them is the program.

use std::ops::Range;

use super::Token;
use crate::class::Class;

const KEYWORDS: &[&str] = &[
    "if", "then", "elif", "else", "fi", "for", "in", "do", "done", "while", "until", "case",
    "esac", "function", "{", "}", "!", "time",
];

/// Programs that run the one that follows.
const WRAPPERS: &[&str] = &["sudo", "env", "exec", "nohup"];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut shell = Shell {
        text,
        at: 0,
        expects: Expects::Program,
        here_document: None,
        found: Vec::new(),
    };
    while let Some(c) = text[shell.at..].chars().next() {
        shell.next(c);
    }
    shell.found
}

/// What the next word is.
#[derive(Clone, Copy, PartialEq)]
enum Expects {
    Program,
    Argument,
    /// The file behind `>` or `<`.
    File,
}

struct Shell<'t> {
    text: &'t str,
    at: usize,
    expects: Expects,
    /// The word that ends a text that begins with the next line.
    here_document: Option<&'t str>,
    found: Vec<Token>,
}

impl Shell<'_> {
    fn next(&mut self, c: char) {
        let rest = &self.text[self.at..];
        match c {
            '\n' => {
                self.at += 1;
                self.expects = Expects::Program;
                if let Some(end) = self.here_document.take() {
                    self.document(end);
                }
            }
            '\\' if rest[1..].starts_with('\n') => self.at += 2,
            '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
            '<' if rest.starts_with("<<") && !rest.starts_with("<<<") => {
                self.at += if rest.starts_with("<<-") { 3 } else { 2 };
                let word = self.word();
                let end = self.text[word].trim_matches(['"', '\'']);
                self.here_document = (!end.is_empty()).then_some(end);
            }
            '<' | '>' => {
                self.at += 1;
                self.expects = Expects::File;
            }
            '|' | '&' | ';' | '(' | ')' => {
                self.at += 1;
                self.expects = Expects::Program;
            }
            c if c.is_whitespace() => self.at += c.len_utf8(),
            _ => {
                let word = self.word();
                if word.is_empty() {
                    self.at += c.len_utf8();
                } else {
                    self.classify(word);
                }
            }
        }
    }

    /// The word that begins here, quotes and all; `$(…)` in it is part of it.
    fn word(&mut self) -> Range<usize> {
        let start = self.at;
        let text = &self.text[start..];
        let mut quote = None;
        let mut depth = 0_usize;
        let mut length = text.len();
        let mut chars = text.char_indices();
        while let Some((at, c)) = chars.next() {
            if c == '\\' && quote != Some('\'') {
                chars.next();
            } else if quote.is_some() {
                quote = quote.filter(|open| *open != c);
            } else if c == '"' || c == '\'' {
                quote = Some(c);
            } else if c == '(' && (depth > 0 || text[..at].ends_with('$')) {
                depth += 1;
            } else if c == ')' && depth > 0 {
                depth -= 1;
            } else if depth == 0 && (c.is_whitespace() || "|&;<>()".contains(c)) {
                length = at;
                break;
            }
        }
        self.at = start + length;
        start..self.at
    }

    fn classify(&mut self, range: Range<usize>) {
        let word = &self.text[range.clone()];
        match self.expects {
            Expects::Program if KEYWORDS.contains(&word) => {}
            Expects::Program if assignment(word).is_some() => {
                let name = assignment(word).unwrap_or_default();
                self.push(Class::Key, range.start..range.start + name);
                self.push(Class::Value, range.start + name + 1..range.end);
            }
            Expects::Program => {
                self.push(Class::Program, range.clone());
                if !WRAPPERS.contains(&word) {
                    self.expects = Expects::Argument;
                }
            }
            Expects::File => {
                self.push(Class::Path, range);
                self.expects = Expects::Argument;
            }
            Expects::Argument if word.starts_with('-') => {
                let name = word.find('=').unwrap_or(word.len());
                self.push(Class::Flag, range.start..range.start + name);
                if name < word.len() {
                    self.argument(range.start + name + 1..range.end);
                }
            }
            Expects::Argument => self.argument(range),
        }
    }

    fn argument(&mut self, range: Range<usize>) {
        let word = &self.text[range.clone()];
        let quoted = word.contains(['"', '\'']);
        let port = word.rfind(':').map(|at| range.start + at + 1..range.end);
        let is_number = |range: &Range<usize>| {
            !range.is_empty() && self.text[range.clone()].chars().all(|c| c.is_ascii_digit())
        };
        if is_number(&range) {
            self.push(Class::Number, range);
        } else if let Some(port) = port.filter(is_number) {
            self.push(Class::Argument, range.start..port.start - 1);
            self.push(Class::Number, port);
        } else if quoted && word.contains([' ', '{']) {
            self.push(Class::Value, range);
        } else if word.contains('/') || has_extension(word) {
            self.push(Class::Path, range);
        } else {
            self.push(Class::Argument, range);
        }
    }

    /// Pushes each line of a range, without its quotes.
    fn push(&mut self, class: Class, range: Range<usize>) {
        let text = &self.text[range.clone()];
        for (at, line) in super::lines(text) {
            let trimmed = line.trim().trim_matches(['"', '\'']);
            if trimmed.contains(char::is_alphanumeric) {
                let inner = super::within(line, trimmed);
                let start = range.start + at;
                self.found
                    .push(Token::new(class, start + inner.start..start + inner.end));
            }
        }
    }

    /// The lines of a text that the shell hands to a program.
    fn document(&mut self, end: &str) {
        let start = self.at;
        let rest = &self.text[start..];
        let last = super::lines(rest).find(|(_, line)| line.trim() == end);
        let (length, closing) = last.map_or((rest.len(), 0), |(at, line)| (at, line.len()));
        self.push(Class::Value, start..start + length);
        self.at = start + length + closing;
    }
}

/// The length of NAME in `NAME=value`.
fn assignment(word: &str) -> Option<usize> {
    let (name, _) = word.split_once('=')?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    is_name.then_some(name.len())
}

fn has_extension(word: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(name, extension)| {
        !name.is_empty()
            && (1..=5).contains(&extension.len())
            && extension.chars().all(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::of_class;
    use super::*;

    #[test]
    fn the_words_of_commands_are_told_apart() {
        let text = "# set up\nGOOS=linux go build -o _output/x ./cmd/a && mage \\\n  start\n\
                    curl -sS 127.0.0.1:10002/echo -H 'token: a' --data='{\"m\":\"b\"}' > out.json\n\
                    sudo mkdir -p $(go env GOPATH)/bin; ETCD=1\n\
                    etcdctl --endpoints=localhost:12379 get key | wc\n\
                    cat <<EOF > file.txt\nsome lines\nEOF\nls 42\n";
        let tokens = tokens(text);
        let of = |class| of_class(text, &tokens, class);
        assert_eq!(
            of(Class::Program),
            [
                "go", "mage", "curl", "sudo", "mkdir", "etcdctl", "wc", "cat", "ls"
            ]
        );
        assert_eq!(
            of(Class::Flag),
            ["-o", "-sS", "-H", "--data", "-p", "--endpoints"]
        );
        assert_eq!(of(Class::Key), ["GOOS", "ETCD"]);
        assert_eq!(
            of(Class::Path),
            [
                "_output/x",
                "./cmd/a",
                "127.0.0.1:10002/echo",
                "out.json",
                "$(go env GOPATH)/bin",
                "file.txt"
            ]
        );
        assert_eq!(
            of(Class::Value),
            ["linux", "token: a", "{\"m\":\"b\"}", "1", "some lines"]
        );
        assert_eq!(of(Class::Number), ["12379", "42"]);
        assert_eq!(
            of(Class::Argument),
            ["build", "start", "localhost", "get", "key"]
        );
    }
}
