//! The checklist's ticks, and the key that leads to the next step.

use guide_tests::browser::{Page, View, browse};
use serde_json::{Value, json};
use thirtyfour::error::WebDriverResult;
use thirtyfour::prelude::*;

const BOXES: &str = "[...document.querySelectorAll('.guide-step input')]";

/// Which steps are ticked, by their places.
async fn ticked(page: &Page) -> WebDriverResult<Value> {
    page.js(&format!(
        "return {BOXES}.flatMap((box, index) => box.checked ? [index] : [])"
    ))
    .await
}

#[test]
fn ticks_stay_and_the_key_leads_to_the_first_one_missing() {
    browse(View::default(), async |page| {
        page.open("checklist.html").await?;
        let count = page.js(&format!("return {BOXES}.length")).await?;
        assert!(count.as_u64().unwrap_or_default() > 10, "{count}");
        for step in [1, 2, 5] {
            page.click(&format!(":nth-child({step} of ul:has(.guide-step)) label"))
                .await?;
        }
        assert_eq!(ticked(page).await?, json!([0, 1, 4]));
        assert_eq!(
            page.text(".guide-progress output").await?,
            format!("3 of {count} done")
        );

        // Under other names they are the same steps.
        let store = "localStorage.setItem('guide-names', JSON.stringify({service: 'presence'}))";
        page.js(store).await?;
        page.open("server.html").await?;
        page.press("n").await?;
        page.until("location.pathname.endsWith('/checklist.html')")
            .await?;
        page.until(&format!("document.activeElement === {BOXES}[2]"))
            .await?;
        assert_eq!(ticked(page).await?, json!([0, 1, 4]));

        page.press(" ").await?;
        page.press("n").await?;
        page.until(&format!("document.activeElement === {BOXES}[3]"))
            .await?;

        // Who has no keyboard has a button, until nothing is left.
        let left = format!("return {BOXES}.filter(box => !box.checked).length");
        for missing in (0..page.js(&left).await?.as_u64().unwrap_or_default()).rev() {
            page.js("scrollTo(0, 0)").await?;
            page.click(".guide-progress button").await?;
            page.press(" ").await?;
            assert_eq!(page.js(&left).await?, missing);
        }
        let button = "return document.querySelector('.guide-progress button').checkVisibility()";
        assert_eq!(page.js(button).await?, false);
        assert_eq!(
            page.text(".guide-progress output").await?,
            format!("{count} of {count} done")
        );
        page.press("?").await?;
        assert!(
            page.text("#mdbook-help-popup")
                .await?
                .contains("next unfinished step")
        );
        Ok(())
    });
}

#[test]
fn the_key_is_a_letter_where_one_types() {
    browse(View::default(), async |page| {
        page.open("server.html").await?;
        page.press("s").await?;
        page.until("document.activeElement.id === 'mdbook-searchbar'")
            .await?;
        page.press("n").await?;
        page.until("document.activeElement.value === 'n'").await?;
        assert!(page.path().await?.starts_with("server.html"));
        page.open("server.html").await?;
        let keys = page.driver().action_chain();
        keys.key_down(Key::Alt)
            .send_keys("n")
            .key_up(Key::Alt)
            .perform()
            .await?;
        assert_eq!(page.path().await?, "server.html");
        Ok(())
    });
}

#[test]
fn stored_ticks_of_any_shape_do_no_harm() {
    browse(View::default(), async |page| {
        page.open("checklist.html").await?;
        for stored in [
            "{",
            "null",
            "7",
            "{\"0\": true}",
            "[1, null, {}, [\"x\"], \"<img src=x onerror=alert(1)>\"]",
        ] {
            page.js_with(
                "localStorage.setItem('guide-progress', arguments[0])",
                json!(stored),
            )
            .await?;
            page.open("checklist.html").await?;
            assert_eq!(page.complaints().await?, [""; 0], "{stored}");
            assert_eq!(ticked(page).await?, json!([]), "{stored}");
        }
        Ok(())
    });
}
