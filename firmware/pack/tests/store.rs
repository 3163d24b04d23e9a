//! Packs arrive in parts, and are kept when they are whole and signed.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod sample;

use proptest::prelude::*;
use sample::{bytes, sample};
use sfumato_pack::store::{Address, Store, StoreError};
use sfumato_pack::trust::Trust;
use std::io::Cursor;

/// A store and somebody who sends to it.
struct Sender {
    folder: tempfile::TempDir,
    store: Store,
    pair: minisign::KeyPair,
}

const PART: usize = 400;

impl Sender {
    fn new() -> Sender {
        let folder = tempfile::tempdir().unwrap();
        let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
        let store = Sender::open(&folder, &pair);
        Sender {
            folder,
            store,
            pair,
        }
    }

    fn open(folder: &tempfile::TempDir, pair: &minisign::KeyPair) -> Store {
        let trust = Trust::new([pair.pk.to_base64().as_str()]).unwrap();
        Store::new(folder.path().join("packs"), trust)
    }

    /// The board starts anew.
    fn restart(&mut self) {
        self.store = Sender::open(&self.folder, &self.pair);
    }

    fn signature(&self, bytes: &[u8]) -> Vec<u8> {
        let made = minisign::sign(None, &self.pair.sk, Cursor::new(bytes), None, None);
        made.unwrap().into_string().into_bytes()
    }

    /// Sends parts until `most` of them are there or all is, going on where the board wants to.
    fn send(&mut self, path: &str, bytes: &[u8], most: usize) -> Result<u64, StoreError> {
        let address = Address::parse(path).unwrap();
        let mut at = 0;
        for _ in 0..most {
            let end = bytes.len().min(at + PART);
            let length = (at == 0).then_some(bytes.len() as u64);
            at = self
                .store
                .store(address, at as u64, &bytes[at..end], length)? as usize;
            if at == bytes.len() {
                break;
            }
        }
        Ok(at as u64)
    }

    fn kept(&self) -> Vec<String> {
        self.store
            .kept()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }
}

const GIRL: &str = "/packs/girl.pack";
const GIRL_SIGNATURE: &str = "/packs/girl.pack.minisig";
const ALL: usize = usize::MAX;

#[test]
fn a_signed_pack_is_kept_in_whatever_order_it_comes() {
    for signature_first in [true, false] {
        let mut sender = Sender::new();
        let signature = sender.signature(bytes());
        if signature_first {
            sender.send(GIRL_SIGNATURE, &signature, ALL).unwrap();
        }
        sender.send(GIRL, bytes(), ALL).unwrap();
        if !signature_first {
            assert!(sender.kept().is_empty(), "not signed yet");
            assert!(matches!(
                sender.store.trusted("girl"),
                Err(StoreError::Unknown)
            ));
            sender.send(GIRL_SIGNATURE, &signature, ALL).unwrap();
        }
        assert_eq!(
            (sender.kept(), sender.store.taken()),
            (vec!["girl".into()], 1)
        );
        assert_eq!(sender.store.arriving(), None);
        let file = sender.store.trusted("girl").unwrap();
        assert_eq!(std::fs::read(file).unwrap(), bytes());
    }
}

#[test]
fn an_interrupted_pack_goes_on_where_it_was() {
    let mut sender = Sender::new();
    let signature = sender.signature(bytes());
    sender.send(GIRL_SIGNATURE, &signature, ALL).unwrap();
    let there = sender.send(GIRL, bytes(), 3).unwrap();
    assert_eq!(there, 3 * PART as u64);
    sender.restart();
    let arrival = sender.store.arriving().unwrap();
    assert_eq!((arrival.arrived, arrival.length), (there, None));
    // The first part again: the answer skips what is there.
    assert_eq!(sender.send(GIRL, bytes(), 1).unwrap(), there);
    assert_eq!(
        sender.store.arriving().unwrap().length,
        Some(bytes().len() as u64)
    );
    sender.send(GIRL_SIGNATURE, &signature, ALL).unwrap();
    sender.send(GIRL, bytes(), ALL).unwrap();
    assert_eq!(sender.kept(), ["girl"]);
}

#[test]
fn whoever_begins_twice_begins_anew() {
    // A client that cannot go on from the middle sends the beginning again and again.
    let mut sender = Sender::new();
    let address = Address::parse(GIRL).unwrap();
    let (length, first) = (Some(bytes().len() as u64), &bytes()[..PART]);
    sender.send(GIRL, bytes(), 3).unwrap();
    let mut begin = || sender.store.store(address, 0, first, length).unwrap();
    assert_eq!(begin(), 3 * PART as u64);
    assert_eq!(begin(), PART as u64);
    // Another pack of the same name has another beginning.
    let mut other = bytes().to_vec();
    other[10] ^= 1;
    let next = sender
        .store
        .store(address, 0, &other[..PART], length)
        .unwrap();
    assert_eq!(next, PART as u64);
    assert_eq!(sender.store.arriving().unwrap().arrived, PART as u64);
}

#[test]
fn what_is_not_signed_by_us_is_deleted() {
    let mut sender = Sender::new();
    let stranger = Sender::new().signature(bytes());
    sender.send(GIRL_SIGNATURE, &stranger, ALL).unwrap();
    let error = sender.send(GIRL, bytes(), ALL).unwrap_err();
    assert!(error.to_string().contains("does not trust"), "{error}");
    // Signed, but something else came over the line.
    let signature = sender.signature(bytes());
    let mut other = bytes().to_vec();
    other[bytes().len() / 2] ^= 1;
    sender.send(GIRL_SIGNATURE, &signature, ALL).unwrap();
    let error = sender.send(GIRL, &other, ALL).unwrap_err();
    assert!(error.to_string().contains("not what was signed"), "{error}");
    // Signed by us, but no pack.
    let text = b"Not a pack at all, but signed in due form.";
    let signature = sender.signature(text);
    sender.send(GIRL_SIGNATURE, &signature, ALL).unwrap();
    let error = sender.send(GIRL, text, ALL).unwrap_err();
    assert!(matches!(error, StoreError::Pack(_)), "{error}");
    assert!(sender.kept().is_empty() && sender.store.arriving().is_none());
    let nobody = &mut Store::new(sender.folder.path().join("other"), Trust::default());
    let refused = nobody.store(Address::parse(GIRL).unwrap(), 0, b"x", Some(1));
    assert!(matches!(refused, Err(StoreError::NoKeys)));
}

#[test]
fn a_new_pack_replaces_the_old_one_or_nothing_happens() {
    let mut sender = Sender::new();
    let first = bytes();
    let mut pack = sample();
    pack.manifest.title = "Second".into();
    let second = pack.to_bytes().unwrap();
    let send = |sender: &mut Sender, bytes: &[u8]| {
        let signature = sender.signature(bytes);
        sender.send(GIRL_SIGNATURE, &signature, ALL)?;
        sender.send(GIRL, bytes, ALL)
    };
    send(&mut sender, first).unwrap();
    let stored = |sender: &Sender| std::fs::read(sender.store.trusted("girl").unwrap()).unwrap();
    // Begun only: the old one is still there.
    sender.send(GIRL, &second, 2).unwrap();
    assert_eq!(stored(&sender), first);
    send(&mut sender, &second).unwrap();
    assert_eq!(stored(&sender), second);
    // Written elsewhere on the disk: not trusted any more.
    let file = sender.store.trusted("girl").unwrap();
    std::fs::write(file, first).unwrap();
    assert!(matches!(
        sender.store.trusted("girl"),
        Err(StoreError::Trust(_))
    ));
    sender.store.remove("girl").unwrap();
    assert!(sender.kept().is_empty());
    assert!(matches!(
        sender.store.remove("girl"),
        Err(StoreError::Unknown)
    ));
    assert!(matches!(
        sender.store.remove("../x"),
        Err(StoreError::Unknown)
    ));
}

#[test]
fn impossible_parts_are_refused() {
    let mut sender = Sender::new();
    let address = Address::parse(GIRL).unwrap();
    let store = &mut sender.store;
    assert!(matches!(
        store.store(address, 0, b"x", None),
        Err(StoreError::NoLength)
    ));
    assert!(matches!(
        store.store(address, 7, b"x", None),
        Err(StoreError::Offset)
    ));
    for length in [0, 1, u64::MAX] {
        let refused = store.store(address, 0, b"xx", Some(length));
        assert!(
            matches!(refused, Err(StoreError::Length { .. })),
            "{length}"
        );
    }
    store.store(address, 0, b"xx", Some(4)).unwrap();
    let too_much = store.store(address, 2, b"xxx", None);
    assert!(matches!(too_much, Err(StoreError::Length { length: 4 })));
    // A part that was heard twice changes nothing.
    assert_eq!(store.store(address, 2, b"x", None).unwrap(), 3);
    assert_eq!(store.store(address, 2, b"x", None).unwrap(), 3);
    let signature = Address::parse(GIRL_SIGNATURE).unwrap();
    let long = store.store(signature, 0, b"x", Some(1 << 20));
    assert!(matches!(long, Err(StoreError::Length { .. })));
}

proptest! {
    #[test]
    fn any_order_of_parts_keeps_only_what_was_signed(
        steps in prop::collection::vec((0u64..2000, 0usize..600, any::<bool>(), any::<bool>()), 1..40)
    ) {
        let mut sender = Sender::new();
        let signature = sender.signature(bytes());
        for (offset, count, announces, is_pack) in steps {
            let all = if is_pack { bytes() } else { &signature };
            let path = if is_pack { GIRL } else { GIRL_SIGNATURE };
            let from = (offset as usize).min(all.len());
            let data = &all[from..(from + count).min(all.len())];
            let length = announces.then_some(all.len() as u64);
            let _ = sender.store.store(Address::parse(path).unwrap(), offset, data, length);
            if let Some(arrival) = sender.store.arriving() {
                prop_assert!(arrival.arrived <= bytes().len() as u64);
            }
            for name in sender.kept() {
                let file = sender.store.trusted(&name).unwrap();
                prop_assert_eq!(std::fs::read(file).unwrap(), bytes());
            }
        }
        // Whatever was before, a sender who goes on where the board wants to gets there.
        sender.send(GIRL_SIGNATURE, &signature, ALL).unwrap();
        sender.send(GIRL, bytes(), 1000).unwrap();
        prop_assert_eq!(sender.kept(), ["girl"]);
    }
}
