//! What holds of every page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use guide_tests::browser::{View, book, browse};
use guide_tests::{policy, root};
use serde_json::{Value, json};

/// The pages that a reader comes to, by their paths. `toc.html` is a part of others.
pub(crate) fn pages() -> Vec<String> {
    let mut pages = Vec::new();
    let mut folders = vec![book().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "html")
            {
                let page = path.strip_prefix(book()).expect("a page of the book");
                pages.push(page.to_string_lossy().into_owned());
            }
        }
    }
    pages.retain(|page| page != "toc.html");
    pages.sort();
    assert!(pages.len() > 20, "{pages:?}");
    pages
}

/// A page's addresses of everything that it leads to or shows, and its ids.
const LINKS: &str = "
    const addresses = [...document.querySelectorAll('[href], [src]')]
        .map(element => element.href || element.src)
        .filter(address => typeof address === 'string' && address.startsWith(location.origin));
    const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
    return [addresses.map(address => address.slice(location.origin.length + 1)), ids];
";

#[test]
fn every_page_works_under_the_policy_and_leads_somewhere() {
    let policy = policy::of(book()).expect("the pages can be read");
    let view = View {
        policy: Some(&policy),
        ..View::default()
    };
    browse(view, async |page| {
        let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for path in pages() {
            page.open(&path).await?;
            assert_eq!(page.complaints().await?, [""; 0], "{path}");
            let found = page.js(LINKS).await?;
            let texts = |value: &Value| -> BTreeSet<String> {
                serde_json::from_value(value.clone()).expect("texts")
            };
            links.insert(path.clone(), texts(&found[0]));
            ids.insert(path, texts(&found[1]));
        }
        let mut broken = Vec::new();
        for (path, links) in &links {
            for link in links {
                // Headings lead to themselves, but where a page has a base as this one must.
                let of_base = path == "404.html" && link.starts_with('#');
                if !of_base && !leads_somewhere(link, &ids) {
                    broken.push(format!("{path}: {link}"));
                }
            }
        }
        assert_eq!(broken, [""; 0]);
        Ok(())
    });
}

#[test]
fn what_a_reader_does_works_under_the_policy() {
    let policy = policy::of(book()).expect("the pages can be read");
    let view = View {
        policy: Some(&policy),
        ..View::default()
    };
    browse(view, async |page| {
        page.open("architecture.html").await?;
        page.until("document.querySelector('.guide-picture svg')")
            .await?;
        page.js("document.getElementById('mdbook-theme-navy').click()")
            .await?;
        page.until("document.documentElement.classList.contains('navy')")
            .await?;
        page.click(".guide-names-open").await?;
        page.fill("#guide-service", "presence").await?;
        page.until("document.querySelector('.guide-picture').textContent.includes('presence')")
            .await?;
        page.click(".guide-close").await?;
        page.open("command.html").await?;
        page.click("[data-edition=\"patch.16\"]").await?;
        page.press("s").await?;
        page.until("document.activeElement.id === 'mdbook-searchbar'")
            .await?;
        page.press("etcd").await?;
        page.until("document.querySelector('#mdbook-searchresults li')")
            .await?;
        assert_eq!(page.complaints().await?, [""; 0]);
        Ok(())
    });
}

/// Whether there is such a file, and in a page such an id.
fn leads_somewhere(link: &str, ids: &BTreeMap<String, BTreeSet<String>>) -> bool {
    let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
    let file = file.split('?').next().unwrap_or_default();
    let file = if file.is_empty() || file.ends_with('/') {
        format!("{file}index.html")
    } else {
        file.to_owned()
    };
    let known = |ids: &BTreeSet<String>| fragment.is_empty() || ids.contains(fragment);
    book().join(Path::new(&file)).is_file() && ids.get(&file).is_none_or(known)
}

#[test]
fn a_policy_without_the_hashes_is_noticed() {
    let policy = policy::of(book()).expect("the pages can be read");
    let strict: Vec<_> = policy
        .split(' ')
        .filter(|word| !word.starts_with("'sha256-"))
        .collect();
    let strict = strict
        .join(" ")
        .replace("script-src 'self'", "script-src 'self';");
    let view = View {
        policy: Some(&strict),
        ..View::default()
    };
    browse(view, async |page| {
        page.open("index.html").await?;
        let complaints = page.complaints().await?.join("\n");
        assert!(
            complaints.contains("Content Security Policy"),
            "{complaints}"
        );
        Ok(())
    });
}

/// What mdBook's table of contents takes where it opens the chapter's sections, and a little more.
const STILL: f64 = 0.03;

#[test]
fn nothing_moves_while_a_page_comes_up() {
    for phone in [false, true] {
        let view = View {
            phone,
            ..View::default()
        };
        browse(view, async |page| {
            let mut moving = Vec::new();
            for path in pages() {
                // A busy machine may paint a page of which it has read a half. What moves each time is ours.
                let mut least = f64::INFINITY;
                for _ in 0..3 {
                    page.open(&path).await?;
                    least = least.min(page.shift().await?);
                    if least < STILL {
                        break;
                    }
                }
                if least > STILL {
                    moving.push(format!("{path}: {least}"));
                }
            }
            // What moves is noticed.
            page.js(
                "const space = document.createElement('div'); space.style.height = '500px';
                document.querySelector('main').prepend(space)",
            )
            .await?;
            let shift = page.shift().await?;
            assert!(shift > STILL, "{shift}");
            assert_eq!(moving, [""; 0]);
            Ok(())
        });
    }
}

#[test]
fn tables_fit_a_phone() {
    let phone = View {
        phone: true,
        ..View::default()
    };
    browse(phone, async |page| {
        let mut tables = 0;
        for path in pages() {
            page.open(&path).await?;
            let wider = "return [...document.querySelectorAll('.table-wrapper')]
                .map(table => table.scrollWidth - table.clientWidth)";
            let wider: Vec<i64> = serde_json::from_value(page.js(wider).await?).expect("numbers");
            tables += wider.len();
            assert!(wider.iter().all(|wider| *wider <= 0), "{path}: {wider:?}");
        }
        assert!(tables > 20, "{tables}");
        Ok(())
    });
}

#[test]
fn own_scripts_and_styles_are_small() {
    let theme = fs::read_dir(root().join("theme")).expect("a folder");
    let own: u64 = theme
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| kind == "js" || kind == "css")
        })
        .map(|path| fs::metadata(path).expect("a file").len())
        .sum();
    assert!(own < 40_000, "{own}");
}

#[test]
fn what_is_not_there_is_said_with_a_way_on() {
    browse(View::default(), async |page| {
        page.open("contributing/no-such-page.html").await?;
        page.until("document.querySelector('main h1')").await?;
        assert_eq!(page.text("main h1").await?, "There is no such page");
        page.click("main a").await?;
        page.until("document.querySelector('main h1').textContent === 'Introduction'")
            .await
    });
}

#[test]
fn the_card_and_the_icon_are_there() {
    browse(View::default(), async |page| {
        page.open("contributing/tests.html").await?;
        for (css, attribute) in [
            ("link[rel=icon]", "href"),
            ("meta[property='og:image']", "content"),
        ] {
            let loaded = "
                const [css, attribute] = arguments[0];
                const image = new Image();
                image.src = document.querySelector(css).getAttribute(attribute);
                return image.decode().then(() => image.naturalWidth > 0);
            ";
            let loaded = page.js_with(loaded, json!([css, attribute])).await?;
            assert_eq!(loaded, true, "{css}");
        }
        let title = "return document.querySelector(\"meta[property='og:title']\").content";
        assert_eq!(page.js(title).await?, "Adding a microservice to OpenIM");
        Ok(())
    });
}
