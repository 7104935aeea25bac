//! Chromium and its driver, started for one test and ended with it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// What installs the browser.
const INSTALL: &str = "apt-get install chromium chromium-driver";

/// For the start: a second where nothing else runs.
const START: Duration = Duration::from_secs(60);

/// For one command, such as loading a page or judging it.
const COMMAND: Duration = Duration::from_secs(120);

const DESKTOP: (u32, u32) = (1400, 900);
const PHONE: (u32, u32) = (390, 844);

pub(super) struct Browser {
    pub(super) driver: WebDriver,
    /// Killed when dropped, and Chromium dies with it.
    _process: Child,
    /// The profile. Chromium cleans it up only where it ends in good order.
    _profile: TempDir,
}

impl Browser {
    /// Ends it in good order.
    pub(super) async fn end(self) {
        timeout(START, self.driver.quit())
            .await
            .expect("Chromium ends in time")
            .expect("Chromium ends");
    }
}

/// Starts both programs.
pub(super) async fn start(phone: bool) -> Browser {
    let profile = tempfile::tempdir().expect("a temporary folder");
    let (process, port) = timeout(START, driver(&profile))
        .await
        .expect("chromedriver starts in time");
    let capabilities = capabilities(phone).expect("valid capabilities");
    let builder = WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities);
    let driver = timeout(START, builder.request_timeout(COMMAND).connect())
        .await
        .expect("Chromium starts in time")
        .unwrap_or_else(|error| panic!("Chromium does not start: {error}. {INSTALL}"));
    let limits = TimeoutConfiguration::new(Some(COMMAND), Some(COMMAND), None);
    driver.update_timeouts(limits).await.expect("time limits");
    Browser {
        driver,
        _process: process,
        _profile: profile,
    }
}

/// The driver and the free port that it has chosen.
async fn driver(profile: &TempDir) -> (Child, u16) {
    let program = in_path("chromedriver")
        .unwrap_or_else(|| panic!("no chromedriver in PATH. To install it: {INSTALL}"));
    let mut process = Command::new(program)
        .arg("--port=0")
        .env("TMPDIR", profile.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("chromedriver starts");
    let said = process.stdout.take().expect("its output is read");
    let mut lines = BufReader::new(said).lines();
    while let Some(line) = lines.next_line().await.expect("chromedriver speaks UTF-8") {
        let port = line
            .split("started successfully on port ")
            .nth(1)
            .and_then(|rest| rest.trim_end_matches('.').parse().ok());
        if let Some(port) = port {
            return (process, port);
        }
    }
    panic!("chromedriver ended before it listened");
}

fn capabilities(phone: bool) -> WebDriverResult<thirtyfour::ChromeCapabilities> {
    let mut chrome = DesiredCapabilities::chrome();
    let (width, height) = if phone { PHONE } else { DESKTOP };
    for argument in [
        "--headless",
        // Tests run as root in containers.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--force-prefers-no-reduced-motion",
        &format!("--window-size={width},{height}"),
    ] {
        chrome.add_arg(argument)?;
    }
    if phone {
        // A desktop's window cannot be so narrow.
        let metrics = serde_json::json!({"width": width, "height": height, "pixelRatio": 2.0});
        chrome.add_experimental_option(
            "mobileEmulation",
            serde_json::json!({ "deviceMetrics": metrics }),
        )?;
    }
    // Where there is none of this name, the driver knows where Chrome is.
    if let Some(chromium) = in_path("chromium") {
        chrome.set_binary(&chromium.to_string_lossy())?;
    }
    chrome.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    Ok(chrome)
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
