//! The wheel: MediaPipe's Python package, a zip file.

use crate::ModelsError;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is asked of pip. Platform and Python version are pinned, so that it answers the same on
/// every host; the models inside are the same on all platforms.
const PIP_DOWNLOAD: [&str; 13] = [
    "-m",
    "pip",
    "download",
    "mediapipe==0.10.14",
    "--no-deps",
    "--only-binary=:all:",
    "--platform=manylinux2014_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--python-version=3.11",
    "--implementation=cp",
    "--abi=cp311",
    "--disable-pip-version-check",
    "--quiet",
];

/// Largest file taken out of a wheel; the largest model has 1.3 MB.
const MOST_BYTES: u64 = 64 << 20;

/// A wheel that was fetched, in a folder that goes away with it.
pub(crate) struct Fetched {
    folder: PathBuf,
    wheel: PathBuf,
}

impl Fetched {
    pub(crate) fn path(&self) -> &Path {
        &self.wheel
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        // A folder left behind costs space, no more; there is nobody to tell.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Fetches the wheel with pip into a folder under `cache`.
pub(crate) fn fetch(cache: &Path, progress: &mut dyn FnMut(&str)) -> Result<Fetched, ModelsError> {
    let folder = cache.join(format!("wheel{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|cause| ModelsError::Cache {
        path: folder.clone(),
        cause,
    })?;
    // Owns the folder from here on, so that every way out removes it.
    let mut fetched = Fetched {
        folder: folder.clone(),
        wheel: PathBuf::new(),
    };
    progress("fetching MediaPipe 0.10.14 (35 MB) with pip");
    let output = Command::new("python3")
        .args(PIP_DOWNLOAD)
        .arg("--dest")
        .arg(&folder)
        .output()
        .map_err(|cause| ModelsError::Fetch {
            cause: format!("python3 does not start ({cause})"),
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        return Err(ModelsError::Fetch {
            cause: last.unwrap_or("pip failed and did not say why").to_owned(),
        });
    }
    let wheel = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    fetched.wheel = wheel.ok_or_else(|| ModelsError::Fetch {
        cause: "pip left no wheel".to_owned(),
    })?;
    Ok(fetched)
}

/// Reads one file out of a wheel.
pub(crate) fn read(wheel: &Path, file: &str) -> Result<Vec<u8>, ModelsError> {
    let wrong = |cause: String| ModelsError::Wheel {
        path: wheel.to_owned(),
        cause,
    };
    let opened = std::fs::File::open(wheel).map_err(|error| wrong(error.to_string()))?;
    let mut archive =
        zip::ZipArchive::new(opened).map_err(|error| wrong(format!("no wheel: {error}")))?;
    let entry = archive
        .by_name(file)
        .map_err(|error| wrong(format!("{file}: {error}")))?;
    let mut bytes = Vec::new();
    entry
        .take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(format!("{file}: {error}")))?;
    Ok(bytes)
}
