//! Fetches, checks and converts the face models.
//!
//! The project ships no weights. It uses MediaPipe's, which Google publishes under the Apache
//! License 2.0 inside its Python package, and turns them into what its engine reads:
//!
//! ```text
//! pip download mediapipe==0.10.14      (or a wheel file that is there already)
//!   -> the .tflite files inside        (wheel)
//!   -> sha256 as in models/*.toml      (manifest)
//!   -> operators and weights           (tflite, sparse)
//!   -> the part that is wanted         (cut)
//!   -> ONNX                            (convert)
//!   -> the cache, beside a hash        (cache)
//! ```
//!
//! [`ensure`] does all of it, and nothing when the cache is complete. The device reads the cache
//! through `sfumato_faces::store`.
//!
//! [`quantised`] writes baked generators, which the tools make themselves.
//!
//! The conversion is exact: weights stored as 16-bit floats become the same 32-bit floats, sparse
//! weights become dense, every operator becomes the ONNX operator of the same arithmetic. Only
//! the order of a sum may differ between engines.

#![deny(unsafe_code)]

mod cache;
mod convert;
mod cut;
mod error;
mod manifest;
mod parts;
pub mod quantised;
mod sparse;
mod tflite;
#[allow(
    unsafe_code,
    missing_docs,
    missing_debug_implementations,
    unused_qualifications,
    unused_imports,
    dead_code,
    clippy::all,
    clippy::unwrap_used,
    clippy::undocumented_unsafe_blocks
)]
#[rustfmt::skip]
mod tflite_generated;
#[cfg(test)]
mod tests;
mod wheel;

pub use convert::{CONVERTER, convert, cost};
pub use cut::Cut;
pub use error::ModelsError;
pub use manifest::{Manifest, manifests};
pub use sfumato_faces::store::default_folder;
pub use tflite::{Graph, Operation, Operator, Tensor, Values, parse};

use sfumato_faces::store::sha256;
use std::path::{Path, PathBuf};

/// Where models come from and where they go.
#[derive(Clone, Debug)]
pub struct Options {
    /// A wheel of MediaPipe that is there already; none fetches it with pip.
    pub wheel: Option<PathBuf>,
    /// The cache.
    pub folder: PathBuf,
    /// Convert again what is there.
    pub again: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            wheel: None,
            folder: default_folder(),
            again: false,
        }
    }
}

/// Makes sure that all models are in the cache, whole and of this converter.
///
/// Reports long steps through `progress`. Safe to call from several processes at once: files
/// appear whole or not at all.
pub fn ensure(options: &Options, progress: &mut dyn FnMut(&str)) -> Result<(), ModelsError> {
    let manifests = manifests()?;
    let missing: Vec<&Manifest> = manifests
        .iter()
        .filter(|manifest| options.again || !cache::is_current(&options.folder, manifest))
        .collect();
    if missing.is_empty() {
        progress(&format!("models are in {}", options.folder.display()));
        return Ok(());
    }
    let fetched;
    let wheel: &Path = match &options.wheel {
        Some(wheel) => wheel,
        None => {
            fetched = wheel::fetch(&options.folder, progress)?;
            fetched.path()
        }
    };
    for manifest in missing {
        progress(&format!("converting {}", manifest.name));
        let bytes = wheel::read(wheel, &manifest.source.file)?;
        let found = sha256(&bytes);
        if found != manifest.source.sha256 {
            return Err(ModelsError::Hash {
                file: manifest.source.file.clone(),
                expected: manifest.source.sha256.clone(),
                found,
            });
        }
        let mut graph = parse(&bytes)?;
        if let Some(cut) = &manifest.cut {
            graph = cut.of(graph)?;
        }
        hold_to_budget(manifest, &graph)?;
        let onnx = convert(&graph, &manifest.name, &manifest.source.sha256)?;
        cache::write(&options.folder, manifest, &onnx)?;
    }
    progress(&format!("models are in {}", options.folder.display()));
    Ok(())
}

/// The manifest says what a model costs; what it says must be so.
fn hold_to_budget(manifest: &Manifest, graph: &Graph) -> Result<(), ModelsError> {
    let (products, weights) = cost(graph);
    let found = (products.div_ceil(1_000_000), weights.div_ceil(1_000));
    let budget = &manifest.budget;
    if found == (budget.million_multiplications, budget.thousand_weights) {
        return Ok(());
    }
    Err(ModelsError::Manifest {
        name: manifest.name.clone(),
        cause: format!("states another budget than the model's {found:?}"),
    })
}
