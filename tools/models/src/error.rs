//! What can go wrong with models, and what to do about it.

use std::path::PathBuf;

/// Why models could not be fetched or converted. The message names the cure.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// Python or pip did not do its work.
    #[error(
        "cannot fetch MediaPipe with pip: {cause}; install python3-pip and go online, or get \
             the file mediapipe-0.10.14-cp311-*.whl elsewhere and run `cargo xtask models --wheel FILE`"
    )]
    Fetch {
        /// What was said.
        cause: String,
    },
    /// The wheel cannot be read, or lacks a file.
    #[error(
        "{path}: {cause}; a wheel of mediapipe 0.10.14 is needed, from `pip download mediapipe==0.10.14`"
    )]
    Wheel {
        /// The wheel.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A model file is not the expected one.
    #[error("{file} has sha256 {found}, expected {expected}; use a wheel of mediapipe 0.10.14")]
    Hash {
        /// The model file inside the wheel.
        file: String,
        /// The manifest's hash.
        expected: String,
        /// The file's hash.
        found: String,
    },
    /// The bytes are no model of the kind that is understood.
    #[error("not a TensorFlow Lite model that can be converted: {cause}")]
    Format {
        /// What is wrong.
        cause: String,
    },
    /// A generator's description contradicts itself. Cure: a fault of the trainer.
    #[error("the generator cannot be written: {cause}")]
    Generator {
        /// What is wrong.
        cause: String,
    },
    /// A manifest of this project is wrong.
    #[error("manifest {name}: {cause}")]
    Manifest {
        /// Which.
        name: String,
        /// What is wrong.
        cause: String,
    },
    /// The cache cannot be written.
    #[error("{path}: {cause}; make the folder writable, or set SFUMATO_CACHE to one that is")]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}

impl ModelsError {
    /// A fault in the bytes of a model.
    pub(crate) fn format(cause: impl Into<String>) -> Self {
        ModelsError::Format {
            cause: cause.into(),
        }
    }
}
