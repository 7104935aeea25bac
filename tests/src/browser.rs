//! The built book in a real browser: what the browser tests and the measurements of pages share.
//!
//! [`browse`] serves a folder on a free port of this machine, starts Chromium through its driver, and
//! ends both whatever becomes of the test. Every wait has a time limit.

mod chromium;
mod page;
mod site;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use assert_cmd::Command;
use thirtyfour::error::WebDriverResult;

pub use self::page::Page;
use crate::{both, mdbook, mdbook_verify, root};

/// For one test with all its pages. The longest looks at every page of the book.
const TEST: Duration = Duration::from_secs(600);

/// The guide, built once in each run of a test program.
static BOOK: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = root().join("target/browser/book");
    let output = Command::new(mdbook())
        .arg("build")
        .arg("--dest-dir")
        .arg(&folder)
        .current_dir(root())
        .env("MDBOOK_PREPROCESSOR__VERIFY__COMMAND", mdbook_verify())
        .output()
        .expect("mdBook runs");
    assert!(output.status.success(), "{}", both(&output));
    folder
});

/// The folder with the guide's pages.
#[must_use]
pub fn book() -> &'static Path {
    &BOOK
}

/// How to look at the book.
#[derive(Clone, Copy, Default)]
pub struct View<'a> {
    /// A content security policy that the server sends with every page.
    pub policy: Option<&'a str>,
    /// A phone instead of a desktop.
    pub phone: bool,
}

/// Looks at the guide's pages in a browser of their own.
pub fn browse(view: View<'_>, test: impl AsyncFnOnce(&Page) -> WebDriverResult<()>) {
    browse_in(book(), view, test);
}

/// The same with the pages of another book.
pub fn browse_in(
    book: &Path,
    view: View<'_>,
    test: impl AsyncFnOnce(&Page) -> WebDriverResult<()>,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(async {
        let site = site::serve(book, view.policy).await;
        let browser = chromium::start(view.phone).await;
        let page = Page::new(browser.driver.clone(), &site.address);
        let result = tokio::time::timeout(TEST, test(&page)).await;
        browser.end().await;
        result
            .expect("the test ends in time")
            .expect("the browser does what it is told");
    });
}
