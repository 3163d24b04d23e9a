//! Updates with a scripted folder: what a client is told, power cuts at every step, disks that fail.

use super::arrival::{Arrival, ArrivalError};
use super::spool::{Folders, Item, Spool};
use super::state::Sha256;
use super::*;
use proptest::prelude::*;
use serde_json::json;
use sha2::Digest;
use std::collections::BTreeMap;
use std::fs;

/// How much of the step at which the power is cut is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Nothing,
    Half,
    All,
}

/// What goes wrong, and at which step that changes something, the first being 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trouble {
    #[default]
    None,
    Cut(usize, Done),
    Fails(usize),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Bytes {
    now: Vec<u8>,
    /// What is on the disk whatever happens.
    kept: Vec<u8>,
}

/// Files in memory, by a script.
#[derive(Clone, Debug, Default)]
struct Memory {
    state: Option<Vec<u8>>,
    files: BTreeMap<Item, Bytes>,
    /// Removed, which is not on the disk yet.
    removed: BTreeMap<Item, Bytes>,
    room: u64,
    steps: usize,
    trouble: Trouble,
    dark: bool,
}

impl Memory {
    fn new() -> Memory {
        Memory {
            state: Some(told(json!({}))),
            room: 1 << 40,
            ..Memory::default()
        }
    }

    /// A step that changes something: how much of it is done.
    fn step(&mut self) -> io::Result<Done> {
        self.alive()?;
        self.steps += 1;
        match self.trouble {
            Trouble::Cut(at, done) if at == self.steps => {
                self.dark = true;
                Ok(done)
            }
            Trouble::Fails(at) if at == self.steps => Err(io::Error::other("scripted")),
            _ => Ok(Done::All),
        }
    }

    fn alive(&self) -> io::Result<()> {
        if self.dark {
            return Err(io::Error::other("no power"));
        }
        Ok(())
    }

    /// After the power has come back. `loses`: what was not synced has not reached the disk.
    fn powered(&self, loses: bool) -> Memory {
        let mut after = Memory {
            files: self.files.clone(),
            state: self.state.clone(),
            room: self.room,
            ..Memory::default()
        };
        if loses {
            for bytes in after.files.values_mut() {
                bytes.now.clone_from(&bytes.kept);
            }
            for (item, bytes) in &self.removed {
                after.files.entry(*item).or_insert_with(|| bytes.clone());
            }
        }
        for bytes in after.files.values_mut() {
            bytes.kept.clone_from(&bytes.now);
        }
        after
    }

    fn bytes(&self, item: Item) -> Option<&[u8]> {
        self.files.get(&item).map(|bytes| &bytes.now[..])
    }
}

/// What a step answers when the power goes.
fn ended(memory: &Memory) -> io::Result<()> {
    memory.alive()
}

impl Spool for Memory {
    fn state(&mut self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.state.clone())
    }

    fn size(&mut self, item: Item) -> io::Result<Option<u64>> {
        self.alive()?;
        Ok(self.bytes(item).map(|bytes| bytes.len() as u64))
    }

    fn read(&mut self, item: Item) -> io::Result<Option<Vec<u8>>> {
        self.alive()?;
        Ok(self.bytes(item).map(<[u8]>::to_vec))
    }

    fn hash(&mut self, item: Item) -> io::Result<[u8; 32]> {
        self.alive()?;
        let bytes = self.bytes(item).ok_or(io::ErrorKind::NotFound)?;
        Ok(sha2::Sha256::digest(bytes).into())
    }

    fn write(&mut self, item: Item, offset: u64, data: &[u8]) -> io::Result<()> {
        let count = match self.step()? {
            Done::Nothing => return ended(self),
            Done::Half => data.len() / 2,
            Done::All => data.len(),
        };
        let at = usize::try_from(offset).unwrap();
        if at == 0 {
            // Made anew, under a name that may be on the disk or not.
            self.files.insert(item, Bytes::default());
        }
        let bytes = self.files.get_mut(&item).ok_or(io::ErrorKind::NotFound)?;
        assert!(at <= bytes.now.len(), "a hole in a file");
        bytes.now.truncate(at);
        bytes.now.extend_from_slice(&data[..count]);
        ended(self)
    }

    fn sync(&mut self, item: Item) -> io::Result<()> {
        if self.step()? == Done::All {
            let bytes = self.files.get_mut(&item).ok_or(io::ErrorKind::NotFound)?;
            bytes.kept.clone_from(&bytes.now);
        }
        ended(self)
    }

    fn rename(&mut self, from: Item, to: Item) -> io::Result<()> {
        if self.step()? == Done::All {
            let bytes = self.files.remove(&from).ok_or(io::ErrorKind::NotFound)?;
            self.files.insert(to, bytes);
            self.removed.clear();
        }
        ended(self)
    }

    fn remove(&mut self, item: Item) -> io::Result<()> {
        if self.step()? == Done::All
            && let Some(bytes) = self.files.remove(&item)
        {
            self.removed.insert(item, bytes);
        }
        ended(self)
    }

    fn room(&mut self) -> io::Result<u64> {
        self.alive()?;
        Ok(self.room)
    }
}

/// What the service says: a confirmed one runs, an older one is the other, but for `changes`.
fn told(changes: serde_json::Value) -> Vec<u8> {
    let mut state = json!({
        "board": "qemu-x86_64", "running": "a", "busy": null, "last": null,
        "slots": [
            {"slot": "a", "version": "0.2.0", "sha256": "0a".repeat(32), "state": "confirmed",
             "tries_left": null, "next": true, "size": 5000},
            {"slot": "b", "version": "0.1.0", "sha256": "0b".repeat(32), "state": "confirmed",
             "tries_left": null, "next": false, "size": 4000},
        ],
    });
    for (path, value) in changes.as_object().unwrap() {
        *state.pointer_mut(path).unwrap() = value.clone();
    }
    serde_json::to_vec(&state).unwrap()
}

fn updates(changes: serde_json::Value) -> Updates<Memory> {
    let mut memory = Memory::new();
    memory.state = Some(told(changes));
    Updates::new(memory)
}

const PART: usize = 300;

fn bundle(seed: u8) -> Vec<u8> {
    (0..1000u32).map(|at| (at % 241) as u8 ^ seed).collect()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// Part of an upload as clients send it.
fn part<'a>(bytes: &'a [u8], at: usize, hash: Option<&'a [u8; 32]>) -> Upload<'a> {
    Upload {
        image: 0,
        offset: at as u64,
        data: &bytes[at..bytes.len().min(at + PART)],
        length: (at == 0).then_some(bytes.len() as u64),
        hash: if at == 0 { hash } else { None },
        upgrade: false,
    }
}

/// A client that follows the offsets to the end; whether the hash was right.
fn send(
    updates: &mut dyn Images,
    bytes: &[u8],
    hash: Option<&[u8; 32]>,
) -> Result<Option<bool>, Untouched> {
    let mut at = 0;
    for _ in 0..100 {
        let answer = updates.upload(&part(bytes, at, hash))?;
        at = usize::try_from(answer.offset).unwrap();
        if at == bytes.len() {
            return Ok(answer.matches);
        }
    }
    panic!("no end");
}

fn wish(updates: &Updates<Memory>) -> Option<&str> {
    let bytes = updates.spool.bytes(Item::Request)?;
    Some(str::from_utf8(bytes).unwrap().trim_end())
}

#[test]
fn a_bundle_comes_and_is_handed_over() {
    let (bytes, mut updates) = (bundle(0), updates(json!({})));
    let hash = sha256(&bytes);
    assert_eq!(send(&mut updates, &bytes, Some(&hash)), Ok(Some(true)));
    assert_eq!(updates.spool.bytes(Item::Bundle), Some(&bytes[..]));
    assert_eq!(wish(&updates), Some("install"));
    assert_eq!(updates.spool.files.len(), 2, "nothing is left over");
    // Without a hash the length is all there is.
    let mut updates = self::updates(json!({}));
    assert_eq!(send(&mut updates, &bytes, None), Ok(None));
    assert_eq!(updates.spool.bytes(Item::Bundle), Some(&bytes[..]));
}

#[test]
fn what_was_broken_off_goes_on_where_it_was() {
    let bytes = bundle(0);
    let hash = sha256(&bytes);
    let mut updates = updates(json!({}));
    updates.upload(&part(&bytes, 0, Some(&hash))).unwrap();
    updates.upload(&part(&bytes, PART, None)).unwrap();
    let mut told = String::new();
    updates.tell(&mut told).unwrap();
    assert!(told.contains("arriving: 0.0 of 0.0 MB have come"), "{told}");
    // The program starts anew; somebody else begins from the beginning.
    let mut updates = Updates::new(updates.spool);
    let answer = updates.upload(&part(&bytes, 0, Some(&hash))).unwrap();
    assert_eq!(answer.offset, 2 * PART as u64);
    // The program starts anew under a client that goes on.
    let mut updates = Updates::new(updates.spool);
    let answer = updates.upload(&part(&bytes, 2 * PART, None)).unwrap();
    assert_eq!(answer.offset, 3 * PART as u64);
    // A part that was heard twice, one too early.
    for at in [PART, 900] {
        let at = part(&bytes, at, None);
        let answer = updates.upload(&at).unwrap();
        assert!(answer.offset == 900 || answer.offset == 1000, "{answer:?}");
    }
    assert_eq!(wish(&updates), Some("install"));
    // Another bundle begins anew, and so does one without a hash.
    for hash in [Some(sha256(&bundle(1))), None] {
        let (first, second) = (bundle(0), bundle(1));
        let old = sha256(&first);
        let mut updates = self::updates(json!({}));
        updates.upload(&part(&first, 0, Some(&old))).unwrap();
        updates.upload(&part(&first, PART, None)).unwrap();
        let answer = updates.upload(&part(&second, 0, hash.as_ref())).unwrap();
        assert_eq!(answer.offset, PART as u64);
        let matches = send(&mut updates, &second, hash.as_ref()).unwrap();
        assert_eq!(matches, hash.map(|_| true));
        assert_eq!(updates.spool.bytes(Item::Bundle), Some(&second[..]));
    }
}

#[test]
fn what_is_not_as_announced_is_deleted() {
    let (bytes, mut updates) = (bundle(0), updates(json!({})));
    let hash = sha256(&bundle(1));
    assert_eq!(send(&mut updates, &bytes, Some(&hash)), Ok(Some(false)));
    assert!(updates.spool.files.is_empty(), "{:?}", updates.spool.files);
    assert_eq!(wish(&updates), None);
}

#[test]
fn impossible_parts_are_refused() {
    let mut updates = updates(json!({}));
    let bytes = bundle(0);
    let first = part(&bytes, 0, None);
    let number = |taken: Result<Uploaded, Untouched>| match taken {
        Err(Untouched::Error(number, Denied(words))) => {
            assert!(!words.is_empty());
            Some(number)
        }
        _ => None,
    };
    let mut take = |part: Upload<'_>| number(updates.upload(&part));
    assert_eq!(take(part(&bytes, PART, None)), Some(ImageError::NotOpen));
    for (length, refused) in [
        (None, ImageError::InvalidLength),
        (Some(0), ImageError::InvalidLength),
        (Some(299), ImageError::Overrun),
        (Some(4001), ImageError::TooLarge),
        (Some(u64::MAX), ImageError::TooLarge),
    ] {
        assert_eq!(
            take(Upload { length, ..first }),
            Some(refused),
            "{length:?}"
        );
    }
    assert_eq!(
        take(Upload { image: 1, ..first }),
        Some(ImageError::InvalidSlot)
    );
    let length = Some(PART as u64 + 1);
    assert_eq!(take(Upload { length, ..first }), None);
    assert_eq!(take(part(&bytes, PART, None)), Some(ImageError::Overrun));
    updates.spool.room = 900;
    assert!(matches!(
        updates.upload(&part(&bytes, 0, None)),
        Err(Untouched::Denied(Denied(words))) if words.contains("no room")
    ));
}

#[test]
fn slots_are_told_in_the_protocols_words() {
    let states = |changes| {
        let mut all = Vec::new();
        let mut updates = updates(changes);
        let told = updates.states(&mut |states| {
            all = states
                .iter()
                .map(|state| {
                    let flags = [
                        state.bootable,
                        state.pending,
                        state.confirmed,
                        state.active,
                        state.permanent,
                    ];
                    let hash = state.hash.map(|hash| hash[0]);
                    (state.slot, state.version.to_owned(), hash, flags)
                })
                .collect();
        });
        told.unwrap();
        all
    };
    let row = |slot, version: &str, hash, flags: &str| {
        let flags = [0, 1, 2, 3, 4].map(|at| flags.as_bytes()[at] == b'x');
        (slot, version.to_owned(), hash, flags)
    };
    //                                  bootable, pending, confirmed, active, permanent
    let runs = row(0, "0.2.0", Some(10), "x-xx-");
    assert_eq!(
        states(json!({})),
        [runs.clone(), row(1, "0.1.0", Some(11), "x-x--")]
    );
    assert_eq!(
        states(json!({"/slots/1/state": "trial", "/slots/1/next": true, "/slots/0/next": false})),
        [runs.clone(), row(1, "0.1.0", Some(11), "xx---")]
    );
    assert_eq!(
        states(json!({"/slots/1/next": true, "/slots/0/next": false})),
        [runs.clone(), row(1, "0.1.0", Some(11), "xxx-x")]
    );
    assert_eq!(
        states(json!({"/running": "b", "/slots/1/state": "trial", "/slots/1/sha256": null})),
        [
            row(0, "0.2.0", Some(10), "xxx-x"),
            row(1, "0.1.0", None, "x--x-")
        ]
    );
    assert_eq!(
        states(json!({"/slots/1/state": "bad"})),
        [runs.clone(), row(1, "0.1.0", Some(11), "-----")]
    );
    assert_eq!(states(json!({"/slots/1/state": "empty"})), [runs]);
    assert_eq!(updates(json!({})).slots(), Ok([5000, 4000]));
}

#[test]
fn wishes_are_left_for_the_service() {
    let (a, b) = ([10; 32], [11; 32]);
    let test = |hash: [u8; 32]| format!("test {}", Sha256(hash));
    for (changes, hash, confirm, outcome) in [
        (json!({}), None, true, Ok("confirm".to_owned())),
        (json!({}), Some(a), true, Ok("confirm".to_owned())),
        (json!({}), Some(b), false, Ok(test(b))),
        (
            json!({}),
            Some(b),
            true,
            Err(Some(ImageError::ConfirmDenied)),
        ),
        (
            json!({}),
            Some(a),
            false,
            Err(Some(ImageError::TestOfRunningDenied)),
        ),
        (
            json!({}),
            Some([1; 32]),
            false,
            Err(Some(ImageError::HashNotFound)),
        ),
        (json!({"/slots/1/state": "bad"}), Some(b), false, Err(None)),
        (json!({"/busy": "installing 40 %"}), None, true, Err(None)),
        // The same version twice.
        (
            json!({"/slots/0/sha256": "0b".repeat(32)}),
            Some(b),
            false,
            Ok(test(b)),
        ),
    ] {
        let mut updates = updates(changes.clone());
        let marked = updates.mark(hash.as_ref(), confirm);
        let told = match marked {
            Ok(()) => Ok(wish(&updates).unwrap().to_owned()),
            Err(Untouched::Error(number, _)) => Err(Some(number)),
            Err(Untouched::Denied(_)) => Err(None),
        };
        assert_eq!(told, outcome, "{changes} {hash:?} {confirm}");
        assert_eq!(wish(&updates).is_some(), outcome.is_ok());
    }
    for (changes, outcome) in [
        (json!({}), Some(test(b))),
        (json!({"/running": "b"}), Some(test(a))),
        (json!({"/slots/1/sha256": null}), None),
        (json!({"/slots/1/state": "empty"}), None),
        (json!({"/slots/1/state": "bad"}), None),
        (json!({"/slots/1/slot": "a"}), None),
        (json!({"/busy": "installing"}), None),
    ] {
        let mut updates = updates(changes.clone());
        assert_eq!(updates.back().is_ok(), outcome.is_some(), "{changes}");
        assert_eq!(wish(&updates), outcome.as_deref(), "{changes}");
    }
    for (changes, slot, outcome) in [
        (json!({}), 1, Some("erase b")),
        (json!({"/running": "b"}), 0, Some("erase a")),
        (json!({}), 0, None),
        (json!({}), 2, None),
        (json!({"/slots/0/state": "trial"}), 1, None),
    ] {
        let mut updates = updates(changes.clone());
        assert_eq!(updates.erase(slot).is_ok(), outcome.is_some(), "{changes}");
        assert_eq!(wish(&updates), outcome, "{changes}");
    }
}

#[test]
fn nothing_is_sent_while_something_is_under_way_or_on_trial() {
    let bytes = bundle(0);
    for changes in [
        json!({"/busy": "installing 40 %"}),
        json!({"/slots/0/state": "trial"}),
        json!({"/slots/1/slot": "a"}),
    ] {
        let mut updates = updates(changes);
        assert!(send(&mut updates, &bytes, None).is_err());
        assert!(updates.spool.files.is_empty());
    }
}

#[test]
fn how_updates_are_is_told_in_lines() {
    let told = |changes| {
        let mut told = String::new();
        updates(changes).tell(&mut told).unwrap();
        told
    };
    assert_eq!(
        told(json!({})),
        "board: qemu-x86_64\nslot a: 0.2.0, confirmed, runs, starts next\nslot b: 0.1.0, confirmed\n"
    );
    let last = json!({"what": "install", "version": "0.1.0", "outcome": "refused",
                      "reason": "older than what runs", "from": "serial"});
    let busy = told(json!({
        "/slots/0/state": "trial", "/slots/0/tries_left": 2, "/slots/1/state": "empty",
        "/busy": "installing 40 %", "/last": last,
    }));
    assert_eq!(
        busy,
        "board: qemu-x86_64\nslot a: 0.2.0, on trial, 2 tries left, runs, starts next\nslot b: empty\n\
         now: installing 40 %\nlast: install of 0.1.0 from serial: refused, older than what runs\n"
    );
    let news = |changes| updates(changes).news();
    assert_eq!(news(json!({})), None);
    let trial = news(json!({"/slots/0/state": "trial", "/slots/0/tries_left": 1}));
    assert_eq!(trial, Some(("trial", "on trial, 1 try left".to_owned())));
    let last = json!({"what": "install", "outcome": "rolled-back", "reason": "no picture"});
    let rolled = news(json!({"/last": last})).unwrap();
    assert_eq!(
        rolled,
        ("rolled-back", "install: rolled-back, no picture".to_owned())
    );
}

#[test]
fn a_service_that_is_away_or_talks_nonsense() {
    let mut updates = Updates::new(Memory::new());
    updates.spool.state = None;
    assert!(updates.there().is_none(), "a board without updates");
    updates.spool.state = Some(b"{\"running\":".to_vec());
    let refused = updates.there().unwrap().slots().unwrap_err();
    assert!(
        matches!(refused, Untouched::Error(ImageError::LayoutFailed, Denied(words)) if words.contains("see log"))
    );
    assert!(send(&mut updates, &bundle(0), None).is_err());
    assert!(updates.mark(None, true).is_err() && updates.back().is_err());
    assert!(updates.erase(1).is_err() && updates.tell(&mut String::new()).is_err());
    assert!(updates.spool.files.is_empty());
}

/// What is on the disk is whole, and a wish has its bundle.
fn check(memory: &Memory, whole: &[&[u8]], when: &str) {
    let bundle = memory.bytes(Item::Bundle);
    assert!(
        bundle.is_none_or(|bytes| whole.contains(&bytes)),
        "{when}: a bundle that nobody sent"
    );
    if let Some(wish) = memory.bytes(Item::Request) {
        assert_eq!(wish, b"install\n", "{when}");
        assert!(bundle.is_some(), "{when}: a wish without a bundle");
    }
}

#[test]
fn the_power_may_be_cut_at_every_step() {
    let (old, new) = (bundle(7), bundle(0));
    let hash = sha256(&new);
    // With nothing there; with an older bundle that nobody took; with half of another one.
    let mut older = Updates::new(Memory::new());
    send(&mut older, &old, Some(&sha256(&old))).unwrap();
    older.spool.files.remove(&Item::Request);
    let mut half = Updates::new(Memory::new());
    half.upload(&part(&old, 0, Some(&sha256(&old)))).unwrap();
    let mut cuts = 0;
    for before in [Memory::new(), older.spool, half.spool] {
        let before = before.powered(false);
        let mut whole = Updates::new(before.clone());
        send(&mut whole, &new, Some(&hash)).unwrap();
        for at in 1..=whole.spool.steps {
            for done in [Done::Nothing, Done::Half, Done::All] {
                for loses in [false, true] {
                    let when = format!("cut at {at}, {done:?} done, loses {loses}");
                    let mut updates = Updates::new(before.clone());
                    updates.spool.trouble = Trouble::Cut(at, done);
                    let sent = send(&mut updates, &new, Some(&hash));
                    assert!(sent.is_err(), "{when}");
                    let after = updates.spool.powered(loses);
                    check(&after, &[&old, &new], &when);
                    // The client comes back; its bundle may have been lost on the way once more.
                    let mut updates = Updates::new(after);
                    let mut sent = send(&mut updates, &new, Some(&hash)).unwrap();
                    check(&updates.spool, &[&old, &new], &when);
                    if sent == Some(false) {
                        sent = send(&mut updates, &new, Some(&hash)).unwrap();
                    }
                    assert_eq!(sent, Some(true), "{when}");
                    assert_eq!(updates.spool.bytes(Item::Bundle), Some(&new[..]), "{when}");
                    assert_eq!(wish(&updates), Some("install"), "{when}");
                    assert_eq!(updates.spool.bytes(Item::Part), None, "{when}");
                    cuts += 1;
                }
            }
        }
    }
    println!("{cuts} power cuts replayed");
    assert!(cuts > 200);
}

#[test]
fn a_disk_that_fails_once_is_told_and_tried_again() {
    let bytes = bundle(0);
    let hash = sha256(&bytes);
    let mut whole = Updates::new(Memory::new());
    send(&mut whole, &bytes, Some(&hash)).unwrap();
    for at in 1..=whole.spool.steps {
        let mut updates = Updates::new(Memory::new());
        updates.spool.trouble = Trouble::Fails(at);
        let refused = send(&mut updates, &bytes, Some(&hash)).unwrap_err();
        assert!(matches!(
            refused,
            Untouched::Error(ImageError::WriteFailed, _)
        ));
        check(&updates.spool, &[&bytes], &format!("fails at {at}"));
        let sent = send(&mut updates, &bytes, Some(&hash));
        assert_eq!(sent, Ok(Some(true)), "fails at {at}");
        assert_eq!(wish(&updates), Some("install"));
    }
}

#[test]
fn a_real_folder() {
    let scratch = tempfile::tempdir().unwrap();
    let (told_in, place) = (
        scratch.path().join("run"),
        scratch.path().join("lib/update"),
    );
    let open = || Updates::new(Folders::new(told_in.clone(), place.clone()));
    assert!(open().there().is_none());
    fs::create_dir(&told_in).unwrap();
    let big = json!({"/slots/1/size": 1 << 30});
    fs::write(told_in.join("state.json"), told(big)).unwrap();
    assert!(open().there().is_some());
    let bytes = bundle(0);
    let hash = sha256(&bytes);
    open().upload(&part(&bytes, 0, Some(&hash))).unwrap();
    let answer = open().upload(&part(&bytes, 0, Some(&hash))).unwrap();
    assert_eq!(answer.offset, PART as u64);
    assert_eq!(send(&mut open(), &bytes, Some(&hash)), Ok(Some(true)));
    assert_eq!(fs::read(place.join("incoming.raucb")).unwrap(), bytes);
    assert_eq!(fs::read(place.join("request")).unwrap(), b"install\n");
    assert_eq!(fs::read_dir(&place).unwrap().count(), 2);
    open().back().unwrap();
    assert!(
        fs::read_to_string(place.join("request"))
            .unwrap()
            .starts_with("test 0b0b")
    );
    // Far more than a service says.
    fs::write(told_in.join("state.json"), vec![b' '; 1 << 20]).unwrap();
    assert!(open().there().unwrap().slots().is_err());
    // A folder that cannot be made.
    fs::write(told_in.join("state.json"), told(json!({}))).unwrap();
    let mut updates = Updates::new(Folders::new(told_in.clone(), told_in.join("state.json/x")));
    assert!(matches!(
        updates.upload(&part(&bytes, 0, Some(&hash))),
        Err(Untouched::Error(ImageError::WriteFailed, _))
    ));
    assert!(updates.back().is_err());
}

proptest! {
    #[test]
    fn any_order_of_parts_leaves_only_what_was_announced(
        steps in prop::collection::vec((0usize..1100, 0usize..400, 0u8..4, any::<bool>()), 1..40)
    ) {
        let bytes = bundle(0);
        let hash = sha256(&bytes);
        let (mut arrival, mut memory) = (Arrival::default(), Memory::new());
        for (offset, count, kind, restarts) in steps {
            if restarts {
                arrival = Arrival::default();
            }
            // Where it goes on, or anywhere.
            let next = memory.bytes(Item::Part).map_or(0, <[u8]>::len);
            let from = if kind == 3 { offset } else { next }.min(bytes.len());
            let upload = Upload {
                image: 0,
                offset: from as u64,
                data: &bytes[from..(from + count).min(bytes.len())],
                length: (kind != 2).then_some(bytes.len() as u64),
                hash: Some(&hash),
                upgrade: false,
            };
            match arrival.take(&mut memory, &upload, 5000) {
                Ok(uploaded) => prop_assert!(uploaded.offset <= 1000 && uploaded.matches != Some(false)),
                Err(ArrivalError::Disk(error)) => return Err(TestCaseError::fail(error.to_string())),
                Err(_) => {}
            }
            check(&memory, &[&bytes], "any order");
        }
        let mut updates = Updates::new(memory);
        prop_assert_eq!(send(&mut updates, &bytes, Some(&hash)), Ok(Some(true)));
        prop_assert_eq!(wish(&updates), Some("install"));
    }
}
