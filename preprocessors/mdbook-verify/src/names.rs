//! Inline code of the text, which may name files, identifiers and flags.

use mdbook_markdown::pulldown_cmark::Event;

use crate::attrs::Spanned;
use crate::finding::Span;
use crate::markdown::Parsed;

/// The inline code of a chapter; spans include the backticks.
#[must_use]
pub fn inline_code(parsed: &Parsed<'_>) -> Vec<Spanned<String>> {
    let events = parsed.events.iter();
    let code = events.filter_map(|(event, range)| match event {
        Event::Code(code) => Some((code, range)),
        _ => None,
    });
    code.map(|(code, range)| Spanned {
        value: code.to_string(),
        span: Span::new(parsed.chapter, range.start, range.end),
    })
    .collect()
}

/// A path or a name with an extension, and nothing that a path rarely has.
#[must_use]
pub fn looks_like_file(code: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    let name = code.rsplit('/').next().unwrap_or(code);
    let has_extension = name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty() && extension.chars().next().is_some_and(char::is_alphabetic)
    });
    has_extension && !code.starts_with('/') && code.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::Markdown;

    #[test]
    fn names_of_files() {
        let text = "`a/b.go`, `b.go`, `go build ./x.go`, `fmt.Println(x)`, `v1.2`, `/etc/x.yml`\n\n```go\n`c.go`\n```\n";
        let code = inline_code(&Markdown::default().read(text, 0));
        let names = code.iter().map(|code| code.value.as_str());
        let names: Vec<_> = names.filter(|name| looks_like_file(name)).collect();
        assert_eq!(names, ["a/b.go", "b.go"]);
    }
}
