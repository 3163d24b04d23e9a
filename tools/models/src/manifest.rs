//! Manifests: what a model is, where it comes from, what goes in and what comes out.
//!
//! One file a model in the project's folder `models/`, compiled in.

use crate::{Cut, ModelsError};
use serde::Deserialize;

const FILES: [(&str, &str); 7] = [
    (
        "face_detection_short_range",
        include_str!("../../../models/face_detection_short_range.toml"),
    ),
    (
        "face_detection_full_range_sparse",
        include_str!("../../../models/face_detection_full_range_sparse.toml"),
    ),
    (
        "face_landmark_with_attention",
        include_str!("../../../models/face_landmark_with_attention.toml"),
    ),
    (
        "face_landmark_lips",
        include_str!("../../../models/face_landmark_lips.toml"),
    ),
    (
        "face_landmark_right_eye",
        include_str!("../../../models/face_landmark_right_eye.toml"),
    ),
    (
        "face_landmark_left_eye",
        include_str!("../../../models/face_landmark_left_eye.toml"),
    ),
    (
        "face_landmark",
        include_str!("../../../models/face_landmark.toml"),
    ),
];

/// What is known of a model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name of the model and of its files.
    pub name: String,
    /// What it does, in a sentence.
    pub task: String,
    /// Where it comes from.
    pub source: Source,
    /// The part of the file that it is; none for all of it.
    #[serde(default)]
    pub cut: Option<Cut>,
    /// What goes in.
    pub input: Input,
    /// What comes out, in order.
    pub output: Vec<Output>,
    /// What it costs.
    pub budget: Budget,
}

/// Where a model comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Who made it.
    pub authors: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// The Python package that holds it.
    pub package: String,
    /// That package's version.
    pub version: String,
    /// The file inside the package.
    pub file: String,
    /// The file's SHA-256.
    pub sha256: String,
    /// What its makers say about it.
    pub card: String,
}

/// What goes into a model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Shape of the converted model's input: 1, channels, height, width.
    pub shape: Vec<usize>,
    /// Order of the channels.
    pub channels: String,
    /// The numbers for black and white.
    pub levels: [f32; 2],
    /// Which part of a picture it looks at.
    pub crop: String,
}

/// One output of a model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Its shape.
    pub shape: Vec<usize>,
    /// What the numbers mean.
    pub meaning: String,
}

/// What a model costs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Multiplications of a run, in millions, rounded up.
    pub million_multiplications: u64,
    /// Weights, in thousands, rounded up; zeros count.
    pub thousand_weights: u64,
}

/// All manifests.
pub fn manifests() -> Result<Vec<Manifest>, ModelsError> {
    FILES
        .iter()
        .map(|(name, text)| {
            let wrong = |cause: String| ModelsError::Manifest {
                name: (*name).to_owned(),
                cause,
            };
            let manifest: Manifest =
                toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
            if manifest.name != *name {
                return Err(wrong(format!("is called {}", manifest.name)));
            }
            Ok(manifest)
        })
        .collect()
}
