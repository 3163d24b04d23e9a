//! Packs survive the round trip; damaged ones are refused and never panic.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod sample;

use proptest::prelude::*;
use sample::{bytes, sample};
use sfumato_pack::{Pack, PackError};
use std::io::{Cursor, Write};

#[test]
fn what_is_written_is_read() {
    let read = Pack::from_bytes(bytes()).unwrap();
    let mut expected = sample();
    expected.manifest.entries = read.manifest.entries.clone();
    assert_eq!(read, expected);
    assert_eq!(read.manifest.entries.len(), 7);
    assert_eq!(
        sample().to_bytes().unwrap(),
        bytes(),
        "writing is not repeatable"
    );
}

#[test]
fn files_are_replaced_whole() {
    let folder = std::env::temp_dir().join(format!("sfumato-pack-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("a.pack");
    std::fs::write(&path, b"an older file").unwrap();
    sample().write(&path).unwrap();
    assert_eq!(Pack::read(&path).unwrap().rig, sample().rig);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "left-overs");
    let missing = folder.join("no/such/folder/a.pack");
    assert!(matches!(
        sample().write(&missing),
        Err(PackError::File { .. })
    ));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The sample with one entry replaced and, if asked, its hash left as it was.
fn with_entry(name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes())).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let entry_name = entry.name().unwrap().into_owned();
        let mut data = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut data).unwrap();
        if entry_name == name {
            data = change(data);
        }
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        out.start_file(entry_name, options).unwrap();
        out.write_all(&data).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn a_changed_entry_is_refused_by_name() {
    let changed = with_entry("rig.bin", |mut data| {
        data[17] ^= 1;
        data
    });
    let error = Pack::from_bytes(&changed).unwrap_err();
    assert!(
        matches!(&error, PackError::Hash(name) if name == "rig.bin"),
        "{error}"
    );
}

#[test]
fn a_newer_format_says_so() {
    let newer = with_entry("manifest.json", |data| {
        let text = String::from_utf8(data).unwrap();
        text.replace("\"format\": 1", "\"format\": 2").into_bytes()
    });
    let error = Pack::from_bytes(&newer).unwrap_err();
    assert!(
        matches!(error, PackError::Format { found: 2, .. }),
        "{error}"
    );
}

#[test]
fn a_region_outside_the_painting_is_refused() {
    let wrong = with_entry("manifest.json", |data| {
        let mut json: serde_json::Value = serde_json::from_slice(&data).unwrap();
        json["region"][0] = 4_000_000_000_u32.into();
        serde_json::to_vec(&json).unwrap()
    });
    let error = Pack::from_bytes(&wrong).unwrap_err();
    assert!(matches!(error, PackError::Portrait(_)), "{error}");
}

#[test]
fn a_stranger_in_the_archive_is_refused() {
    let mut zip = zip::ZipWriter::new_append(Cursor::new(bytes().to_vec())).unwrap();
    zip.start_file("extra.sh", zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(b"#!/bin/sh").unwrap();
    let error = Pack::from_bytes(&zip.finish().unwrap().into_inner()).unwrap_err();
    assert!(
        matches!(&error, PackError::Hash(name) if name == "extra.sh"),
        "{error}"
    );
}

#[test]
fn a_manifest_that_grows_without_end_is_refused() {
    let bomb = with_entry("manifest.json", |_| vec![b' '; 64 << 20]);
    assert!(bomb.len() < 1 << 20, "the bomb must be small to be one");
    let error = Pack::from_bytes(&bomb).unwrap_err();
    assert!(matches!(error, PackError::TooLarge(_)), "{error}");
}

#[test]
fn a_directory_without_end_is_refused() {
    // Each entry costs 46 bytes here and ten times as many in memory.
    let count = 60_000_u16;
    let header = [&b"PK\x01\x02"[..], &[0; 42]].concat();
    let mut bytes = header.repeat(count.into());
    let size = bytes.len() as u32;
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([size.to_le_bytes(), [0; 4]].concat());
    bytes.extend([0; 2]);
    let error = Pack::from_bytes(&bytes).unwrap_err();
    assert!(
        matches!(&error, PackError::TooLarge(what) if what.contains("directory")),
        "{error}"
    );
}

#[test]
fn a_large_pack_is_read() {
    let mut large = sample();
    let mut state = 1_u32;
    large.rig.resize_with(8 << 20, || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    });
    let bytes = large.to_bytes().unwrap();
    assert!(bytes.len() > 4 << 20, "{}", bytes.len());
    assert!(Pack::from_bytes(&bytes).unwrap().rig == large.rig);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_cut_pack_is_refused(length in 0..bytes().len()) {
        prop_assert!(Pack::from_bytes(&bytes()[..length]).is_err());
    }

    /// A changed byte is refused, or lies where it means nothing (dates, attributes).
    #[test]
    fn a_changed_byte_never_changes_the_picture(
        at in 0..bytes().len(),
        flip in 1..=255_u8,
    ) {
        let mut damaged = bytes().to_vec();
        damaged[at] ^= flip;
        if let Ok(pack) = Pack::from_bytes(&damaged) {
            let good = Pack::from_bytes(bytes()).unwrap();
            prop_assert_eq!(pack.portrait, good.portrait);
            prop_assert_eq!(pack.rig, good.rig);
        }
    }

    #[test]
    fn noise_is_refused(noise in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(Pack::from_bytes(&noise).is_err());
    }
}
