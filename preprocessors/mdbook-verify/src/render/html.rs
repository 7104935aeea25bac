//! Text as HTML. All that comes from blocks, from upstream or from settings goes through here.

/// Text as HTML that Markdown leaves alone: on one line, with nothing that either would read.
pub(super) fn escape(text: &str) -> String {
    escaped(text, " ", "\t")
}

/// Code as HTML on one line: its line breaks and tabs stand there by number, so that no list or quote
/// around it is cut, and no parser of Markdown counts its columns.
pub(super) fn code(text: &str) -> String {
    escaped(text, "&#10;", "&#9;")
}

fn escaped(text: &str, line_break: &str, tab: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\n' => html.push_str(line_break),
            '\r' => html.push(' '),
            '\t' => html.push_str(tab),
            // mdBook's links preprocessor runs after this one.
            '{' => html.push_str("&#123;"),
            c => html.push(c),
        }
    }
    html
}

/// A word of code within a sentence.
pub(super) fn inline(code: &str) -> String {
    format!("<code>{}</code>", escape(code))
}

/// A path as code that may break behind its slashes.
pub(super) fn path(path: &str) -> String {
    format!("<code>{}</code>", breaking(path))
}

/// Text that may break behind slashes, where browsers break no word. In what a search shall find it has
/// no place: mdBook's index takes the pieces for words.
pub(super) fn breaking(text: &str) -> String {
    escape(text).replace('/', "/<wbr>")
}

/// Words as a list in a sentence.
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., last] => format!("{} and {last}", words.join(", ")),
    }
}
