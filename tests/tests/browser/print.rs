//! The book on paper.

use guide_tests::browser::{View, browse};
use serde_json::json;
use thirtyfour::common::print::PrintParameters;

use crate::accessible::{judge, serious};

#[test]
fn folds_are_open_on_paper_and_closed_again() {
    browse(View::default(), async |page| {
        page.open("architecture.html").await?;
        let folds = "[...document.querySelectorAll('main details')].map(({open}) => open)";
        page.js("document.querySelector('.guide-diagram details').open = true")
            .await?;
        let watch =
            format!("window.onbeforeprint = () => window.onPaper = {folds}; return {folds}");
        let before = page.js(&watch).await?;
        page.driver().print_page(PrintParameters::default()).await?;
        let on_paper = page.js("return window.onPaper").await?;
        let on_paper: Vec<bool> = serde_json::from_value(on_paper).expect("whether each was open");
        assert!(
            on_paper.len() > 3 && on_paper.iter().all(|open| *open),
            "{on_paper:?}"
        );
        page.until(&format!("JSON.stringify({folds}) === '{before}'"))
            .await?;
        assert!(before.to_string().contains("true") && before.to_string().contains("false"));
        Ok(())
    });
}

/// How wide the narrowest fold with a place is, in parts of its caption.
const NARROWEST: &str = "
    const places = [...document.querySelectorAll('details.verify-place')].filter(place => place.checkVisibility());
    const width = element => element.getBoundingClientRect().width;
    return Math.min(...places.map(place => width(place) / width(place.closest('.verify-caption'))))";

#[test]
fn open_folds_leave_captions_their_width_without_a_script_too() {
    browse(View::default(), async |page| {
        page.open("server.html").await?;
        let on_screen = page.js(NARROWEST).await?;
        page.chromium("Emulation.setEmulatedMedia", json!({"media": "print"}))
            .await?;
        let opened = "return document.querySelectorAll('.verify-badge[open]').length";
        assert_eq!(page.js(opened).await?, 0);
        let on_paper = page.js(NARROWEST).await?;
        assert!(on_screen.as_f64() < Some(0.9), "{on_screen}");
        assert!(on_paper.as_f64() > Some(0.9), "{on_paper}");
        Ok(())
    });
}

#[test]
fn paper_has_nothing_to_click_on() {
    browse(View::default(), async |page| {
        page.open("checklist.html").await?;
        page.chromium("Emulation.setEmulatedMedia", json!({"media": "print"}))
            .await?;
        let body = "return [...document.querySelectorAll('button, dialog, nav a, .guide-progress')]
            .filter(element => element.checkVisibility()).map(element => element.outerHTML)";
        assert_eq!(page.js(body).await?, json!([]));
        Ok(())
    });
}

/// The colours of what is on paper, but for pictures, which bring their own ground.
const COLOURS: &str = "
    return [...document.querySelectorAll('main *')]
        .filter(element => element.checkVisibility() && !element.closest('.guide-picture'))
        .map(element => {
            const {color, backgroundColor} = getComputedStyle(element);
            return `${element.localName}.${element.className}: ${color} on ${backgroundColor}`;
        })";

#[test]
fn paper_is_white_whatever_the_theme() {
    browse(View::default(), async |page| {
        page.beforehand(&judge()).await?;
        for path in ["index.html", "server.html", "checklist.html"] {
            page.open(path).await?;
            page.chromium("Emulation.setEmulatedMedia", json!({"media": "print"}))
                .await?;
            let mut light = None;
            for theme in ["light", "rust", "coal", "navy", "ayu"] {
                page.js(&format!(
                    "document.getElementById('mdbook-theme-{theme}').click()"
                ))
                .await?;
                let colours = page.js(COLOURS).await?;
                let light = light.get_or_insert_with(|| colours.clone());
                let of = |colours: &serde_json::Value| colours.as_array().expect("a list").clone();
                for (colour, light) in of(&colours).iter().zip(of(light)) {
                    assert_eq!(*colour, light, "{path}, {theme}");
                }
            }
            let found = serious(page).await?;
            assert!(found.is_empty(), "{path}: {found:#?}");
            page.chromium("Emulation.setEmulatedMedia", json!({"media": ""}))
                .await?;
        }
        Ok(())
    });
}

#[test]
fn a_picture_that_is_not_drawn_yet_leaves_no_hole() {
    browse(View::default(), async |page| {
        page.open("architecture.html").await?;
        let empty = "return [...document.querySelectorAll('.guide-picture:empty')]
            .map(picture => picture.checkVisibility())";
        let on_screen = page.js(empty).await?;
        assert!(
            on_screen
                .as_array()
                .is_some_and(|seen| seen.contains(&json!(true)))
        );
        page.chromium("Emulation.setEmulatedMedia", json!({"media": "print"}))
            .await?;
        let on_paper = page.js(empty).await?;
        assert!(
            on_paper
                .as_array()
                .is_some_and(|seen| !seen.contains(&json!(true)))
        );
        Ok(())
    });
}

#[test]
fn the_whole_book_is_printed_when_its_diagrams_are_there() {
    browse(View::default(), async |page| {
        page.beforehand(
            "window.print = () => {
            window.onPaper = [...document.querySelectorAll('.guide-picture')]
                .map(picture => picture.querySelectorAll('svg').length);
        }",
        )
        .await?;
        page.open("print.html").await?;
        page.until("window.onPaper").await?;
        let pictures = page.js("return window.onPaper").await?;
        let pictures = pictures.as_array().expect("a list");
        assert!(pictures.len() > 3, "{pictures:?}");
        assert!(
            pictures.iter().all(|svgs| svgs.as_u64() == Some(1)),
            "{pictures:?}"
        );
        Ok(())
    });
}
