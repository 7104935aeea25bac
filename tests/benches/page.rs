//! What the pages cost a reader: `cargo xtask bench page`.
//!
//! Each page is loaded several times with nothing cached, from a server on this machine; medians are
//! printed. Times tell of the machine, sizes and shifts of the pages.
#![expect(
    clippy::print_stdout,
    reason = "the result of a measurement goes to stdout"
)]

use guide_tests::browser::{Page, View, browse};
use serde_json::json;
use thirtyfour::error::WebDriverResult;

/// How often each page is loaded.
const LOADS: usize = 5;

/// A page of prose, one of code, one of diagrams, one of tables, and the whole book.
const PAGES: [&str; 5] = [
    "introduction.html",
    "server.html",
    "architecture.html",
    "configuration.html",
    "print.html",
];

fn main() {
    for (what, phone) in [("desktop", false), ("phone", true)] {
        let view = View {
            phone,
            ..View::default()
        };
        browse(view, async |page| {
            println!(
                "{what:<22}{:>12}{:>12}{:>14}{:>14}{:>14}",
                "all, kB", "own, kB", "painted, ms", "usable, ms", "layout shift"
            );
            for path in PAGES {
                let [all, own, painted, usable, shift] = medians(page, path).await?;
                println!(
                    "  {path:<20}{:>12.0}{:>12.1}{painted:>14.0}{usable:>14.0}{shift:>14.4}",
                    all / 1e3,
                    own / 1e3
                );
            }
            Ok(())
        });
    }
    println!(
        "own: this book's scripts and styles. painted: the first text. usable: all scripts have run."
    );
}

async fn medians(page: &Page, path: &str) -> WebDriverResult<[f64; 5]> {
    let mut taken: [Vec<f64>; 5] = Default::default();
    for _ in 0..LOADS {
        page.chromium("Network.clearBrowserCache", json!({}))
            .await?;
        page.open(path).await?;
        let measured: [f64; 5] = {
            let [all, own] = sizes(page).await?;
            let [painted, usable] = times(page).await?;
            [all, own, painted, usable, page.shift().await?]
        };
        for (values, value) in taken.iter_mut().zip(measured) {
            values.push(value);
        }
    }
    Ok(taken.map(|mut values| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }))
}

/// Of all that the page has loaded, and of the book's own share.
async fn sizes(page: &Page) -> WebDriverResult<[f64; 2]> {
    let body = "
        const sum = entries => entries.reduce((sum, {decodedBodySize}) => sum + decodedBodySize, 0);
        const all = performance.getEntriesByType('resource');
        const own = all.filter(({name}) => new URL(name).pathname.includes('/theme/'));
        return [sum(all) + sum(performance.getEntriesByType('navigation')), sum(own)];
    ";
    Ok(serde_json::from_value(page.js(body).await?)?)
}

/// Until text is seen, and until everything on the page works.
async fn times(page: &Page) -> WebDriverResult<[f64; 2]> {
    page.until("performance.getEntriesByName('first-contentful-paint').length")
        .await?;
    let body = "
        const [navigation] = performance.getEntriesByType('navigation');
        const [paint] = performance.getEntriesByName('first-contentful-paint');
        return [paint.startTime, navigation.domContentLoadedEventEnd];
    ";
    Ok(serde_json::from_value(page.js(body).await?)?)
}
