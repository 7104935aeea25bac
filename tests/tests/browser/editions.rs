//! Tabs of editions, and what is copied of blocks.

use guide_tests::browser::{Page, View, browse};
use serde_json::{Value, json};
use thirtyfour::Key;
use thirtyfour::error::WebDriverResult;

/// For which editions there are panels to be seen, and which tabs are chosen; each once.
const SHOWN: &str = "
    const panels = [...document.querySelectorAll('.verify-editions > .verify-edition')];
    const seen = panels.filter(panel => panel.checkVisibility());
    const chosen = [...document.querySelectorAll('[role=tab][aria-selected=true]')];
    const once = texts => [...new Set(texts)];
    return [
        once(chosen.map(tab => tab.textContent)),
        seen.length === document.querySelectorAll('.verify-editions').length,
        seen.every(panel => chosen.length === 0
            || panel.dataset.verifyFor.split(' ').includes(chosen[0].textContent)),
    ]";

#[track_caller]
fn shows(found: &Value, edition: &str) {
    assert_eq!(*found, json!([[edition], true, true]));
}

#[test]
fn one_choice_holds_for_the_whole_book() {
    browse(View::default(), async |page| {
        page.open("command.html").await?;
        shows(&page.js(SHOWN).await?, "main");
        page.click("[data-edition=\"patch.16\"]").await?;
        shows(&page.js(SHOWN).await?, "patch.16");
        page.open("api.html").await?;
        shows(&page.js(SHOWN).await?, "patch.16");

        // With the keyboard, round both ends; mdBook does not turn the page meanwhile.
        page.js("document.querySelector('[role=tab][aria-selected=true]').focus()")
            .await?;
        for (key, edition) in [
            (Key::Right, "v3.8.3-module"),
            (Key::Right, "main"),
            (Key::Left, "v3.8.3-module"),
            (Key::Home, "main"),
            (Key::End, "v3.8.3-module"),
        ] {
            page.press(key).await?;
            shows(&page.js(SHOWN).await?, edition);
        }
        assert!(page.path().await?.ends_with("api.html"));

        // A link says it too, and is remembered.
        page.open("command.html?edition=main").await?;
        shows(&page.js(SHOWN).await?, "main");
        page.open("api.html").await?;
        shows(&page.js(SHOWN).await?, "main");
        assert_eq!(page.complaints().await?, [""; 0]);
        Ok(())
    });
}

#[test]
fn an_unknown_edition_is_said_and_falls_back() {
    browse(View::default(), async |page| {
        page.open("command.html?edition=%3Cimg%20src=x%3E").await?;
        shows(&page.js(SHOWN).await?, "main");
        let notice = page.text(".verify-notice").await?;
        assert!(notice.contains("no edition “<img src=x>”"), "{notice}");
        assert!(notice.contains("shown is main"), "{notice}");
        // What another page of the host has stored is no edition either.
        page.js("localStorage.setItem('verify-edition', '<b>')")
            .await?;
        page.open("command.html").await?;
        shows(&page.js(SHOWN).await?, "main");
        Ok(())
    });
}

#[test]
fn where_nothing_can_be_kept_tabs_work_on_their_page() {
    browse(View::default(), async |page| {
        page.beforehand(
            "Object.defineProperty(window, 'localStorage', {
            get() { throw new DOMException('refused', 'SecurityError') },
        })",
        )
        .await?;
        page.open("command.html").await?;
        page.click("[data-edition=\"patch.16\"]").await?;
        shows(&page.js(SHOWN).await?, "patch.16");
        assert_eq!(page.complaints().await?, [""; 0]);
        Ok(())
    });
}

#[test]
fn without_scripts_all_editions_are_shown_and_named() {
    browse(View::default(), async |page| {
        page.chromium(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": true}),
        )
        .await?;
        page.open("command.html").await?;
        let unnamed = "
            const panels = [...document.querySelectorAll('.verify-edition:not([hidden])')];
            const named = panels.filter(panel => panel.checkVisibility()
                && panel.querySelector('.verify-label')?.checkVisibility());
            return [panels.length > 9, panels.length - named.length]";
        assert_eq!(page.js(unnamed).await?, json!([true, 0]));
        Ok(())
    });
}

/// What the button of the code that `find` gives puts on the clipboard.
async fn copied(page: &Page, find: &str) -> WebDriverResult<String> {
    let grant = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    page.chromium("Browser.grantPermissions", grant).await?;
    // Only who uses the page may copy.
    page.click("main > p").await?;
    page.js(&format!(
        "({find}).closest('pre').querySelector('.clip-button').click()"
    ))
    .await?;
    let text = page.js("return navigator.clipboard.readText()").await?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

#[test]
fn what_is_copied_is_what_is_to_be_pasted() {
    browse(View::default(), async |page| {
        page.open("command.html").await?;
        let diff = "document.querySelector('.verify-diff ins')";
        assert_eq!(
            copied(page, diff).await?,
            "\tOpenIMRPCAuthServiceCfgFileName  = \"openim-rpc-auth-service.yml\"\n"
        );
        // The class that does it is gone again.
        let copying = "return document.querySelectorAll('.verify-copying').length";
        assert_eq!(page.js(copying).await?, 0);

        // A whole file, with its tabs.
        let file = "[...document.querySelectorAll('code')].find(code =>
            code.checkVisibility() && code.textContent.startsWith('package cmd'))";
        let file = copied(page, file).await?;
        assert!(file.contains("\n\t\"context\"\n"), "{file}");
        assert!(
            file.contains("\n\t\treturn a.runE(cmd.Context())\n"),
            "{file}"
        );
        Ok(())
    });
}

/// Follows the link of a column of "What differs" that leads to a chapter.
const FOLLOW: &str = "
    const cells = [...document.querySelectorAll(`.verify-table td:nth-child(${arguments[0]})`)];
    const links = cells.flatMap(cell => [...cell.querySelectorAll('a')]);
    links.find(link => link.href.includes('server.html')).click()";

/// Whether the block that the address names is to be seen, in the window.
const AT_HAND: &str = "(() => {
    const block = document.getElementById(location.hash.slice(1));
    const top = block?.getBoundingClientRect().top;
    return block?.checkVisibility() && 0 <= top && top < innerHeight;
})()";

#[test]
fn what_differs_leads_to_each_editions_own_block() {
    browse(View::default(), async |page| {
        for (column, edition) in [(2, "main"), (3, "patch.16"), (4, "v3.8.3-module")] {
            page.open("proof/editions.html").await?;
            page.js_with(FOLLOW, json!(column)).await?;
            page.until(AT_HAND).await?;
            shows(&page.js(SHOWN).await?, edition);
        }
        Ok(())
    });
}
