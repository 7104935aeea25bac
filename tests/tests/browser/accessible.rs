//! What axe-core has to say about the pages: nothing serious, in any of mdBook's themes.

use std::collections::BTreeMap;
use std::fs;

use guide_tests::browser::{Page, View, browse};
use guide_tests::root;
use serde_json::json;
use thirtyfour::error::WebDriverResult;
use thirtyfour::prelude::*;

use crate::pages::pages;

/// Who judges accessibility, as set-up has put it there.
pub(crate) fn judge() -> String {
    let path = root().join("target/tools/axe.min.js");
    fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{} is missing: run `cargo xtask test`", path.display()))
}

/// What is serious about the page as it stands: the rule, what is wrong, and an element of which it
/// is.
pub(crate) async fn serious(page: &Page) -> WebDriverResult<BTreeMap<String, String>> {
    let body = "
        const done = arguments[arguments.length - 1];
        // What is ticked or folded counts as well.
        document.querySelectorAll('.guide-step input:not(:checked)').forEach(box => box.click());
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

/// Judges pages, and of some what they become: with another edition, at an earlier step, with the
/// panel that refuses a name, with results of a search.
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
        for edition in ["patch.16", "v3.8.3-module"] {
            page.open("command.html").await?;
            page.click(&format!("[data-edition=\"{edition}\"]")).await?;
            found.extend(serious(page).await?);
        }
        page.open("files/v3.8.3-module/server.html#internal/api/router.go:step-1")
            .await?;
        found.extend(serious(page).await?);
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

#[test]
fn nothing_is_animated_for_who_wants_no_motion() {
    browse(View::default(), async |page| {
        page.open("server.html").await?;
        let animated = "return [...document.querySelectorAll('*')].filter(element => {
            const style = getComputedStyle(element);
            return style.transitionDuration.split(', ').some(time => time !== '0s')
                || style.animationName !== 'none' || style.scrollBehavior === 'smooth';
        }).length";
        let moving = page.js(animated).await?;
        assert!(moving.as_u64().is_some_and(|count| count > 0), "{moving}");
        let wish = json!({"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]});
        page.chromium("Emulation.setEmulatedMedia", wish).await?;
        assert_eq!(page.js(animated).await?, 0);
        Ok(())
    });
}
