//! Programs that go on running while others are called.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use super::group::Group;
use super::{Call, ToolError};

/// A program that runs until this is dropped.
#[derive(Debug)]
pub struct Background {
    program: PathBuf,
    group: Group,
}

impl Call<'_> {
    /// Starts the program and goes on. What it prints goes to the file `log`.
    ///
    /// # Errors
    /// When it cannot be started, or the file not be made.
    pub fn background(self, log: &Path) -> Result<Background, ToolError> {
        let failed = |error| ToolError::Io(self.program.clone(), error);
        let stdout = File::create(log).map_err(failed)?;
        let stderr = stdout.try_clone().map_err(failed)?;
        let group = self.start([Stdio::null(), stdout.into(), stderr.into()])?;
        Ok(Background {
            program: self.program,
            group,
        })
    }
}

impl Background {
    /// How it ended, if it has.
    ///
    /// # Errors
    /// When nobody can say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, ToolError> {
        let status = self.group.try_wait();
        status.map_err(|error| ToolError::Io(self.program.clone(), error))
    }
}
