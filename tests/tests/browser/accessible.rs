//! What axe-core has to say about the pages: nothing serious, in any of mdBook's themes.

use std::collections::BTreeMap;
use std::fs;

use guide_tests::browser::{Page, View, browse};
use guide_tests::root;
use thirtyfour::error::WebDriverResult;
use thirtyfour::prelude::*;

use crate::pages::pages;

/// Who judges accessibility, as set-up has put it there.
fn judge() -> String {
    let path = root().join("target/tools/axe.min.js");
    fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{} is missing: run `cargo xtask test`", path.display()))
}

/// What is serious about the page as it stands: the rule, what is wrong, and an element of which it
/// is.
async fn serious(page: &Page) -> WebDriverResult<BTreeMap<String, String>> {
    let body = "
        const done = arguments[arguments.length - 1];
        // What is folded counts as well.
        document.querySelectorAll('main details').forEach(fold => fold.open = true);
        // Observers speak after the first picture.
        const drawn = new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        drawn.then(() => axe.run(document, {resultTypes: ['violations']})).then(({violations}) => done(Object.fromEntries(
            violations
                .filter(({impact}) => impact === 'serious' || impact === 'critical')
                .flatMap(({id, nodes}) => nodes.map(({any, all, none, html}) =>
                    [`${id}: ${[...any, ...all, ...none].map(({message}) => message).join('; ')}`, html])))));
    ";
    let found = page.driver().execute_async(body, vec![]).await?;
    found.convert()
}

/// Judges pages, and on one of them what opens: the panel with a name refused, and the search.
fn judge_in(theme: &str, view: View<'_>, pages: &[String]) {
    browse(view, async |page| {
        page.beforehand(&judge()).await?;
        let store = format!("try {{ localStorage.setItem('mdbook-theme', '{theme}') }} catch {{}}");
        page.beforehand(&store).await?;
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for path in pages {
            page.open(path).await?;
            for (what, html) in serious(page).await? {
                found.entry(what).or_insert(format!("{path}: {html}"));
            }
        }
        page.open("server.html").await?;
        page.click(".guide-names-open").await?;
        page.fill("#guide-service", "9").await?;
        found.extend(serious(page).await?);
        page.press(Key::Escape).await?;
        page.press("s").await?;
        page.press("etcd").await?;
        page.until("document.querySelector('#mdbook-searchresults li')")
            .await?;
        found.extend(serious(page).await?);
        assert!(found.is_empty(), "{found:#?}");
        Ok(())
    });
}

/// The whole book on one page, and one page of each kind that is not in it.
fn all_at_once() -> Vec<String> {
    let mut kinds = vec!["print.html".to_owned(), "404.html".to_owned()];
    for folder in ["files/v", "proof/"] {
        kinds.extend(pages().into_iter().find(|page| page.starts_with(folder)));
    }
    kinds
}

#[test]
fn every_page_in_light() {
    judge_in("light", View::default(), &pages());
}

#[test]
fn every_page_in_navy() {
    judge_in("navy", View::default(), &pages());
}

#[test]
fn the_book_in_rust() {
    judge_in("rust", View::default(), &all_at_once());
}

#[test]
fn the_book_in_coal() {
    judge_in("coal", View::default(), &all_at_once());
}

#[test]
fn the_book_in_ayu() {
    judge_in("ayu", View::default(), &all_at_once());
}

#[test]
fn the_book_on_a_phone() {
    let phone = View {
        phone: true,
        ..View::default()
    };
    judge_in("light", phone, &all_at_once());
}
