//! Any bytes as a pack: refused, or a portrait that fits together and is written as it was read.
//!
//! | byte | is |
//! |---|---|
//! | 0 | 0: the rest is a file; else it is entries, and becomes an archive |
//! | 1 … | entries: name (modulo 10), length (2), content |
//!
//! An archive that is made here has right hashes in its manifest and right check sums in its PNG
//! files, which no fuzzer would find.

use crate::script::Script;
use sfumato_pack::Pack;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MANIFEST: &str = "manifest.json";

/// By the number in an entry.
const NAMES: [&str; 10] = [
    MANIFEST,
    "painting.png",
    "layers/plate.png",
    "layers/grain.png",
    "layers/eye-right-sclera.png",
    "layers/eye-right-iris.png",
    "layers/eye-left-sclera.png",
    "layers/eye-left-iris.png",
    "rig.bin",
    "network.onnx",
];

/// Larger pictures are left out: they would only take the fuzzer's time.
const PIXELS: u64 = 1 << 18;

pub fn run(bytes: &[u8]) {
    let mut script = Script(bytes);
    let file = match script.byte() {
        0 => script.0.to_vec(),
        _ => match assembled(script) {
            Some(file) => file,
            None => return,
        },
    };
    match Pack::from_bytes(&file) {
        Ok(pack) => {
            assert!(pack.portrait.check().is_ok());
            let written = pack.to_bytes().unwrap();
            let mut again = Pack::from_bytes(&written).unwrap();
            again.manifest.entries = pack.manifest.entries.clone();
            assert!(
                again == pack,
                "{:?} became {:?}",
                pack.manifest,
                again.manifest
            );
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// An archive of the script's entries; none where it would hold a large picture.
fn assembled(mut script: Script<'_>) -> Option<Vec<u8>> {
    let mut manifest = Vec::new();
    let mut entries: Vec<(&str, Vec<u8>)> = Vec::new();
    while !script.is_over() {
        let name = NAMES[usize::from(script.byte()) % NAMES.len()];
        let length = script.short();
        let mut content = script.take(length).to_vec();
        if name == MANIFEST {
            manifest = content;
        } else if entries.iter().all(|(other, _)| *other != name) {
            if name.ends_with(".png") && check_sums(&mut content) > PIXELS {
                return None;
            }
            entries.push((name, content));
        }
    }
    let manifest = vouched(&manifest, &entries).unwrap_or(manifest);
    entries.insert(0, (MANIFEST, manifest));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in &entries {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(*name, stored).unwrap();
        zip.write_all(content).unwrap();
    }
    Some(zip.finish().unwrap().into_inner())
}

/// The manifest with the hashes of all entries; none where it is no JSON table.
fn vouched(manifest: &[u8], entries: &[(&str, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut document: serde_json::Value = serde_json::from_slice(manifest).ok()?;
    let hashes = entries.iter().map(|(name, content)| {
        let hash = Sha256::digest(content);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        ((*name).to_owned(), hash.into())
    });
    let hashes: serde_json::Map<_, _> = hashes.collect();
    document
        .as_object_mut()?
        .insert("entries".to_owned(), hashes.into());
    serde_json::to_vec(&document).ok()
}

/// Puts right the check sums of a PNG file; says how many pixels its first chunk promises.
fn check_sums(file: &mut [u8]) -> u64 {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let pixels =
        number(file.get(16..20).unwrap_or_default()) * number(file.get(20..24).unwrap_or_default());
    let mut at = 8;
    while let Some(length) = file.get(at..at + 4).map(number) {
        let end = at + 8 + length as usize;
        let Some(chunk) = file.get(at + 4..end) else {
            break;
        };
        let check = crc32fast::hash(chunk).to_be_bytes();
        if let Some(place) = file.get_mut(end..end + 4) {
            place.copy_from_slice(&check);
        }
        at = end + 4;
    }
    pixels
}
