//! Every page, as it is without anything done to it.

use guide_tests::browser::{View, browse};

#[test]
fn the_first_page_opens() {
    browse(View::default(), async |page| {
        page.open("").await?;
        assert_eq!(page.text("main h1").await?, "Introduction");
        assert_eq!(page.complaints().await?, [""; 0]);
        Ok(())
    });
}
