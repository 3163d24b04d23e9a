//! Any bytes as a clip's record, or as a cache's index: refused, or written as they were read.
//!
//! | byte | is |
//! |---|---|
//! | 0 | 0: the rest is a record; 1: the same without its SHA-256; else: the rest is an index |
//!
//! A record that is made here has the right SHA-256 at its end, which no fuzzer would find.

use crate::script::Script;
use sfumato_corpus::record::{Record, seal};
use sfumato_corpus::{Crops, index};

pub fn run(bytes: &[u8]) {
    let mut script = Script(bytes);
    let kind = script.byte();
    let rest = script.0;
    match kind {
        0 => record(rest),
        1 => record(&seal(rest.to_vec())),
        _ => list(&String::from_utf8_lossy(rest)),
    }
}

fn record(bytes: &[u8]) {
    match Record::decode(bytes) {
        Ok((record, digest)) => {
            let (again, same) = record.encode();
            assert!(again == bytes && same == digest, "{record:?}");
            for seen in record.frames.iter().filter_map(|frame| frame.seen.as_ref()) {
                let landmarks = seen.landmarks();
                assert!(
                    landmarks
                        .iter()
                        .all(|at| at.x.is_finite() && at.y.is_finite())
                );
            }
            // Other bytes than its crops.
            assert!(Crops::new(&record, bytes.to_vec()).is_err());
        }
        Err(damage) => assert!(!damage.to_string().is_empty()),
    }
}

fn list(text: &str) {
    if let Some((recipe, entries)) = index::parse(text) {
        assert!(index::text(recipe, &entries).0 == text);
    }
}
