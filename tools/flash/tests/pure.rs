//! Spans, blocks, rates and block maps: what needs no device.
#![allow(clippy::unwrap_used)]

mod common;

use proptest::prelude::*;
use sfumato_flash::bmap::{Bmap, BmapError};
use sfumato_flash::digest::Digest;
use sfumato_flash::map::{BLOCK, Piece, blocks};
use sfumato_flash::meter::Meter;
use sfumato_flash::record;
use sfumato_flash::show;
use sfumato_flash::spans::Spans;
use std::ops::Range;
use std::time::Duration;

fn span() -> impl Strategy<Value = Range<u64>> {
    (0_u64..200, 0_u64..40).prop_map(|(at, length)| at..at + length)
}

fn pieces() -> impl Strategy<Value = (u64, Vec<Piece>)> {
    let gaps = proptest::collection::vec((1_u64..9, 1_u64..9), 0..12);
    (gaps, 0_u64..4096).prop_map(|(gaps, odd)| {
        let mut at = 0;
        let mut pieces = Vec::new();
        for (gap, length) in gaps {
            let start = at + gap * 4096;
            at = start + length * 4096;
            pieces.push(Piece {
                range: start..at,
                sha256: Some(Digest::of(&at.to_le_bytes())),
            });
        }
        // The last block may be cut.
        let mut size = at + 4096;
        if let Some(last) = pieces.last_mut() {
            last.range.end -= odd;
            size = last.range.end;
        }
        (size, pieces)
    })
}

proptest! {
    #[test]
    fn spans_are_sets(spans in proptest::collection::vec(span(), 0..12), probe in span()) {
        let set: Spans = spans.iter().cloned().collect();
        let inside = |at: u64| spans.iter().any(|span| span.contains(&at));
        prop_assert_eq!(set.bytes(), (0..300).filter(|&at| inside(at)).count() as u64);
        prop_assert_eq!(set.hold(&probe), probe.clone().all(inside));
        let list: Vec<_> = set.iter().collect();
        prop_assert!(list.windows(2).all(|pair| pair[0].end < pair[1].start));
        let cut = set.cut(probe.clone());
        let mut at = probe.start;
        for (piece, held) in cut {
            prop_assert_eq!(piece.start, at);
            prop_assert!(piece.clone().all(|at| inside(at) == held));
            at = piece.end;
        }
        prop_assert_eq!(at, probe.end.max(probe.start));
    }

    #[test]
    fn blocks_cover_a_range(start in 0..3 * BLOCK, length in 0..3 * BLOCK) {
        let mut at = start;
        for block in blocks(start..start + length) {
            prop_assert_eq!(block.start, at);
            prop_assert!(block.end > at && block.end / BLOCK - block.start / BLOCK <= 1);
            prop_assert!(block.end - at <= BLOCK);
            at = block.end;
        }
        prop_assert_eq!(at, start + length);
    }

    #[test]
    fn a_block_map_is_read_as_it_was_written((size, pieces) in pieces()) {
        let text = Bmap::write(size, 4096, &pieces);
        let bmap = Bmap::parse(&text).unwrap();
        prop_assert_eq!(bmap.size, size);
        prop_assert_eq!(bmap.pieces, pieces);
    }

    #[test]
    fn no_changed_letter_of_a_block_map_goes_unnoticed(
        (size, pieces) in pieces(), at in any::<prop::sample::Index>(), letter in b'0'..b'z'
    ) {
        let text = Bmap::write(size, 4096, &pieces);
        let mut changed = text.clone().into_bytes();
        let at = at.index(changed.len());
        prop_assume!(changed[at] != letter);
        changed[at] = letter;
        // A digit of the checksum itself may be written in capitals: that is the same number.
        prop_assume!(!changed.eq_ignore_ascii_case(text.as_bytes()));
        prop_assert!(Bmap::parse(&String::from_utf8(changed).unwrap()).is_err());
    }

    #[test]
    fn any_text_is_read_without_panic(text in "(<|>|bmap|Range|/| |=|\"|version|2.0|[0-9]|-){0,60}") {
        let _ = Bmap::parse(&text);
    }

    #[test]
    fn any_numbers_are_read_without_panic(
        size in any::<u64>(), block in any::<u64>(), count in any::<u64>(), first in any::<u64>(), last in any::<u64>()
    ) {
        // Sound but for its numbers.
        let zeros = "0".repeat(64);
        let text = format!(
            "<bmap version=\"2.0\"><ImageSize>{size}</ImageSize><BlockSize>{block}</BlockSize>\
             <BlocksCount>{count}</BlocksCount><MappedBlocksCount>1</MappedBlocksCount>\
             <ChecksumType>sha256</ChecksumType><BmapFileChecksum>{zeros}</BmapFileChecksum>\
             <BlockMap><Range chksum=\"{}\">{first}-{last}</Range></BlockMap></bmap>",
            "1".repeat(64)
        );
        let sum = Digest::of(text.as_bytes()).to_string();
        if let Ok(bmap) = Bmap::parse(&text.replacen(&zeros, &sum, 1)) {
            prop_assert!(bmap.pieces.iter().all(|piece| piece.range.end <= bmap.size));
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written(spans in proptest::collection::vec(span(), 0..8)) {
        let spans: Spans = spans.into_iter().collect();
        let image = Digest::of(b"image");
        let text = record::write(image, "usb|Stick|7|100", &spans);
        prop_assert_eq!(record::read(&text, image, "usb|Stick|7|100"), Some(spans));
        prop_assert_eq!(record::read(&text, Digest::of(b"other"), "usb|Stick|7|100"), None);
        prop_assert_eq!(record::read(&text, image, "usb|Stick|8|100"), None);
        prop_assert_eq!(record::read(&text[1..], image, "usb|Stick|7|100"), None);
    }

    #[test]
    fn a_steady_rate_is_told_as_it_is(rate in 1_u64..500_000_000, steps in 2_u64..60) {
        let mut meter = Meter::default();
        for step in 0..=steps {
            meter.note(Duration::from_millis(500 * step), rate * step / 2);
        }
        let told = meter.rate().unwrap();
        prop_assert!((told - rate as f64).abs() <= 1.0 + rate as f64 * 1e-6, "{told} for {rate}");
        let left = meter.left(rate * 10).unwrap().as_secs_f64();
        prop_assert!(rate < 100 || (left - 10.0).abs() < 0.3, "{left}");
    }
}

#[test]
fn a_card_that_slows_down_is_noticed_within_ten_seconds() {
    let mut meter = Meter::default();
    for second in 0..=60_u64 {
        let done = 100 * second.min(30) + 10 * second.saturating_sub(30);
        meter.note(Duration::from_secs(second), done);
        if second == 41 {
            assert!((meter.rate().unwrap() - 10.0).abs() < 0.5, "{meter:?}");
        }
    }
    assert_eq!(meter.left(100), Some(Duration::from_secs(10)));
}

#[test]
fn nothing_is_reckoned_from_nothing() {
    let mut meter = Meter::default();
    assert_eq!(meter.rate(), None);
    meter.note(Duration::ZERO, 0);
    meter.note(Duration::from_secs(3), 0);
    assert_eq!(meter.rate(), Some(0.0));
    assert_eq!(meter.left(1), None);
}

#[test]
fn block_maps_of_other_kinds_are_named() {
    let sound = Bmap::write(8192, 4096, &[]);
    let old = sound.replace("\"2.0\"", "\"1.3\"");
    assert_eq!(Bmap::parse(&old), Err(BmapError::Version("1.3".to_owned())));
    let other = sound.replace("sha256", "sha1");
    assert_eq!(
        Bmap::parse(&other),
        Err(BmapError::Checksums("sha1".to_owned()))
    );
    let cut = &sound[..sound.len() / 2];
    assert!(matches!(Bmap::parse(cut), Err(BmapError::NotABmap(_))));
    let changed = sound.replace("<ImageSize> 8192", "<ImageSize> 8193");
    assert!(matches!(
        Bmap::parse(&changed),
        Err(BmapError::Damaged { .. })
    ));
}

#[test]
fn numbers_for_people() {
    assert_eq!(show::bytes(0), "0 B");
    assert_eq!(show::bytes(999), "999 B");
    assert_eq!(show::bytes(1000), "1.00 kB");
    assert_eq!(show::bytes(31_914_983_424), "31.9 GB");
    assert_eq!(show::bytes(999_999_999), "1.00 GB");
    assert_eq!(show::bytes(128_000_000_000), "128 GB");
    assert_eq!(show::time(Duration::from_secs(59)), "59 s");
    assert_eq!(show::time(Duration::from_secs(61)), "1 min 01 s");
    assert_eq!(show::time(Duration::from_secs(7500)), "2 h 05 min");
    assert_eq!(show::fit("Mona Lisa", 5), "Mona…");
    assert_eq!(show::fit("Mona", 5), "Mona");
}
