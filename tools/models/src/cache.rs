//! The cache: converted models on disk, each beside its hash.

use crate::{CONVERTER, Manifest, ModelsError};
use sfumato_faces::store::sha256;
use sfumato_infer::onnx::{Message, ModelProto};
use std::io::Write;
use std::path::Path;

/// Whether the model is there, whole, made from the manifest's source by this converter.
pub(crate) fn is_current(folder: &Path, manifest: &Manifest) -> bool {
    let Ok(bytes) = std::fs::read(folder.join(format!("{}.onnx", manifest.name))) else {
        return false;
    };
    let recorded = std::fs::read_to_string(folder.join(format!("{}.onnx.sha256", manifest.name)));
    if recorded.is_ok_and(|line| line.split_whitespace().next() != Some(&sha256(&bytes))) {
        return false;
    }
    ModelProto::decode(bytes.as_slice()).is_ok_and(|model| {
        (
            model.producer_name.as_str(),
            model.producer_version.as_str(),
        ) == CONVERTER
            && model.doc_string == manifest.source.sha256
    })
}

/// Writes a converted model and its hash. Each appears whole or not at all; if the power goes
/// between the two, the hash does not fit and the next run makes both again.
pub(crate) fn write(folder: &Path, manifest: &Manifest, onnx: &[u8]) -> Result<(), ModelsError> {
    let file = format!("{}.onnx", manifest.name);
    replace(&folder.join(&file), onnx)?;
    let line = format!("{}  {file}\n", sha256(onnx));
    replace(&folder.join(format!("{file}.sha256")), line.as_bytes())
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), ModelsError> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".part{}", std::process::id()));
    let part = Path::new(&part);
    let write = || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = std::fs::File::create(part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(part, path)
    };
    write().map_err(|cause| {
        // What is left of a failed write helps nobody; the first error is the one to report.
        let _ = std::fs::remove_file(part);
        ModelsError::Cache {
            path: path.to_owned(),
            cause,
        }
    })
}
