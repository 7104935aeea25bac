//! Readers without scripts, and browsers that keep nothing.

use guide_tests::browser::{View, browse};
use serde_json::json;

#[test]
fn without_scripts_the_guide_is_all_there() {
    browse(View::default(), async |page| {
        page.chromium(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": true}),
        )
        .await?;
        page.open("architecture.html").await?;
        let seen = "return [...document.querySelectorAll('main pre > code.language-mermaid')]
            .filter(code => code.checkVisibility() && code.textContent.trim()).length";
        assert!(page.js(seen).await?.as_u64().is_some_and(|seen| seen > 3));
        assert_eq!(
            page.js("return document.querySelectorAll('[class*=guide-]').length")
                .await?,
            0
        );

        page.open("checklist.html").await?;
        let boxes =
            "return [...document.querySelectorAll('main input')].every(box => box.disabled)";
        assert_eq!(page.js(boxes).await?, true);
        assert!(page.text("main").await?.contains("go vet ./authservice"));
        assert_eq!(page.complaints().await?, [""; 0]);
        Ok(())
    });
}

#[test]
fn without_storage_all_works_until_the_page_is_left() {
    browse(View::default(), async |page| {
        page.beforehand(
            "Object.defineProperty(window, 'localStorage', {
            get() { throw new DOMException('refused', 'SecurityError') },
        })",
        )
        .await?;
        page.open("checklist.html").await?;
        page.click(".guide-step label").await?;
        page.until("document.querySelector('.guide-progress').textContent.startsWith('1 of')")
            .await?;
        page.click(".guide-names-open").await?;
        page.fill("#guide-service", "presence").await?;
        page.until("document.querySelector('main').textContent.includes('go vet ./presence')")
            .await?;
        page.click(".guide-close").await?;

        page.open("architecture.html").await?;
        page.until("document.querySelector('.guide-picture svg')")
            .await?;
        assert_eq!(page.complaints().await?, [""; 0]);
        Ok(())
    });
}
