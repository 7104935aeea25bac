//! The reader's own names, in place of the guide's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use guide_tests::browser::{Page, View, book, browse, browse_in};
use guide_tests::root;
use serde_json::{Value, json};
use thirtyfour::error::WebDriverResult;
use thirtyfour::prelude::*;

use crate::pages::pages;

/// The guide's names and another reader's, place by place.
const PRESENCE: [(&str, &str); 9] = [
    ("git.example.com/you", "code.acme.org/chat-team"),
    ("git.example.com", "code.acme.org"),
    ("auth-service", "presence"),
    ("authservice", "presence"),
    ("AuthService", "Presence"),
    ("authService", "presence"),
    ("auth_service", "presence"),
    ("AUTH_SERVICE", "PRESENCE"),
    ("Auth service", "Presence"),
];

/// What a text of the guide says to that reader.
fn renamed(text: &str) -> String {
    PRESENCE
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

async fn fill(page: &Page, service: &str, host: &str, organisation: &str) -> WebDriverResult<()> {
    page.fill("#guide-service", service).await?;
    page.fill("#guide-host", host).await?;
    page.fill("#guide-organisation", organisation).await
}

/// Everything that the chapter says, and everything that leads somewhere.
async fn content(page: &Page) -> WebDriverResult<(String, Value)> {
    let body = "
        const main = document.querySelector('main').cloneNode(true);
        main.querySelectorAll('svg').forEach(svg => svg.remove());
        const attributes = [...main.querySelectorAll('[id], [href], [src]')]
            .map(element => [element.id, element.getAttribute('href'), element.getAttribute('src')]);
        return [main.textContent, attributes];
    ";
    let found = page.js(body).await?;
    Ok((
        found[0].as_str().unwrap_or_default().to_owned(),
        found[1].clone(),
    ))
}

#[test]
fn every_page_speaks_of_them_and_leaves_all_else() {
    browse(View::default(), async |page| {
        // Chapters about this repository speak of what is in it.
        let as_it_is = |path: &str| path.starts_with("rust/") || path.starts_with("contributing/");
        let mut before = Vec::new();
        let (mut in_print, mut printed) = (Vec::new(), String::new());
        for path in pages() {
            page.open(&path).await?;
            // The names of chapters stay as they are, so none may hold the service's.
            let title = page.js("return document.title").await?.to_string();
            assert!(as_it_is(&path) || renamed(&title) == title, "{title}");
            before.push((path, content(page).await?));
        }
        page.open("index.html").await?;
        page.click(".guide-names-open").await?;
        fill(page, "presence", "code.acme.org", "chat-team").await?;
        for (path, (text, attributes)) in before {
            page.open(&path).await?;
            let (text_now, attributes_now) = content(page).await?;
            assert_eq!(attributes_now, attributes, "{path}");
            if as_it_is(&path) {
                assert_eq!(text_now, text, "{path}");
                in_print.push(text);
            } else if path != "print.html" {
                assert_eq!(text_now, renamed(&text), "{path}");
                // Upstream's files are not printed.
                if path != "404.html" && !path.starts_with("files/") {
                    in_print.push(text_now);
                }
            } else {
                printed = text_now;
            }
        }
        // The page for print has both.
        for line in in_print.iter().flat_map(|text| text.lines()) {
            assert!(printed.contains(line.trim()), "{line}");
        }
        // The list of a page's headings follows, when it is made and later.
        page.open("files/v3.8.3-module/server.html").await?;
        let listed = "return document.querySelector('.on-this-page').textContent";
        for (service, wanted) in [("", "presence"), ("late-comer", "latecomer")] {
            if !service.is_empty() {
                page.click(".guide-names-open").await?;
                page.fill("#guide-service", service).await?;
            }
            let headings = page.js(listed).await?.to_string();
            let file = format!("internal/rpc/{wanted}/server.go");
            assert!(headings.contains(&file), "{headings}");
            assert!(!headings.contains("authservice"), "{headings}");
        }
        // Upstream's own service, whose name the guide's begins with.
        page.open("glossary.html").await?;
        let glossary = page.text("main").await?;
        for name in [
            "openim-rpc-auth.yml",
            "auth-rpc-service",
            "/auth/parse_token",
            "IMENV_OPENIM_RPC_AUTH_",
        ] {
            assert!(glossary.contains(name), "{name}");
        }
        assert!(glossary.contains("IMENV_OPENIM_RPC_LATE_COMER_"));
        Ok(())
    });
}

#[cfg(unix)]
#[test]
fn they_hold_wherever_the_book_stands() {
    let site = tempfile::tempdir().expect("a temporary folder");
    std::os::unix::fs::symlink(book(), site.path().join("rust")).expect("a link can be made");
    browse_in(site.path(), View::default(), async |page| {
        page.open("rust/server.html").await?;
        page.click(".guide-names-open").await?;
        fill(page, "presence", "code.acme.org", "chat-team").await?;
        let chapter = page.text("main").await?;
        assert!(chapter.contains("internal/rpc/presence"), "{chapter}");
        // This one is about what stands in this repository.
        page.open("rust/rust/why.html").await?;
        let chapter = page.text("main").await?;
        assert!(!chapter.to_lowercase().contains("presence"), "{chapter}");
        Ok(())
    });
}

/// What the page has asked the network for. The browser fetches the icon when it likes.
const REQUESTS: &str = "return performance.getEntriesByType('resource')
    .map(({name}) => name).filter(name => !name.includes('favicon'))";

#[test]
fn the_page_follows_while_one_types_and_so_does_what_is_copied() {
    browse(View::default(), async |page| {
        page.open("server.html").await?;
        // A block of which highlighting makes many elements, and whose names it cuts.
        let block = "[...document.querySelectorAll('pre > code')]
            .find(code => code.textContent.includes('RegisterAuthServiceServer'))";
        let mark = format!("const code = {block}; code.id = 'watched'; return code.textContent");
        let before = page.js(&mark).await?;
        let before = before.as_str().unwrap_or_default();

        let requests = page.js(REQUESTS).await?;
        page.click(".guide-names-open").await?;
        let said = page.text(".guide-names p").await?;
        assert!(said.contains("proven with its own"), "{said}");
        page.fill("#guide-service", "PresenceService").await?;
        let now = page.text("#watched").await?;
        assert!(now.contains("RegisterPresenceServiceServer"), "{now}");
        page.fill("#guide-service", "presence").await?;
        assert_eq!(page.text("#watched").await?, renamed(before));
        // Nothing is sent anywhere.
        assert_eq!(page.js(REQUESTS).await?, requests);
        page.click(".guide-close").await?;

        let grant = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
        page.chromium("Browser.grantPermissions", grant).await?;
        let copy = "document.querySelector('#watched').closest('pre').querySelector('.clip-button').click()";
        page.js(copy).await?;
        let copied = page.js("return navigator.clipboard.readText()").await?;
        let copied = copied.as_str().unwrap_or_default();
        assert_eq!(copied.trim_end(), renamed(before).trim_end());

        page.click(".guide-names-open").await?;
        page.click(".guide-reset").await?;
        assert_eq!(page.text("#watched").await?, before);
        assert_eq!(
            page.js("return localStorage.getItem('guide-names')")
                .await?,
            Value::Null
        );
        Ok(())
    });
}

#[test]
fn names_that_cannot_work_are_refused_with_the_rule() {
    let long = "a".repeat(53);
    let cases = [
        ("service", "", "a letter first"),
        ("service", "2fa", "identifier in Go"),
        ("service", "Größe", "identifier in Go"),
        ("service", "a--b", "single hyphens"),
        ("service", "presence-", "single hyphens"),
        (
            "service",
            "<img src=x onerror=alert(1)>",
            "identifier in Go",
        ),
        ("service", "${7*7}", "identifier in Go"),
        ("service", "a/../../b", "identifier in Go"),
        ("service", &long, "At most 52 characters"),
        ("service", "presence-test", "presence_test.go"),
        ("service", "PresenceJs", "presence_js.go"),
        ("service", "presence_linux", "another system"),
        ("service", "package", "meaning in Go"),
        ("service", "go-to", "meaning in Go"),
        ("service", "internal", "meaning in Go"),
        ("service", "context", "beside the new package"),
        ("service", "server", "beside the new package"),
        ("service", "msg-gateway", "OpenIM has"),
        ("service", "Auth", "OpenIM has"),
        ("host", "localhost", "with a dot"),
        ("host", "git.example.com:443", "without a port"),
        ("host", "git.example.com/x", "with a dot"),
        ("host", "-git.example.com", "with a dot"),
        ("host", "\"><script>", "with a dot"),
        ("organisation", "", "module’s path"),
        ("organisation", "a//b", "module’s path"),
        ("organisation", "../x", "module’s path"),
        ("organisation", "a b", "module’s path"),
    ];
    browse(View::default(), async |page| {
        page.open("server.html").await?;
        let (before, _) = content(page).await?;
        page.click(".guide-names-open").await?;
        for (field, typed, rule) in cases {
            // Typed as a whole: on its way there, a name may well be a good one.
            let set = "const [id, text] = arguments[0]; const field = document.getElementById(id);
                field.value = text; field.dispatchEvent(new Event('input'));
                return [document.getElementById(`${id}-rule`).textContent, field.getAttribute('aria-invalid')]";
            let said = page
                .js_with(set, json!([format!("guide-{field}"), typed]))
                .await?;
            assert!(
                said[0].as_str().unwrap_or_default().contains(rule),
                "{typed}: {said}"
            );
            assert_eq!(said[1], "true", "{typed}");
            assert_eq!(content(page).await?.0, before, "{typed}");
        }
        assert_eq!(
            page.js("return localStorage.getItem('guide-names')")
                .await?,
            Value::Null
        );
        Ok(())
    });
}

#[test]
fn what_is_stored_is_trusted_no_more_than_what_is_typed() {
    let stored = [
        json!({"service": "<img src=x onerror=document.title='hit'>", "host": "\"><script>document.title='hit'</script>", "organisation": "javascript:1"}),
        json!({"service": ["a"], "host": {"toString": 1}, "organisation": 7}),
        json!(["presence"]),
        json!("presence"),
        json!({"service": "auth", "__proto__": {"host": "evil.example"}}),
        json!(null),
        json!({"service": "a".repeat(100_000)}),
    ];
    browse(View::default(), async |page| {
        page.open("server.html").await?;
        let (before, _) = content(page).await?;
        let texts = stored.iter().map(Value::to_string);
        for text in texts.chain(["{".to_owned(), "\0".to_owned()]) {
            let store = "localStorage.setItem('guide-names', arguments[0])";
            page.js_with(store, json!(text)).await?;
            page.open("server.html").await?;
            assert_eq!(page.complaints().await?, [""; 0], "{text}");
            assert_eq!(content(page).await?.0, before, "{text}");
            page.click(".guide-names-open").await?;
            let filled = "return document.getElementById('guide-service').value";
            assert_eq!(page.js(filled).await?, "auth-service", "{text}");
            assert_ne!(page.driver().title().await?, "hit");
        }
        Ok(())
    });
}

#[test]
fn the_longest_name_leaves_the_page_in_its_width() {
    let phone = View {
        phone: true,
        ..View::default()
    };
    browse(phone, async |page| {
        for path in pages() {
            page.open(&path).await?;
            let store =
                "localStorage.setItem('guide-names', JSON.stringify({service: 'a'.repeat(52)}))";
            page.js(store).await?;
            page.open(&path).await?;
            // What scrolls the page to the side is its content, not the window.
            let wider = "const content = document.getElementById('mdbook-content');
                return [document.documentElement.scrollWidth - innerWidth,
                    content.scrollWidth - content.clientWidth]";
            assert_eq!(page.js(wider).await?, json!([0, 0]), "{path}");
        }
        Ok(())
    });
}

/// What the page's rule says of each name.
async fn judged(page: &Page, names: &BTreeSet<String>) -> WebDriverResult<Vec<(String, String)>> {
    page.open("index.html").await?;
    let said = page
        .js_with(
            "return arguments[0].map(name => [name, nameRules.service(name)])",
            json!(names),
        )
        .await?;
    Ok(serde_json::from_value(said).expect("pairs of texts"))
}

#[test]
fn suffixes_that_go_drops_are_those_of_the_installed_go() {
    let root = Command::new("go")
        .args(["env", "GOROOT"])
        .output()
        .expect("Go runs");
    let root = String::from_utf8(root.stdout).expect("a path");
    let list = Path::new(root.trim()).join("src/internal/syslist/syslist.go");
    let list = fs::read_to_string(list).expect("Go's list of systems");
    let names: BTreeSet<_> = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split('"').next())
        .map(|system| format!("presence-{system}"))
        .collect();
    assert!(names.contains("presence-js") && names.contains("presence-riscv64"));
    browse(View::default(), async |page| {
        for (name, said) in judged(page, &names).await? {
            assert!(said.contains("Go would drop"), "{name}: {said}");
        }
        Ok(())
    });
}

/// Names in a folder: of folders, or behind a word at the beginning of lines of Go.
fn folders(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect()
}

fn words_of_go(folder: &Path, before: &str, after: &str) -> Vec<String> {
    let mut words = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "go") {
            let text = fs::read_to_string(path).expect("Go");
            for rest in text.split(before).skip(1) {
                let word: String = rest
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                if rest[word.len()..].starts_with(after) && !word.is_empty() {
                    words.push(word);
                }
            }
        }
    }
    words
}

#[test]
fn what_openim_has_already_is_refused() {
    let tree = root().join("target/openim/tree");
    let server = tree.join("server");
    let mut names = BTreeSet::new();
    for folder in ["cmd", "cmd/openim-rpc", "internal", "internal/rpc"] {
        names.extend(folders(&server.join(folder)));
    }
    names.extend(folders(&tree.join("protocol")));
    names.extend(words_of_go(
        &server.join("pkg/common/config"),
        "\ntype ",
        " ",
    ));
    names.extend(words_of_go(
        &server.join("internal/api"),
        ".Group(\"/",
        "\"",
    ));
    let api = words_of_go(&server.join("internal/api"), "\ntype ", " struct");
    names.extend(
        api.iter()
            .filter_map(|name| Some(name.strip_suffix("Api")?.to_owned())),
    );
    let names: BTreeSet<_> = names
        .iter()
        .map(|name| {
            name.trim_start_matches("openim-")
                .trim_start_matches("rpc-")
                .replace('-', "")
        })
        .map(|name| name.to_lowercase())
        .filter(|name| name != "authservice")
        .collect();
    assert!(names.len() > 40, "{names:?}");
    browse(View::default(), async |page| {
        let judged = judged(page, &names).await?;
        let accepted: Vec<_> = judged.iter().filter(|(_, said)| said.is_empty()).collect();
        assert!(accepted.is_empty(), "{accepted:?}");
        Ok(())
    });
}

/// The text in the window that the panel lies over, and whether the watched heading is in sight.
const COVERED: &str = "
    const panel = document.querySelector('.guide-names').getBoundingClientRect();
    const over = ({left, right, top, bottom}) => left < panel.right && panel.left < right
        && top < panel.bottom && panel.top < bottom;
    const texts = [...document.querySelectorAll('main :is(h1, h2, p, li, pre, td, th, .verify-caption)')];
    const rect = element => element.getBoundingClientRect();
    const {top} = rect(document.getElementById('watched'));
    return [texts.filter(text => over(rect(text))).map(text => text.textContent),
        !over(rect(document.getElementById('watched'))) && 0 <= top && top < innerHeight - 50];
";

#[test]
fn the_panel_lies_over_no_text() {
    browse(View::default(), async |page| {
        for width in [360, 600, 719, 720, 900, 1100, 1400] {
            let screen =
                json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
            page.chromium("Emulation.setDeviceMetricsOverride", screen)
                .await?;
            page.open("server.html").await?;
            page.js("document.querySelector('h1').id = 'watched'")
                .await?;
            page.click(".guide-names-open").await?;
            assert_eq!(page.js(COVERED).await?, json!([[], true]), "{width}");
            // What was being read stays in sight.
            page.click(".guide-close").await?;
            let scroll = "document.querySelector('h1').removeAttribute('id');
                const heading = document.querySelectorAll('h2')[2];
                heading.id = 'watched';
                scrollTo({top: heading.offsetTop - 70, behavior: 'instant'})";
            page.js(scroll).await?;
            page.js("document.querySelector('.guide-names-open').click()")
                .await?;
            let covered = page.js(COVERED).await?;
            assert_eq!(covered[1], true, "{width}: {covered}");
            // Beside the panel nothing goes under it, either.
            assert_eq!(covered[0].as_array().map(Vec::is_empty), Some(width >= 720));
        }
        Ok(())
    });
}

#[test]
fn the_panel_needs_no_mouse() {
    browse(View::default(), async |page| {
        page.open("server.html").await?;
        page.js("document.querySelector('.guide-names-open').focus()")
            .await?;
        page.press(Key::Enter).await?;
        page.until("document.activeElement.id === 'guide-service'")
            .await?;
        // Keys of the book are letters here.
        page.press("ns").await?;
        assert_eq!(page.path().await?, "server.html");
        let shown = "return document.querySelector('#mdbook-search-wrapper').className";
        assert_eq!(page.js(shown).await?, "hidden");
        page.press(Key::Escape).await?;
        page.until("document.activeElement.className.includes('guide-names-open')")
            .await
    });
}
