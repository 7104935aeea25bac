//! Where log lines go: to files in the folder that log.yml names, and to the terminal.

use std::fs;
use std::io;

use tracing::Level;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::Log;

/// What the files' names begin with.
const PREFIX: &str = "openim-rpc-auth-service.log";
/// How many lines may be on their way to the file.
const QUEUE: usize = 16 * 1024;

/// Begins to log. Until the guard is dropped, lines may still be on their way to the file.
///
/// # Errors
///
/// When the folder or the file cannot be made.
pub fn init(log: &Log) -> Result<Option<WorkerGuard>, String> {
    let level = level(log.level);
    let terminal = if log.stdout {
        lines(io::stdout, log.json).with_filter(own(level))
    } else {
        // What goes wrong is said there all the same: somebody may be looking.
        lines(io::stderr, false).with_filter(own(LevelFilter::WARN))
    };
    let (file, guard) = match &log.folder {
        None => (None, None),
        Some(folder) => {
            let appender = appender(log, folder)?;
            // Waiting for a slow disk is better than lines that are silently not there; and a long
            // queue would only put the wait off, and take memory.
            let (writer, guard) = NonBlockingBuilder::default()
                .lossy(false)
                .buffered_lines_limit(QUEUE)
                .finish(appender);
            (
                Some(lines(writer, log.json).with_filter(own(level))),
                Some(guard),
            )
        }
    };
    tracing_subscriber::registry()
        .with(terminal)
        .with(file)
        .try_init()
        .map_err(|error| error.to_string())?;
    Ok(guard)
}

fn appender(log: &Log, folder: &std::path::Path) -> Result<RollingFileAppender, String> {
    fs::create_dir_all(folder).map_err(|error| {
        format!(
            "the log folder {} cannot be made: {error}",
            folder.display()
        )
    })?;
    // tracing-appender knows hours and days.
    let rotation = match log.rotation_hours {
        0..24 => Rotation::HOURLY,
        _ => Rotation::DAILY,
    };
    let kept = usize::try_from(log.kept_files).unwrap_or(usize::MAX);
    let builder = RollingFileAppender::builder()
        .filename_prefix(PREFIX)
        .rotation(rotation);
    let builder = if kept == 0 {
        builder
    } else {
        builder.max_log_files(kept)
    };
    builder.build(folder).map_err(|error| {
        let folder = folder.display();
        format!("a log file in {folder} cannot be written: {error}")
    })
}

/// OpenIM's numbers: 6 and 5 debug, 4 information, 3 warnings, below that errors only.
fn level(number: u32) -> LevelFilter {
    LevelFilter::from_level(match number {
        0..=2 => Level::ERROR,
        3 => Level::WARN,
        4 => Level::INFO,
        _ => Level::DEBUG,
    })
}

/// The service's own lines of this level. Of the libraries' lines, which show each frame of HTTP/2,
/// only those about what goes wrong.
fn own(level: LevelFilter) -> Targets {
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("auth_service", level)
        .with_target("openim_rpc_auth_service", level)
}

type Lines<S> = Box<dyn Layer<S> + Send + Sync>;

fn lines<S, W>(writer: W, json: bool) -> Lines<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(writer);
    if json {
        layer
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed()
    } else {
        layer.boxed()
    }
}
