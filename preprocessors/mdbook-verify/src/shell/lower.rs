//! From tree-sitter's tree to [`Script`].

use std::ops::Range;

use tree_sitter::{Node as Raw, Parser};

use crate::finding::nearest;

use super::{Assignment, Command, Node, Part, Redirect, Script, SyntaxError, Word};

/// Words that Bash gives a meaning of its own; as a program's name each is out of place.
const RESERVED: [&str; 10] = [
    "then", "do", "done", "fi", "elif", "else", "esac", "in", "}", "{",
];

/// Substitutions, loops and groups may stand in one another this deep. Nobody reads more, and each
/// level takes some of the stack.
const DEEPEST: usize = 60;

/// Reads a script. What cannot be read comes back as errors; the rest is still there.
#[must_use]
pub fn parse(text: &str) -> Script {
    let mut lower = Lower {
        text,
        depth: 0,
        errors: Vec::new(),
    };
    let mut parser = Parser::new();
    let tree = parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .ok()
        .and_then(|()| parser.parse(text, None));
    let mut nodes = Vec::new();
    match tree {
        Some(tree) => lower.node(tree.root_node(), &mut nodes),
        None => lower.error(0..text.len(), "the shell's grammar gave up on this text"),
    }
    lower.errors.sort_by_key(|error| error.at.start);
    lower.errors.dedup();
    Script {
        nodes,
        errors: lower.errors,
    }
}

struct Lower<'a> {
    text: &'a str,
    depth: usize,
    errors: Vec<SyntaxError>,
}

fn children(node: Raw<'_>) -> Vec<Raw<'_>> {
    node.children(&mut node.walk()).collect()
}

impl Lower<'_> {
    fn source(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn error(&mut self, at: Range<usize>, message: impl Into<String>) {
        self.errors.push(SyntaxError {
            at,
            message: message.into(),
            meant: None,
        });
    }

    /// Lowers a node that stands where commands stand.
    fn node(&mut self, node: Raw<'_>, out: &mut Vec<Node>) {
        if self.refused(node) {
            return;
        }
        self.depth += 1;
        match node.kind() {
            "command" | "declaration_command" | "unset_command" | "test_command" => {
                let command = self.command(node);
                out.push(Node::Command(command));
            }
            "redirected_statement" => self.redirected(node, out),
            "variable_assignment" | "variable_assignments" => {
                let mut command = Command::default();
                self.assignments(node, &mut command);
                out.push(Node::Command(command));
            }
            "pipeline" => {
                for member in children(node) {
                    let mut nodes = Vec::new();
                    self.node(member, &mut nodes);
                    if !nodes.is_empty() {
                        out.push(Node::Group(nodes));
                    }
                }
            }
            "subshell" => out.push(Node::Group(self.inside(node))),
            "function_definition" => {
                let name = node.child_by_field_name("name");
                let name = name.map_or("", |name| self.source(name.byte_range()));
                out.push(Node::Function {
                    name: name.to_owned(),
                    body: self.inside(node),
                });
            }
            "for_statement" => self.for_loop(node, out),
            // The patterns of a case are no commands, and neither is the word that it looks at.
            "case_statement" | "case_item" => {
                let is_word = |child: &Raw<'_>| {
                    child.is_named()
                        && matches!(
                            child.kind(),
                            "word"
                                | "string"
                                | "raw_string"
                                | "concatenation"
                                | "number"
                                | "simple_expansion"
                                | "expansion"
                                | "extglob_pattern"
                        )
                };
                for child in children(node).into_iter().filter(|child| !is_word(child)) {
                    self.node(child, out);
                }
            }
            // At the place of a command, only a case may hold it.
            ";;" if node
                .parent()
                .is_none_or(|parent| parent.kind() != "case_item") =>
            {
                self.error(
                    node.byte_range(),
                    "`;;` ends a case, and there is none here",
                );
            }
            _ => {
                for child in children(node) {
                    self.node(child, out);
                }
            }
        }
        self.depth -= 1;
    }

    fn inside(&mut self, node: Raw<'_>) -> Vec<Node> {
        let mut nodes = Vec::new();
        for child in children(node) {
            self.node(child, &mut nodes);
        }
        nodes
    }

    /// Whether nothing can be made of a node. If so, it is said why.
    fn refused(&mut self, node: Raw<'_>) -> bool {
        if self.depth > DEEPEST {
            let at = node.start_byte()..node.start_byte() + 1;
            self.error(at, "this is nested deeper than the verifier reads");
            return true;
        }
        if node.is_missing() {
            self.missing(node);
            return true;
        }
        if node.is_error() {
            self.unreadable(node);
            return true;
        }
        false
    }

    /// Something that the grammar needs is not there: what opened it is the place to look at.
    fn missing(&mut self, node: Raw<'_>) {
        let parent = node.parent();
        let grand = parent.and_then(|parent| parent.parent());
        // A missing word stands in a command_name in a command; what wants it stands before.
        let before = match (parent, grand) {
            (Some(name), Some(command)) if name.kind() == "command_name" => command.prev_sibling(),
            (Some(parent), _) => parent.child(0),
            _ => None,
        };
        let at = match before {
            Some(before) => before.byte_range(),
            None => node.start_byte()..node.start_byte(),
        };
        let message = match node.kind() {
            "word" | "variable_name" => "something is missing behind this".to_owned(),
            "heredoc_end" => "the text that begins here has no end".to_owned(),
            kind => format!("`{kind}` is missing for this"),
        };
        let at = self.first_line(at);
        self.error(at, message);
    }

    fn unreadable(&mut self, node: Raw<'_>) {
        let mut reserved = None;
        find(node, &mut |node| {
            let word = self.source(node.byte_range());
            let near = (node.kind() == "command_name" && !RESERVED.contains(&word))
                .then(|| nearest(word, RESERVED))
                .flatten();
            if let Some(near) = near.filter(|_| reserved.is_none()) {
                let near = RESERVED.into_iter().find(|word| *word == near);
                reserved = Some((node.byte_range(), near));
            }
        });
        if let Some((at, meant)) = reserved {
            let message = format!(
                "`{}` is not what the shell expects here",
                self.source(at.clone())
            );
            self.errors.push(SyntaxError { at, message, meant });
            return;
        }
        let first = self.source(node.byte_range()).chars().next();
        if let Some(quote @ ('"' | '\'' | '`')) = first {
            let at = node.start_byte()..node.start_byte() + 1;
            self.error(at, format!("this {quote} is never closed"));
            return;
        }
        let at = self.first_line(node.byte_range());
        self.error(at, "the shell cannot read this");
    }

    fn first_line(&self, at: Range<usize>) -> Range<usize> {
        let line = self.source(at.clone()).lines().next().unwrap_or_default();
        at.start..at.start + line.trim_end().len()
    }

    fn for_loop(&mut self, node: Raw<'_>, out: &mut Vec<Node>) {
        let name = node.child_by_field_name("variable");
        let name = name
            .map_or("", |name| self.source(name.byte_range()))
            .to_owned();
        let mut values = Vec::new();
        let mut body = Vec::new();
        for child in children(node) {
            match child.kind() {
                "do_group" | "compound_statement" => self.node(child, &mut body),
                "variable_name" => {}
                _ if child.is_missing() || child.is_error() => self.node(child, &mut body),
                _ if child.is_named() => values.push(self.word(child)),
                _ => {}
            }
        }
        out.push(Node::Loop { name, values, body });
    }

    fn redirected(&mut self, node: Raw<'_>, out: &mut Vec<Node>) {
        let mut redirects = Command::default();
        let mut before = Vec::new();
        for child in children(node) {
            if child.kind().ends_with("_redirect") && !child.is_error() {
                self.redirect(child, &mut redirects);
            } else {
                self.node(child, &mut before);
            }
        }
        if let [Node::Command(command)] = before.as_mut_slice() {
            command.redirects.append(&mut redirects.redirects);
            command.words.append(&mut redirects.words);
            out.append(&mut before);
        } else {
            // A file is opened before what it is for begins.
            out.push(Node::Command(redirects));
            out.append(&mut before);
        }
    }

    fn command(&mut self, node: Raw<'_>) -> Command {
        let mut command = Command::default();
        for child in children(node) {
            self.part_of_command(child, &mut command);
        }
        if let Some(name) = command.words.first()
            && let Some(text) = name.literal()
            && RESERVED.contains(&text)
        {
            let message = format!("`{text}` stands where a command should begin");
            self.error(name.at.clone(), message);
            command.words.clear();
        }
        command
    }

    fn part_of_command(&mut self, child: Raw<'_>, command: &mut Command) {
        if self.refused(child) {
            return;
        }
        match child.kind() {
            // A subshell here would be the name of the command, which is nothing that runs.
            "comment" | "subshell" => {}
            "variable_assignment" => self.assignments(child, command),
            "file_redirect" | "heredoc_redirect" | "herestring_redirect" => {
                self.redirect(child, command);
            }
            "command_name"
            | "unary_expression"
            | "binary_expression"
            | "parenthesized_expression" => {
                for inner in children(child) {
                    self.part_of_command(inner, command);
                }
            }
            _ => {
                let word = self.word(child);
                command.words.push(word);
            }
        }
    }

    fn assignments(&mut self, node: Raw<'_>, command: &mut Command) {
        if node.kind() == "variable_assignments" {
            for child in children(node) {
                self.assignments(child, command);
            }
            return;
        }
        if self.refused(node) {
            return;
        }
        let Some(name) = node.child_by_field_name("name") else {
            return;
        };
        // An element of an array counts as the array.
        let name = match name.kind() {
            "subscript" => name.child_by_field_name("name").unwrap_or(name),
            _ => name,
        };
        let value = match node.child_by_field_name("value") {
            Some(value) => self.word(value),
            None => Word {
                at: node.end_byte()..node.end_byte(),
                parts: Vec::new(),
            },
        };
        command.assignments.push(Assignment {
            name: self.source(name.byte_range()).to_owned(),
            at: name.byte_range(),
            value,
        });
    }

    fn redirect(&mut self, node: Raw<'_>, command: &mut Command) {
        let mut operator = "";
        for child in children(node) {
            if self.refused(child) {
                continue;
            }
            match child.kind() {
                "file_descriptor" | "heredoc_start" | "heredoc_end" => {}
                "file_redirect" => self.redirect(child, command),
                "heredoc_body" => {
                    let word = self.word(child);
                    command.redirects.push(Redirect {
                        writes: false,
                        file: Word {
                            at: word.at,
                            parts: vec![Part::Computed {
                                at: child.byte_range(),
                                parts: word.parts,
                            }],
                        },
                    });
                }
                kind if !child.is_named() => operator = kind,
                // The rest of the line stands inside of the heredoc's node: arguments, and what
                // comes behind a pipe, which cannot be told from here.
                _ if node.kind() == "heredoc_redirect" => {
                    let word = self.word(child);
                    command.words.push(word);
                }
                _ if operator == ">&" || operator == "<&" => {}
                _ => {
                    let mut file = self.word(child);
                    if operator == "<<<" {
                        file.parts = vec![Part::Computed {
                            at: file.at.clone(),
                            parts: file.parts,
                        }];
                    }
                    command.redirects.push(Redirect {
                        writes: operator.contains('>'),
                        file,
                    });
                }
            }
        }
    }

    fn word(&mut self, node: Raw<'_>) -> Word {
        let mut parts = Vec::new();
        self.parts(node, &mut parts);
        Word {
            at: node.byte_range(),
            parts,
        }
    }

    fn parts(&mut self, node: Raw<'_>, out: &mut Vec<Part>) {
        if self.refused(node) {
            return;
        }
        self.depth += 1;
        match node.kind() {
            "raw_string" => {
                let at = node.start_byte() + 1..node.end_byte().saturating_sub(1);
                self.plain(at, true, out);
            }
            "ansi_c_string" => {
                let at = node.start_byte() + 2..node.end_byte().saturating_sub(1);
                self.escaped(at, Escapes::Quoted, out);
            }
            "string" | "translated_string" | "heredoc_body" => self.string(node, out),
            "concatenation" | "array" => {
                for child in children(node) {
                    if child.is_named() {
                        self.parts(child, out);
                    } else {
                        self.lone_dollar(child);
                    }
                }
            }
            "simple_expansion" | "expansion" => self.variable(node, out),
            "command_substitution" | "process_substitution" => out.push(Part::Output {
                nodes: self.inside(node),
                at: node.byte_range(),
            }),
            "arithmetic_expansion" => {
                let mut parts = Vec::new();
                self.read_by(node, &mut parts);
                out.push(Part::Computed {
                    parts,
                    at: node.byte_range(),
                });
            }
            _ => self.escaped(node.byte_range(), Escapes::Bare, out),
        }
        self.depth -= 1;
    }

    /// Behind two quotes that touch, the grammar does not see that a variable begins.
    fn lone_dollar(&mut self, node: Raw<'_>) {
        let behind = self.text.get(node.end_byte()..).unwrap_or_default();
        if node.kind() == "$"
            && behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '{')
        {
            let message = "the verifier cannot tell which variable this is; put it into the quotes";
            self.error(node.byte_range(), message);
        }
    }

    /// The text of a string node stands only in part in nodes of its own: white space between them
    /// is text, too.
    fn string(&mut self, node: Raw<'_>, out: &mut Vec<Part>) {
        let mark = match node.kind() {
            "string" => 1,
            "translated_string" => 2,
            _ => 0,
        };
        let ends = node.end_byte() - usize::from(mark > 0);
        let mut at = node.start_byte() + mark;
        for child in children(node) {
            let expands = matches!(
                child.kind(),
                "simple_expansion" | "expansion" | "command_substitution" | "arithmetic_expansion"
            );
            if expands || child.is_error() || child.is_missing() {
                self.escaped(at..child.start_byte(), Escapes::Quoted, out);
                self.parts(child, out);
                at = child.end_byte();
            }
        }
        self.escaped(at..ends, Escapes::Quoted, out);
    }

    fn variable(&mut self, node: Raw<'_>, out: &mut Vec<Part>) {
        let all = children(node);
        let name = all.iter().find_map(|child| match child.kind() {
            "variable_name" | "special_variable_name" => Some(*child),
            "subscript" => child.child_by_field_name("name"),
            _ => None,
        });
        let mark = |child: &Raw<'_>| (!child.is_named()).then(|| child.kind());
        let marks: Vec<_> = all.iter().filter_map(mark).collect();
        let guards = [":-", "-", ":=", "=", ":+", "+", ":?", "?"];
        if let Some(name) = name {
            let simple = ["$", "${", "}"];
            out.push(Part::Variable {
                name: self.source(name.byte_range()).to_owned(),
                at: name.byte_range(),
                guarded: marks.iter().any(|mark| guards.contains(mark)),
                changed: marks.iter().any(|mark| !simple.contains(mark)),
                whole: node.byte_range(),
            });
        }
        // What stands in for the value may itself read variables.
        let mut parts = Vec::new();
        for child in all.into_iter().filter(|child| {
            Some(child.id()) != name.map(|name| name.id())
                && (child.is_named() || child.is_missing())
        }) {
            self.read_by(child, &mut parts);
        }
        if !parts.is_empty() {
            out.push(Part::Computed {
                parts,
                at: node.end_byte()..node.end_byte(),
            });
        }
    }

    /// Only what is read: variables and commands.
    fn read_by(&mut self, node: Raw<'_>, out: &mut Vec<Part>) {
        if self.refused(node) {
            return;
        }
        self.depth += 1;
        match node.kind() {
            "simple_expansion" | "expansion" | "command_substitution" => self.parts(node, out),
            "variable_name" => out.push(Part::Variable {
                name: self.source(node.byte_range()).to_owned(),
                at: node.byte_range(),
                guarded: false,
                changed: false,
                whole: node.byte_range(),
            }),
            _ => {
                for child in children(node) {
                    self.read_by(child, out);
                }
            }
        }
        self.depth -= 1;
    }

    fn plain(&mut self, at: Range<usize>, quoted: bool, out: &mut Vec<Part>) {
        let text = self.source(at.clone());
        if !text.is_empty() {
            out.push(Part::Text {
                text: text.to_owned(),
                at,
                quoted,
            });
        }
    }

    /// Text in which a backslash takes the meaning from the character behind it.
    fn escaped(&mut self, at: Range<usize>, escapes: Escapes, out: &mut Vec<Part>) {
        let quoted = matches!(escapes, Escapes::Quoted);
        let mut from = at.start;
        let mut rest = at.start;
        while let Some(found) = self.source(rest..at.end).find('\\') {
            let slash = rest + found;
            let Some(next) = self.source(slash + 1..at.end).chars().next() else {
                break;
            };
            let end = slash + 1 + next.len_utf8();
            rest = end;
            if quoted && !matches!(next, '"' | '\\' | '$' | '`' | '\n' | '\'') {
                continue;
            }
            self.plain(from..slash, quoted, out);
            // A line that goes on says nothing by its end.
            if next != '\n' {
                out.push(Part::Text {
                    text: next.to_string(),
                    at: slash..end,
                    quoted: true,
                });
            }
            from = end;
        }
        self.plain(from..at.end, quoted, out);
    }
}

/// Where text stands whose backslashes are read.
#[derive(Clone, Copy)]
enum Escapes {
    /// In double quotes, where a backslash stands for itself before most characters.
    Quoted,
    /// Without quotes.
    Bare,
}

fn find<'t>(node: Raw<'t>, visit: &mut dyn FnMut(Raw<'t>)) {
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        visit(node);
        left.extend(children(node).into_iter().rev());
    }
}
