//! Links and images that stay inside the book: to chapters, to files beside them, to headings.
//!
//! | file | subject |
//! |---|---|
//! | `page.rs` | the links of a chapter, and the ids that mdBook gives its elements |
//! | `html.rs` | tags of raw HTML |
//! | `site.rs` | the pages and files that the published book has |
//!
//! Links to other sites are not followed.

mod html;
mod page;
mod site;

use std::borrow::Cow;
use std::path::Path;

use percent_encoding::percent_decode_str;

use crate::book::Book;
use crate::finding::{Code, Finding, Place, Span, nearest};

use self::page::Link;
pub(crate) use self::page::Page;
use self::site::{Site, Target};

/// What is wrong with the links of a book. `pages` are those of its chapters, in their order.
#[must_use]
pub(crate) fn check(book: &Book, pages: &[Page]) -> Vec<Finding> {
    let site = Site::new(book);
    let mut findings = Vec::new();
    for (page, chapter) in pages.iter().zip(&book.chapters) {
        let folder = chapter.path.parent().unwrap_or(Path::new(""));
        let visit = Visit {
            site: &site,
            pages,
            here: page,
            folder: &folder.to_string_lossy().replace('\\', "/"),
        };
        findings.extend(page.links.iter().filter_map(|link| visit.follow(link)));
        findings.extend(page.undefined.iter().map(undefined));
    }
    findings
}

/// Following the links of one chapter.
struct Visit<'a> {
    site: &'a Site<'a>,
    /// The chapters' pages, in their order.
    pages: &'a [Page],
    here: &'a Page,
    /// The folder of the chapter, relative to the book's sources.
    folder: &'a str,
}

impl Visit<'_> {
    fn follow(&self, link: &Link) -> Option<Finding> {
        if is_elsewhere(&link.target) {
            return None;
        }
        let (path, anchor) = match link.target.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (link.target.as_str(), None),
        };
        let page = if path.is_empty() && anchor.is_some() {
            self.here
        } else {
            let shown = link.part(0, path.len());
            let bare = path.split('?').next().unwrap_or(path);
            match self.target(&decoded(bare), shown) {
                Ok(Target::Chapter(number)) => &self.pages[number],
                // What ids other files have is their own business.
                Ok(Target::Other) => return None,
                Err(finding) => return Some(*finding),
            }
        };
        let anchor = anchor.filter(|anchor| !anchor.is_empty() && *anchor != "top")?;
        let place = link.part(path.len() + 1, anchor.len());
        missing_anchor(page, anchor, place)
    }

    /// What a path leads to.
    fn target(&self, path: &str, place: Span) -> Result<Target, Box<Finding>> {
        let fail = |finding: Finding| Err(Box::new(finding));
        if path.is_empty() {
            return fail(Finding::at(
                Code::LINK_MISSING,
                place,
                "this link leads nowhere",
            ));
        }
        if let Some(rest) = path.strip_prefix('/') {
            let message = format!("where {path} leads depends on where the book is published");
            let help = self.site.find(rest).ok().map(|_| {
                format!(
                    "write it relative to the chapter: {}",
                    relative(self.folder, rest)
                )
            });
            let place = Place::Chapter(place);
            return fail(Finding::warning(Code::LINK_ABSOLUTE, place, message).maybe_help(help));
        }
        let Some(path) = site::joined(self.folder, path) else {
            let message = format!("{path} leads out of the book");
            return fail(Finding::at(Code::LINK_OUTSIDE, place, message));
        };
        self.site.find(&path).map_err(|lost| {
            let (code, message) = match lost {
                site::Lost::NoChapter => (
                    Code::LINK_NO_CHAPTER,
                    format!("{path} is no chapter, so mdBook makes no page of it"),
                ),
                site::Lost::Readme => (
                    Code::LINK_MISSING,
                    format!("mdBook makes index.html of {path}, so this link leads nowhere"),
                ),
                site::Lost::Missing => (
                    Code::LINK_MISSING,
                    format!("the book has no chapter or file {path}"),
                ),
            };
            let help = match lost {
                site::Lost::NoChapter => Some("add it to SUMMARY.md".to_owned()),
                site::Lost::Readme => {
                    let index = relative(self.folder, &site::index(&path));
                    Some(format!("write {index}"))
                }
                site::Lost::Missing => self
                    .site
                    .nearest(&path)
                    .map(|near| format!("did you mean {}?", relative(self.folder, &near))),
            };
            Box::new(Finding::at(code, place, message).maybe_help(help))
        })
    }
}

fn missing_anchor(page: &Page, anchor: &str, place: Span) -> Option<Finding> {
    let wanted = decoded(anchor);
    if page.ids.contains(anchor) || page.ids.contains(wanted.as_ref()) {
        return None;
    }
    let near = nearest(&wanted, page.ids.iter().map(String::as_str))
        .map(|near| format!("did you mean #{near}?"));
    let message = format!("that page has no heading or other element #{wanted}");
    Some(Finding::at(Code::ANCHOR_MISSING, place, message).maybe_help(near))
}

fn undefined(label: &Link) -> Finding {
    let message = format!(
        "the label [{}] is not defined in this chapter",
        label.target
    );
    let place = Place::Chapter(label.span);
    Finding::warning(Code::REFERENCE_UNDEFINED, place, message)
        .help(format!("add a line `[{}]: TARGET`", label.target))
}

/// Whether a link names a site or a scheme of its own.
fn is_elsewhere(target: &str) -> bool {
    let scheme = target.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'));
    target.starts_with("//") || is_scheme
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// The way from a folder to a path, both relative to the book's sources.
fn relative(folder: &str, path: &str) -> String {
    let from: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<_> = path.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(shared).map(|_| "..");
    let way: Vec<_> = up.chain(to.into_iter().skip(shared)).collect();
    way.join("/")
}
