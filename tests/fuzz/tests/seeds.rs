//! Every seed keeps every promise, and every target has seeds.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use sfumato_fuzz::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes that all seeds together may have.
const ALL: u64 = 200_000;

/// The longest input that `cargo xtask test fuzz` gives.
const LONGEST: u64 = 4096;

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_seed_keeps_every_promise() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let names: BTreeSet<String> = entries(&folder)
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let targets = TARGETS.iter().map(|target| target.name.to_owned());
    assert_eq!(
        names,
        targets.collect(),
        "each target has a folder of seeds"
    );
    let mut all = 0;
    for target in TARGETS {
        let seeds = entries(&folder.join(target.name));
        assert!(seeds.len() >= 4, "{} has hardly any seeds", target.name);
        for seed in seeds {
            // Shown where a promise is broken.
            println!("{}", seed.display());
            let bytes = fs::read(&seed).unwrap();
            assert!(bytes.len() as u64 <= LONGEST, "{} bytes", bytes.len());
            all += bytes.len() as u64;
            (target.run)(&bytes);
        }
    }
    assert!(all <= ALL, "{all} bytes of seeds");
}
