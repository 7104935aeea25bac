//! The search box finds what readers of such a guide look for.

use guide_tests::browser::{View, browse};
use serde_json::json;

/// What somebody types, and a chapter that must be among the first results.
const SEARCHES: [(&str, &str); 14] = [
    // File names and paths.
    ("auth_service_rpc.go", "command.html"),
    ("authservice.proto", "proto.html"),
    ("internal/rpc/authservice/server.go", "server.html"),
    ("openim-rpc-auth-service.yml", "configuration.html"),
    ("start-config.yml", "configuration.html"),
    // Identifiers.
    ("OpenIMRPCAuthServiceCfgFileName", "configuration.html"),
    ("RegisterAuthServiceServer", "server.html"),
    ("EchoReq", "proto.html"),
    ("svcConfig", "command.html"),
    ("GetServiceNames", "configuration.html"),
    // Texts and numbers of errors.
    ("message required", "server.html"),
    ("header must have token", "run.html"),
    ("1001", "run.html"),
    ("1503", "run.html"),
];

#[test]
fn names_texts_and_numbers_are_found() {
    browse(View::default(), async |page| {
        let mut missed = Vec::new();
        for (typed, chapter) in SEARCHES {
            page.open("index.html").await?;
            page.press("s").await?;
            page.until("document.activeElement.id === 'mdbook-searchbar'")
                .await?;
            page.press(typed).await?;
            page.until(
                "/result/.test(document.querySelector('#mdbook-searchresults-header').textContent)",
            )
            .await?;
            let found =
                "return [...document.querySelectorAll('#mdbook-searchresults a')].slice(0, 10)
                .map(link => new URL(link.href).pathname.slice(1))";
            let found = page.js(found).await?;
            if !found
                .as_array()
                .is_some_and(|found| found.contains(&json!(chapter)))
            {
                missed.push(format!("{typed}: {found}"));
            }
        }
        assert!(missed.is_empty(), "{}", missed.join("\n"));
        Ok(())
    });
}
