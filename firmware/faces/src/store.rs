//! Where the networks' files are, and the proof that they are undamaged.
//!
//! `cargo xtask models` writes, for each network, `NAME.onnx` and beside it `NAME.onnx.sha256`, one
//! line as `sha256sum` writes it. A file whose hash differs (a cut download, a worn flash cell) is refused
//! when it is loaded, with the cure in the message.
//!
//! The folder is the first of these that is set: `$SFUMATO_CACHE`,
//! `$XDG_CACHE_HOME/sfumato/models`, `$HOME/.cache/sfumato/models`; else `/var/lib/sfumato/models`.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The networks for faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// Finds faces wider than about a ninth of the picture.
    DetectShort,
    /// Finds smaller faces too.
    DetectFull,
    /// 468 landmarks of one face, and the features that lips and eyes are looked up in.
    Landmarks,
    /// The lips' landmarks, more sharply.
    Lips,
    /// Those of the subject's right eye, with its iris.
    RightEye,
    /// Those of the left.
    LeftEye,
    /// 468 landmarks alone: not for the perception, but the part that other engines have, too.
    Mesh,
}

impl Model {
    /// All that the perception needs.
    pub const ALL: [Model; 6] = [
        Model::DetectShort,
        Model::DetectFull,
        Model::Landmarks,
        Model::Lips,
        Model::RightEye,
        Model::LeftEye,
    ];

    /// The name of its file and manifest, without ending.
    pub const fn name(self) -> &'static str {
        match self {
            Model::DetectShort => "face_detection_short_range",
            Model::DetectFull => "face_detection_full_range_sparse",
            Model::Landmarks => "face_landmark_with_attention",
            Model::Lips => "face_landmark_lips",
            Model::RightEye => "face_landmark_right_eye",
            Model::LeftEye => "face_landmark_left_eye",
            Model::Mesh => "face_landmark",
        }
    }

    /// The name of the converted network's file.
    pub fn file_name(self) -> String {
        format!("{}.onnx", self.name())
    }

    /// The name of the file that holds its hash.
    pub fn hash_file_name(self) -> String {
        format!("{}.onnx.sha256", self.name())
    }
}

/// Why a network's file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file is not there, or cannot be opened. Cure: `cargo xtask models`.
    #[error("face model missing: {path}: {cause}; run `cargo xtask models`")]
    Missing {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file is not what was written. Cure: `cargo xtask models`.
    #[error("face model damaged: {path} ({cause}); run `cargo xtask models`")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What differs.
        cause: String,
    },
}

/// The folder of the networks' files on this machine; see the module text.
pub fn default_folder() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folder) = set("SFUMATO_CACHE") {
        return PathBuf::from(folder);
    }
    let cache = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")));
    match cache {
        Some(cache) => cache.join("sfumato").join("models"),
        None => PathBuf::from("/var/lib/sfumato/models"),
    }
}

/// Reads a network's file from `folder` and checks it against its hash.
pub fn read(folder: &Path, model: Model) -> Result<Vec<u8>, StoreError> {
    let path = folder.join(model.file_name());
    let hash_path = folder.join(model.hash_file_name());
    let get = |path: &Path| {
        std::fs::read(path).map_err(|cause| StoreError::Missing {
            path: path.to_owned(),
            cause,
        })
    };
    let bytes = get(&path)?;
    let line = get(&hash_path)?;
    let line = String::from_utf8_lossy(&line);
    let expected = line.split_whitespace().next().unwrap_or_default();
    let found = sha256(&bytes);
    if expected != found {
        return Err(StoreError::Damaged {
            path,
            cause: format!("sha256 is {found}, was written as {expected:?}"),
        });
    }
    Ok(bytes)
}

/// The SHA-256 of bytes in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
