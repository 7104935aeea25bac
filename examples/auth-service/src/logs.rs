//! Where log lines go: to files in the folder that log.yml names, and to the terminal.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fs;
use std::io;
use std::panic::{self, PanicHookInfo};

use tracing::{Level, Subscriber};
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
const QUEUE: usize = 1024;

/// Begins to log, panics too. Until the guard is dropped, lines may still be on their way to the file.
///
/// # Errors
///
/// When the folder or the file cannot be made.
pub fn init(log: &Log) -> Result<Option<WorkerGuard>, String> {
    let (subscriber, guard) = subscriber(log)?;
    subscriber.try_init().map_err(|error| error.to_string())?;
    log_panics();
    Ok(guard)
}

/// Says of each panic where it was, as a line of the log: with the operation ID of its call, and
/// wherever the log goes.
pub fn log_panics() {
    panic::set_hook(Box::new(log_panic));
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let text = panic.payload_as_str().unwrap_or("unknown");
    let place = panic.location().map(tracing::field::display);
    // There is one if RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    let captured = backtrace.status() == BacktraceStatus::Captured;
    let backtrace = captured.then(|| tracing::field::display(&backtrace));
    tracing::error!(place, backtrace, "panic: {text}");
}

/// What takes the lines, to the places that are wanted.
fn subscriber(
    log: &Log,
) -> Result<(impl Subscriber + Send + Sync + use<>, Option<WorkerGuard>), String> {
    let level = level(log.level);
    // What goes wrong is said on the terminal whatever log.yml says: somebody may be looking.
    let terminal = if log.stdout {
        lines(io::stdout, log.json).with_filter(own(level.max(LevelFilter::WARN)))
    } else {
        lines(io::stderr, false).with_filter(own(LevelFilter::WARN))
    };
    let (file, guard) = match &log.folder {
        None => (None, None),
        Some(folder) => {
            let appender = appender(log, folder)?;
            // Waiting for a slow disk is better than lines that are silently not there; and a long
            // queue would only put the wait off, and take memory. Lines that wait together are
            // written together, and the last one of them at once.
            let (writer, guard) = NonBlockingBuilder::default()
                .lossy(false)
                .buffered_lines_limit(QUEUE)
                .finish(io::BufWriter::new(appender));
            (
                Some(lines(writer, log.json).with_filter(own(level))),
                Some(guard),
            )
        }
    };
    let subscriber = tracing_subscriber::registry().with(terminal).with(file);
    Ok((subscriber, guard))
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
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    if json {
        // What the call is known by stands beside the message, however deep in the call a line is
        // written: there OpenIM's services have their operation ID.
        json_subscriber::fmt::layer()
            .with_writer(writer)
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .flatten_span_list_on_top_level(true)
            .boxed()
    } else {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(writer)
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn log(folder: &Path) -> Log {
        Log {
            folder: Some(folder.to_owned()),
            rotation_hours: 24,
            kept_files: 2,
            level: 6,
            stdout: false,
            json: true,
        }
    }

    /// The names of the files in a folder.
    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> = entries
            .map(|entry| name(entry).into_string().expect("text"))
            .collect();
        names.sort();
        names
    }

    /// What is written to a file below a call and a part of it.
    fn written(log: &Log) -> String {
        let (subscriber, guard) = subscriber(log).expect("a subscriber");
        tracing::subscriber::with_default(subscriber, || {
            let _call = tracing::error_span!("call", operationID = "t1").entered();
            let _part = tracing::info_span!("part", number = 7).entered();
            tracing::warn!(reason = "none", "said");
            tracing::debug!("whispered");
        });
        drop(guard);
        let folder = log.folder.as_deref().expect("a folder");
        let file = folder.join(&names(folder)[0]);
        fs::read_to_string(file).expect("a file")
    }

    #[test]
    fn the_operation_id_stands_on_top_of_a_json_line_however_deep_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = written(&log(folder.path()));
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0]["operationID"], "t1", "{text}");
        assert_eq!(lines[0]["message"], "said");
        assert_eq!(lines[0]["reason"], "none");
        assert_eq!(lines[0]["level"], "WARN");
        assert_eq!(lines[1]["operationID"], "t1");
    }

    #[test]
    fn the_operation_id_stands_in_a_line_of_text() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = Log {
            json: false,
            level: 3,
            ..log(folder.path())
        };
        let text = written(&log);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains(r#"call{operationID="t1"}"#), "{text}");
        assert!(text.ends_with("said reason=\"none\"\n"), "{text}");
    }

    #[test]
    fn levels_are_openims() {
        let levels = [
            (0, LevelFilter::ERROR),
            (2, LevelFilter::ERROR),
            (3, LevelFilter::WARN),
            (4, LevelFilter::INFO),
            (5, LevelFilter::DEBUG),
            (6, LevelFilter::DEBUG),
        ];
        for (number, expected) in levels {
            assert_eq!(level(number), expected, "{number}");
        }
    }

    #[test]
    fn a_file_is_of_a_day_or_of_an_hour() {
        // The name, and the day or the hour of the day behind it.
        for (hours, numbers) in [(0, 4), (23, 4), (24, 3), (100, 3)] {
            let folder = tempfile::tempdir().expect("a folder");
            let log = Log {
                rotation_hours: hours,
                ..log(folder.path())
            };
            appender(&log, folder.path()).expect("a file");
            let names = names(folder.path());
            let time = names[0]
                .strip_prefix("openim-rpc-auth-service.log.")
                .expect("the name of the service");
            assert_eq!(time.split('-').count(), numbers, "{hours}: {names:?}");
            assert_eq!(names.len(), 1);
        }
    }

    #[test]
    fn so_many_files_are_kept() {
        for (kept, left) in [(2, 2), (0, 4)] {
            let folder = tempfile::tempdir().expect("a folder");
            for day in 1..=3 {
                let name = format!("{PREFIX}.2020-01-0{day}");
                fs::write(folder.path().join(name), "").expect("a file");
            }
            let log = Log {
                kept_files: kept,
                ..log(folder.path())
            };
            appender(&log, folder.path()).expect("a file");
            let names = names(folder.path());
            assert_eq!(names.len(), left, "{kept}: {names:?}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        fs::write(&file, "").expect("a file");
        let below = file.join("logs");
        let error = appender(&log(&below), &below).expect_err("it is below a file");
        let start = format!("the log folder {} cannot be made: ", below.display());
        assert!(error.starts_with(&start), "{error}");
    }
}
