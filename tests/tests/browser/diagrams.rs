//! Diagrams: drawn where they are and when they are seen.

use std::fs;

use guide_tests::browser::{View, book, browse};
use serde_json::json;

use crate::pages::pages;

const LOADED: &str =
    "performance.getEntriesByType('resource').some(({name}) => name.includes('mermaid'))";

#[test]
fn each_is_drawn_when_it_is_seen() {
    browse(View::default(), async |page| {
        let mut drawn = 0;
        for path in pages() {
            let html = fs::read_to_string(book().join(&path)).expect("a page");
            let sources = html.matches("<code class=\"language-mermaid").count();
            if sources == 0 || path == "print.html" {
                continue;
            }
            page.open(&path).await?;
            for index in 0..sources {
                let scroll =
                    "document.querySelectorAll('.guide-picture')[arguments[0]].scrollIntoView()";
                page.js_with(scroll, json!(index)).await?;
                let svg = format!(
                    "document.querySelectorAll('.guide-picture')[{index}].querySelector('svg')"
                );
                page.until(&svg).await?;
                let wrong = page
                    .js(&format!(
                        "return {svg}.textContent.includes('Syntax error')"
                    ))
                    .await?;
                assert_eq!(wrong, false, "{path}: diagram {index}");
                let told = page
                    .js(&format!("return {svg}.getAttribute('aria-label')"))
                    .await?;
                assert!(
                    told.as_str()
                        .is_some_and(|told| told.starts_with("Diagram: ")),
                    "{told}"
                );
                drawn += 1;
            }
            // The text that it was drawn from is one click away.
            let texts = "return document.querySelectorAll('.guide-diagram details code').length";
            assert_eq!(page.js(texts).await?, sources, "{path}");
            assert_eq!(page.complaints().await?, [""; 0], "{path}");
        }
        assert!(drawn > 0, "no diagram in the book");
        Ok(())
    });
}

#[test]
fn the_script_comes_only_when_one_is_seen() {
    browse(View::default(), async |page| {
        page.open("server.html").await?;
        assert_eq!(page.js(&format!("return {LOADED}")).await?, false);

        // Before the first diagram there is a screen without one.
        let space = "new MutationObserver(() => {
            const main = document.querySelector('main');
            if (main) main.style.paddingTop = '4000px';
        }).observe(document, {childList: true, subtree: true})";
        page.beforehand(space).await?;
        page.open("architecture.html").await?;
        page.js(
            "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))",
        )
        .await?;
        assert_eq!(page.js(&format!("return {LOADED}")).await?, false);
        page.js("document.querySelector('.guide-picture').scrollIntoView()")
            .await?;
        page.until("document.querySelector('.guide-picture svg')")
            .await?;
        assert_eq!(page.js(&format!("return {LOADED}")).await?, true);
        let last = "return document.querySelectorAll('.guide-picture')[4].childElementCount";
        assert_eq!(page.js(last).await?, 0);
        Ok(())
    });
}

#[test]
fn it_follows_the_theme_and_the_names() {
    browse(View::default(), async |page| {
        page.open("architecture.html").await?;
        page.until("document.querySelector('.guide-picture svg')")
            .await?;
        let light = page.text(".guide-picture svg style").await?;
        page.js("document.getElementById('mdbook-theme-navy').click()")
            .await?;
        page.until(&format!(
            "document.querySelector('.guide-picture svg style')?.textContent !== {}",
            json!(light)
        ))
        .await?;

        page.click(".guide-names-open").await?;
        page.fill("#guide-service", "presence").await?;
        page.until(
            "document.querySelector('.guide-picture').textContent.includes('openim-rpc-presence')",
        )
        .await
    });
}
