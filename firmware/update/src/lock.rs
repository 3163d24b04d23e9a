//! One at a time.

use crate::Error;
use crate::paths::Paths;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};

/// Held while slots or entries are changed; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Waits until nobody else has it.
    pub(crate) fn wait(paths: &Paths) -> Result<Lock, Error> {
        let run = paths.run();
        fs::create_dir_all(&run).map_err(|error| Error::file(&run, error))?;
        let path = run.join("lock");
        let file = File::create(&path).map_err(|error| Error::file(&path, error))?;
        flock(&file, FlockOperation::LockExclusive)
            .map_err(|error| Error::file(&path, error.into()))?;
        Ok(Lock(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}
