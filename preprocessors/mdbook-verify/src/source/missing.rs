//! Why the file of an include cannot be read, and which one may have been meant.

use std::fs;
use std::path::Path;

use super::complaint::Complaint;
use super::files::{Unread, lexical, shown, way};
use super::link::{Include, Kind};
use crate::finding::{Code, nearest};

/// An include whose file cannot be read.
pub(super) struct Missing<'a> {
    pub(super) include: &'a Include<'a>,
    /// The folder from which its path starts.
    pub(super) base: &'a Path,
    /// The folders from which its author may have thought that it starts.
    pub(super) folders: [&'a Path; 2],
}

impl Missing<'_> {
    pub(super) fn complaint(&self, unread: &Unread, root: &Path) -> Complaint {
        let target = self.base.join(self.include.path);
        let message = format!("names {}, which {unread}", shown(&target, root).display());
        let help = match unread {
            Unread::Missing => self
                .playground()
                .or_else(|| self.misled())
                .or_else(|| self.sibling()),
            Unread::NotAFile | Unread::NotUtf8(_) | Unread::Other(_) => None,
        };
        Complaint::error(Code::INCLUDE_MISSING, message).maybe_help(help)
    }

    /// For a playground, unlike for the others, lines are part of the path.
    fn playground(&self) -> Option<String> {
        let (path, _) = self
            .include
            .path
            .split_once(':')
            .filter(|_| self.include.kind == Kind::Playground)?;
        let exists = self.base.join(path).is_file();
        exists.then(|| "a playground shows its whole file: no lines, no anchor".to_owned())
    }

    /// The path is right, but from elsewhere.
    fn misled(&self) -> Option<String> {
        let found = self
            .folders
            .map(|folder| folder.join(self.include.path))
            .into_iter()
            .find(|path| path.is_file())?;
        let path = way(&lexical(self.base), &lexical(&found));
        Some(format!(
            "paths start from the folder of the file that holds the include: `{}`",
            path.display()
        ))
    }

    /// The file in the same folder whose name is nearest.
    fn sibling(&self) -> Option<String> {
        let path = self.include.path;
        let target = self.base.join(path);
        let Ok(entries) = fs::read_dir(target.parent()?) else {
            return Some("its folder does not exist".to_owned());
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        let near = nearest(
            target.file_name()?.to_str()?,
            names.iter().map(String::as_str),
        )?;
        let folder = path.rfind('/').map_or("", |slash| &path[..=slash]);
        Some(format!("did you mean `{folder}{near}`?"))
    }
}
