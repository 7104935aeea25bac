//! How many files, and with them connections, the process may have open.

/// Raises the limit as far as the system permits, as Go's runtime does for Go's programs. Many
/// systems let a process begin with 1,024, and have it ask for more.
pub fn raise() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
}

/// How many may be open.
#[must_use]
pub fn limit() -> usize {
    #[cfg(unix)]
    {
        // An error would mean that there is no such limit.
        let limit = rlimit::Resource::NOFILE.get_soft().unwrap_or(u64::MAX);
        usize::try_from(limit).unwrap_or(usize::MAX)
    }
    #[cfg(not(unix))]
    {
        usize::MAX
    }
}
