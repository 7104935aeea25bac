//! A content security policy for the built book: what runs is the book's own scripts and nothing
//! else.
//!
//! mdBook writes small scripts into its pages. One of them names the search index with a hash of its
//! content, so its own hash is another one after each change of the book: the policy is computed
//! from the pages that are published, never written down.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use scraper::{Html, Selector};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

/// The value of the header `Content-Security-Policy` for all pages of a built book.
///
/// Scripts come from the book's own files, or are among those that mdBook writes into pages. Styles
/// may stand in a page too, as mdBook and Mermaid put them there.
///
/// # Errors
/// If a page cannot be read.
pub fn of(book: &Path) -> io::Result<String> {
    let mut hashes = BTreeSet::new();
    for file in WalkDir::new(book) {
        let path = file?.into_path();
        if path.extension().is_some_and(|kind| kind == "html") {
            let page = fs::read_to_string(path)?;
            hashes.extend(scripts(&page).iter().map(|script| hash(script)));
        }
    }
    let sources: Vec<_> = ["'self'".to_owned()].into_iter().chain(hashes).collect();
    Ok([
        "default-src 'none'",
        &format!("script-src {}", sources.join(" ")),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
    .join("; "))
}

/// The scripts that stand in a page.
fn scripts(page: &str) -> Vec<String> {
    let inline = Selector::parse("script:not([src])").expect("a selector");
    let page = Html::parse_document(page);
    page.select(&inline)
        .map(|script| script.text().collect())
        .collect()
}

/// As the policy names a script.
fn hash(script: &str) -> String {
    format!(
        "'sha256-{}'",
        BASE64_STANDARD.encode(Sha256::digest(script))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_named_by_their_bytes() {
        let page = "<script>a < b && c;\n</script><p>x</p><script src='y.js'></script>";
        assert_eq!(scripts(page), ["a < b && c;\n"]);
        // The hash that the specification of the policy has for this script.
        assert_eq!(
            hash("alert('Hello, world.');"),
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
    }
}
