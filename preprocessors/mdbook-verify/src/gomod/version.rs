//! Versions and module paths, as far as their spelling goes.

use std::sync::LazyLock;

use regex::Regex;

/// Whether this is a version of the Go language, such as `1.23`, `1.23.4` or `1.24rc1`.
pub(super) fn is_go(text: &str) -> bool {
    static GO: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[1-9][0-9]*\.(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?([a-z]+[0-9]+)?$")
            .expect("the pattern is valid")
    });
    GO.is_match(text)
}

/// What is wrong with a version of a module; `v1.2.3` and all that may follow is right.
pub(super) fn problem(text: &str) -> Option<String> {
    static CANONICAL: LazyLock<Regex> = LazyLock::new(|| {
        let number = "(0|[1-9][0-9]*)";
        let pre = "(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
        Regex::new(&format!(
            r"^v{number}\.{number}\.{number}(-{pre}(\.{pre})*)?(\+incompatible)?$"
        ))
        .expect("the pattern is valid")
    });
    if CANONICAL.is_match(text) {
        return None;
    }
    let with_v = format!("v{text}");
    Some(match () {
        () if CANONICAL.is_match(&with_v) => {
            format!("`{text}` is no version of a module: it starts with v, as {with_v}")
        }
        () => format!("`{text}` is no full version of a module, such as v1.2.3"),
    })
}

/// What is wrong with a version for a path that ends in its major version, or does not.
pub(super) fn major_problem(path: &str, version: &str) -> Option<String> {
    let major = version.split(['.', '-', '+']).next().unwrap_or(version);
    let early = matches!(major, "v0" | "v1") || version.ends_with("+incompatible");
    let wanted = major_of(path);
    let fits = match wanted {
        Some(wanted) => wanted == major || wanted == "v0" && early,
        None => early,
    };
    let wanted = wanted.unwrap_or("v0 or v1");
    (!fits).then(|| format!("{version} does not fit {path}, whose versions are {wanted}"))
}

/// Whether a part of a module's path is its major version, such as `v3`.
pub(crate) fn is_major(part: &str) -> bool {
    let number = part.strip_prefix('v').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

/// The major version at the end of a path.
fn major_of(path: &str) -> Option<&str> {
    let (rest, last) = path.rsplit_once('/')?;
    if rest == "gopkg.in" || rest.starts_with("gopkg.in/") {
        let (_, version) = last.rsplit_once('.')?;
        return is_major(version).then_some(version);
    }
    (is_major(last) && !matches!(last, "v0" | "v1")).then_some(last)
}

/// What is wrong with the spelling of a module's path.
pub(super) fn path_problem(path: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '/');
    if let Some(bad) = path.chars().find(|c| !allowed(*c)) {
        return Some(format!("it has {bad:?}"));
    }
    if path.split('/').any(str::is_empty) {
        return Some("a part of it is empty".into());
    }
    if path
        .split('/')
        .any(|part| part.ends_with('.') || part.starts_with('.'))
    {
        return Some("a part of it starts or ends with a dot".into());
    }
    None
}
