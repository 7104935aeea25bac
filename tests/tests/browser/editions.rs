//! Tabs of editions, and what is copied of blocks.

use std::fs;

use guide_tests::browser::{Page, View, browse, browse_in};
use guide_tests::{FixtureBook, chapters, root};
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
        // The address is one to pass on.
        assert_eq!(page.path().await?, "command.html?edition=patch.16");
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
        assert_eq!(page.path().await?, "api.html?edition=v3.8.3-module");

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
        });
        // So it is where pages are files.
        history.replaceState = () => { throw new DOMException('refused', 'SecurityError') }",
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

/// What is to be pasted of each place of the diffs in a chapter: from the first line that changes to
/// the last, without those that go.
fn pasted(chapter: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("src").join(chapter)).expect("a chapter");
    let diffs = text.split("\n```diff ").skip(1).map(|rest| {
        let lines = rest.lines().skip(1).take_while(|line| *line != "```");
        lines.collect::<Vec<_>>()
    });
    diffs
        .flat_map(|diff| {
            diff.split(|line| line.starts_with("@@"))
                .filter(|place| !place.is_empty())
                .map(of_place)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn of_place(lines: &[&str]) -> String {
    let changes = |line: &&str| line.starts_with(['+', '-']);
    let first = lines.iter().position(changes).expect("a change");
    let last = lines.iter().rposition(changes).expect("a change");
    if !lines.iter().any(|line| line.starts_with('+')) {
        return String::new();
    }
    let kept = lines[first..=last]
        .iter()
        .filter(|line| !line.starts_with('-'));
    kept.map(|line| line.get(1..).unwrap_or_default().to_owned() + "\n")
        .collect()
}

#[test]
fn of_every_diff_what_is_to_be_pasted_is_copied() {
    browse(View::default(), async |page| {
        let mut all = 0;
        for chapter in chapters(&root().join("src")) {
            let pasted = pasted(&chapter);
            let mut seen = vec![false; pasted.len()];
            for edition in ["main", "patch.16", "v3.8.3-module"] {
                if pasted.is_empty() {
                    break;
                }
                page.open(&format!(
                    "{}?edition={edition}",
                    chapter.replace(".md", ".html")
                ))
                .await?;
                let diffs = "return [...document.querySelectorAll('.verify-diff')]
                    .map(diff => diff.checkVisibility())";
                let diffs: Vec<bool> =
                    serde_json::from_value(page.js(diffs).await?).expect("which are seen");
                assert_eq!(diffs.len(), pasted.len(), "{chapter}");
                for (index, visible) in diffs.into_iter().enumerate() {
                    if !visible || seen[index] {
                        continue;
                    }
                    seen[index] = true;
                    let diff = format!("document.querySelectorAll('.verify-diff')[{index}]");
                    // What has nothing to paste has no button, either.
                    if pasted[index].is_empty() {
                        let button = format!(
                            "return {diff}.querySelector('.clip-button').checkVisibility()"
                        );
                        assert_eq!(page.js(&button).await?, false, "{chapter}: {index}");
                        continue;
                    }
                    let text = copied(page, &format!("{diff}.firstElementChild")).await?;
                    assert_eq!(text, pasted[index], "{chapter}: {index}");
                    all += 1;
                }
            }
            assert!(seen.iter().all(|seen| *seen), "{chapter}: {seen:?}");
        }
        assert!(all > 10, "{all}");
        Ok(())
    });
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

/// A diff of a kind that the guide has none of: with lines that go, and one that stays between.
const DIFF: &str = "# Diff

Text.

```diff file=pkg/greet/greet.go
 package greet
 
-// Name is whom to greet.
+// Name is who is greeted.
 type Name string
 
-// Hello greets.
+// Hello greets politely.
 func Hello(name Name) string {
```
";

#[test]
fn lines_between_are_copied_and_lines_that_go_are_not() {
    let book = FixtureBook::new(&[("chapter.md", DIFF)]);
    for file in ["verify.css", "verify.js"] {
        let text = fs::read_to_string(root().join("theme").join(file)).expect("a file");
        book.write(file, &text);
    }
    let settings = fs::read_to_string(book.path().join("book.toml")).expect("settings");
    let html =
        "[output.html]\nadditional-css = [\"verify.css\"]\nadditional-js = [\"verify.js\"]\n";
    book.write("book.toml", &format!("{settings}\n{html}"));
    book.mdbook(&["build"]).assert().success();
    browse_in(&book.path().join("book"), View::default(), async |page| {
        page.open("chapter.html").await?;
        assert_eq!(
            copied(page, "document.querySelector('.verify-diff ins')").await?,
            "// Name is who is greeted.\ntype Name string\n\n// Hello greets politely.\n"
        );
        Ok(())
    });
}
