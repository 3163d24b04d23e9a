//! Baked networks on ONNX Runtime: the test of the feature `tensorrt`, with the processor in place of a GPU.
//!
//! The library is taken from the wheel of a pinned version and hash, once, into the cache.

use crate::steps::{cargo_with, command, step};
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use xtask::{cache, prerequisites};

/// What is fetched: the version that `atelier bench` compares with.
const VERSION: &str = "1.32.0";

/// The wheel's platform and hash, for the processors that tests run on.
const WHEEL: Option<[&str; 2]> = if cfg!(target_arch = "x86_64") {
    Some([
        "manylinux_2_28_x86_64",
        "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d",
    ])
} else if cfg!(target_arch = "aarch64") {
    Some([
        "manylinux_2_28_aarch64",
        "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c",
    ])
} else {
    None
};

/// Fetches the library where it is missing, and runs the test.
pub fn test() -> Result<()> {
    step("ONNX Runtime", || {
        let Some(wheel) = WHEEL else {
            println!("   SKIPPED: no wheel is known for this processor");
            return Ok(());
        };
        prerequisites::ensure(&[prerequisites::MODELS])?;
        let library = library(wheel)?;
        let library = library.to_str().context("the cache's path is not UTF-8")?;
        cargo_with(
            &[
                "test",
                "--workspace",
                "--locked",
                "--features",
                "sfumato/tensorrt,sfumato-models/tensorrt",
                "--test",
                "runtime",
                "--",
                "--nocapture",
            ],
            &[("SFUMATO_ONNXRUNTIME", library)],
        )
    })
}

/// The library in the cache, fetched if need be.
fn library([platform, hash]: [&str; 2]) -> Result<PathBuf> {
    let folder = cache::folder().join(format!("onnxruntime-{VERSION}"));
    let library = folder.join(format!("libonnxruntime.so.{VERSION}"));
    if library.is_file() {
        return Ok(library);
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let unpacked = folder.join(format!("wheel{}", std::process::id()));
    let result = unpack(&unpacked, platform, hash).and_then(|found| {
        // In one move: whoever else fetches finds all of it or nothing.
        fs::rename(found, &library).context("cannot move the library into the cache")
    });
    // A folder left behind costs space, no more.
    let _ = fs::remove_dir_all(&unpacked);
    result.map(|()| library)
}

/// Fetches the wheel into `folder`, checks it, and unpacks the library.
fn unpack(folder: &Path, platform: &str, hash: &str) -> Result<PathBuf> {
    let path = folder.to_str().context("the cache's path is not UTF-8")?;
    command(
        "python3",
        &[
            "-m",
            "pip",
            "download",
            &format!("onnxruntime=={VERSION}"),
            "--no-deps",
            "--only-binary=:all:",
            &format!("--platform={platform}"),
            "--python-version=3.11",
            "--implementation=cp",
            "--abi=cp311",
            "--disable-pip-version-check",
            "--quiet",
            "--dest",
            path,
        ],
    )
    .context("cannot fetch ONNX Runtime with pip; go online, or leave this step out")?;
    let is_wheel = |path: &PathBuf| path.extension().is_some_and(|end| end == "whl");
    let mut files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let Some(wheel) = files.find(is_wheel) else {
        bail!("pip left no wheel in {path}");
    };
    let found = format!("{:x}", Sha256::digest(fs::read(&wheel)?));
    ensure!(
        found == hash,
        "{} has sha256 {found}, expected {hash}",
        wheel.display()
    );
    let wheel = wheel.to_str().context("the cache's path is not UTF-8")?;
    command("python3", &["-m", "zipfile", "-e", wheel, path])?;
    Ok(folder.join(format!("onnxruntime/capi/libonnxruntime.so.{VERSION}")))
}
