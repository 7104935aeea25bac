//! Text as HTML. All that comes from blocks, from upstream or from settings goes through here.

/// Text as HTML that Markdown leaves alone: on one line, with nothing that either would read.
pub(super) fn escape(text: &str) -> String {
    escaped(text, " ", "\t", "&quot;")
}

/// Code as HTML on one line: its line breaks and tabs stand there by number, so that no list or quote
/// around it is cut, and no parser of Markdown counts its columns.
pub(super) fn code(text: &str) -> String {
    escaped(text, "&#10;", "&#9;", "\"")
}

/// Code as HTML with its lines as they are, which mdBook reads in a fraction of the time. Only for what
/// starts with `<pre` at the start of a line, in no list and no quote: there Markdown reads nothing
/// before `</pre>`.
pub(super) fn lines(text: &str) -> String {
    escaped(text, "\n", "\t", "\"")
}

fn escaped(text: &str, line_break: &str, tab: &str, quote: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str(quote),
            '\n' => html.push_str(line_break),
            '\r' => html.push(' '),
            '\t' => html.push_str(tab),
            // mdBook's links preprocessor runs after this one, and looks for two.
            '{' if rest.as_str().starts_with('{') => html.push_str("&#123;"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_what_it_is() {
        let text = "\tif a < b && c > \"d\" {\r\n{{#include x}}</pre>\n\nmap[string]struct{}{}";
        assert_eq!(
            code(text),
            "&#9;if a &lt; b &amp;&amp; c &gt; \"d\" { &#10;&#123;{#include x}}&lt;/pre&gt;&#10;&#10;map[string]struct{}{}"
        );
        assert_eq!(
            lines(text),
            "\tif a &lt; b &amp;&amp; c &gt; \"d\" { \n&#123;{#include x}}&lt;/pre&gt;\n\nmap[string]struct{}{}"
        );
        assert_eq!(escape("\"a\"\n\t{{b"), "&quot;a&quot; \t&#123;{b");
    }
}
