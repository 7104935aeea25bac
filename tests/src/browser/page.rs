//! What a reader does with a page, and what can be seen of it.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use thirtyfour::error::WebDriverResult;
use thirtyfour::prelude::*;

/// For something that a script does after an event.
const SOON: Duration = Duration::from_secs(20);

/// How often the browser is asked meanwhile.
const AGAIN: Duration = Duration::from_millis(20);

/// A window of the browser.
pub struct Page {
    driver: WebDriver,
    site: String,
}

impl Page {
    pub(super) fn new(driver: WebDriver, site: &str) -> Self {
        let site = site.to_owned();
        Self { driver, site }
    }

    /// The driver itself.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Opens a page of the book, such as `server.html`.
    ///
    /// # Errors
    /// If the browser cannot.
    pub async fn open(&self, path: &str) -> WebDriverResult<()> {
        self.driver.goto(format!("{}/{path}", self.site)).await
    }

    /// The address without the site.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub async fn path(&self) -> WebDriverResult<String> {
        let url = self.driver.current_url().await?;
        let path = url.as_str().trim_start_matches(&self.site);
        Ok(path.trim_start_matches('/').to_owned())
    }

    /// What a function's body returns, run in the page.
    ///
    /// # Errors
    /// If it throws.
    pub async fn js(&self, body: &str) -> WebDriverResult<Value> {
        self.js_with(body, Value::Null).await
    }

    /// The same, with one argument: `arguments[0]`.
    ///
    /// # Errors
    /// If it throws.
    pub async fn js_with(&self, body: &str, argument: Value) -> WebDriverResult<Value> {
        let answer = self.driver.execute(body, vec![argument]).await?;
        Ok(answer.json().clone())
    }

    /// Waits until an expression holds.
    ///
    /// # Errors
    /// If it throws.
    ///
    /// # Panics
    /// If it does not hold soon.
    pub async fn until(&self, expression: &str) -> WebDriverResult<()> {
        let asked = Instant::now();
        loop {
            if self.js(&format!("return !!({expression})")).await? == json!(true) {
                return Ok(());
            }
            assert!(asked.elapsed() < SOON, "in vain: {expression}");
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// The text of the first element of a kind, as a script sees it.
    ///
    /// # Errors
    /// If there is none.
    pub async fn text(&self, css: &str) -> WebDriverResult<String> {
        let body = "return document.querySelector(arguments[0]).textContent";
        let text = self.js_with(body, json!(css)).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks on it.
    ///
    /// # Errors
    /// If it is not there or something lies over it.
    pub async fn click(&self, css: &str) -> WebDriverResult<()> {
        self.driver.find(By::Css(css)).await?.click().await
    }

    /// Replaces what stands in a field.
    ///
    /// # Errors
    /// If there is none.
    pub async fn fill(&self, css: &str, text: &str) -> WebDriverResult<()> {
        let field = self.driver.find(By::Css(css)).await?;
        field.clear().await?;
        field.send_keys(text).await
    }

    /// Presses keys where the focus is.
    ///
    /// # Errors
    /// If the browser cannot.
    pub async fn press(&self, keys: impl Into<TypingData>) -> WebDriverResult<()> {
        self.driver.action_chain().send_keys(keys).perform().await
    }

    /// How much of the page has moved since it began to load, in units of the layout shift that
    /// browsers report.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub async fn shift(&self) -> WebDriverResult<f64> {
        let body = "
            let sum = 0;
            const add = list => list.getEntries().forEach(({value}) => sum += value);
            new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true});
            // Two pictures later all has been reported.
            const picture = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            return picture().then(picture).then(() => sum);
        ";
        let moved = self.js(body).await?;
        Ok(moved.as_f64().unwrap_or_default())
    }

    /// A command of Chromium's own protocol.
    ///
    /// # Errors
    /// If Chromium refuses it.
    pub async fn chromium(&self, command: &str, of: impl Serialize) -> WebDriverResult<Value> {
        self.driver.cdp().send_raw(command, of).await
    }

    /// Has a script run in every page that is opened from now on, before the page's own.
    ///
    /// # Errors
    /// If Chromium refuses it.
    pub async fn beforehand(&self, script: &str) -> WebDriverResult<()> {
        let command = "Page.addScriptToEvaluateOnNewDocument";
        self.chromium(command, json!({ "source": script })).await?;
        Ok(())
    }

    /// What the browser has complained of since it was last asked: errors of scripts, files that are
    /// not there, violations of the policy.
    ///
    /// # Errors
    /// If the browser does not answer.
    pub async fn complaints(&self) -> WebDriverResult<Vec<String>> {
        let log = self.driver.browser_log().await?;
        let severe = log.into_iter().filter(|entry| entry.level == "SEVERE");
        Ok(severe.map(|entry| entry.message).collect())
    }
}
