//! A scripted board: does what it is told, remembers what it was asked, fails when it shall.

#![allow(dead_code)] // not every test uses all of it

use core::fmt;
use sfumato_core::time::{Micros, Moment};
use sfumato_link::{
    Conversation, CounterGroup, Denied, Device, Files, Hash, HashKind, Images, Picture, Restart,
    Thread,
};
use sfumato_settings::{Settings, Snapshot, Store};
use sfumato_wire::DateTime;
use sfumato_wire::requests::image::{HASH, ImageState, Upload, Uploaded};
use sfumato_wire::requests::os::{Field, Task};
use sfumato_wire::status::{FilesError, ImageError};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Board {
    pub clock: Option<DateTime>,
    pub restarts: Vec<Restart>,
    pub applied: Vec<u32>,
    pub saved: Vec<Settings>,
    pub save_fails: bool,
    pub picture: Option<Picture>,
    pub files: BTreeMap<String, Vec<u8>>,
    pub numbers: u8,
    pub no_random: bool,
    pub images: Option<Slots>,
}

/// Two slots, the second of which is to be put to the test.
#[derive(Default)]
pub struct Slots {
    pub marked: Vec<(Option<u8>, bool)>,
    pub uploaded: Vec<u8>,
    pub erased: Vec<u32>,
}

impl Images for Slots {
    fn states(&mut self, take: &mut dyn FnMut(&[ImageState<'_>])) -> Result<(), ImageError> {
        take(&[ImageState {
            slot: 0,
            version: "0.1.0",
            hash: &[7; HASH],
            bootable: true,
            pending: !self.marked.is_empty(),
            confirmed: true,
            active: true,
            permanent: false,
        }]);
        Ok(())
    }

    fn slots(&mut self) -> Result<[u64; 2], ImageError> {
        Ok([1000, 900])
    }

    fn mark(&mut self, hash: Option<&[u8; HASH]>, confirm: bool) -> Result<(), ImageError> {
        if hash.is_some_and(|hash| *hash != [7; HASH]) {
            return Err(ImageError::HashNotFound);
        }
        self.marked.push((hash.map(|hash| hash[0]), confirm));
        Ok(())
    }

    fn upload(&mut self, part: &Upload<'_>) -> Result<Uploaded, ImageError> {
        if part.offset != self.uploaded.len() as u64 {
            return Err(ImageError::InvalidOffset);
        }
        self.uploaded.extend_from_slice(part.data);
        Ok(Uploaded {
            offset: self.uploaded.len() as u64,
            matches: None,
        })
    }

    fn erase(&mut self, slot: u32) -> Result<(), ImageError> {
        self.erased.push(slot);
        Ok(())
    }
}

impl Device for Board {
    fn clock(&mut self) -> Option<DateTime> {
        self.clock
    }

    fn set_clock(&mut self, time: DateTime) -> Result<(), Denied> {
        self.clock = Some(time);
        Ok(())
    }

    fn restart(&mut self, what: Restart) -> Result<(), Denied> {
        self.restarts.push(what);
        Ok(())
    }

    fn fact(&mut self, field: Field, out: &mut dyn fmt::Write) -> fmt::Result {
        match field {
            Field::KernelName => out.write_str("Linux"),
            Field::NodeName => out.write_str("saal3"),
            _ => Ok(()),
        }
    }

    fn status(&mut self, out: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(out, "picture: 60 a second")
    }

    fn counters(&mut self, take: &mut dyn FnMut(&[CounterGroup<'_>])) {
        take(&[
            CounterGroup {
                name: "picture",
                counters: &[("shown", 7), ("late", 1 << 40)],
            },
            CounterGroup {
                name: "camera",
                counters: &[("frames", 3)],
            },
        ]);
    }

    fn threads(&mut self, take: &mut dyn FnMut(&[Thread<'_>])) {
        take(&[Thread {
            name: "render",
            task: Task {
                number: 12,
                ..Task::default()
            },
        }]);
    }

    fn random(&mut self, bytes: &mut [u8]) -> bool {
        for byte in bytes.iter_mut() {
            self.numbers = self.numbers.wrapping_add(1);
            *byte = self.numbers;
        }
        !self.no_random
    }

    fn check(&mut self, settings: &Settings) -> Result<(), Denied> {
        match settings.personality() {
            "serene" | "curious" => Ok(()),
            _ => Err(Denied("there is no such personality")),
        }
    }

    fn apply(&mut self, snapshot: &Snapshot) {
        self.applied.push(snapshot.version);
    }

    fn save(&mut self, settings: &Settings, _: &Settings) -> Result<(), Denied> {
        if self.save_fails {
            return Err(Denied("the storage is full"));
        }
        self.saved.push(settings.clone());
        Ok(())
    }

    fn show(&mut self, picture: Picture) -> Result<(), Denied> {
        self.picture = Some(picture);
        Ok(())
    }

    fn images(&mut self) -> Option<&mut dyn Images> {
        let images = self.images.as_mut()?;
        Some(images)
    }
}

impl Files for Board {
    fn size(&mut self, name: &str) -> Result<u64, FilesError> {
        let file = self.files.get(name).ok_or(FilesError::NotFound)?;
        Ok(file.len() as u64)
    }

    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, FilesError> {
        let file = self.files.get(name).ok_or(FilesError::NotFound)?;
        let rest = &file[offset as usize..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn store(
        &mut self,
        name: &str,
        offset: u64,
        data: &[u8],
        _: Option<u64>,
    ) -> Result<u64, FilesError> {
        let file = self.files.entry(name.to_owned()).or_default();
        if offset == file.len() as u64 {
            file.extend_from_slice(data);
        }
        Ok(file.len() as u64)
    }

    fn hash(
        &mut self,
        name: &str,
        kind: HashKind,
        offset: u64,
        length: Option<u64>,
    ) -> Result<(Hash, u64), FilesError> {
        let size = self.size(name)?;
        let count = length.unwrap_or(u64::MAX).min(size.saturating_sub(offset));
        Ok(match kind {
            HashKind::Crc32 => (Hash::Crc32(0x1234_5678), count),
            HashKind::Sha256 => (Hash::Sha256([9; 32]), count),
        })
    }

    fn close(&mut self) {}
}

/// A board and somebody who talks to it.
pub struct Line {
    pub board: Board,
    pub conversation: Conversation,
    pub now: Moment,
    sequence: u8,
}

impl Line {
    pub fn new() -> Line {
        let settings = Settings::default();
        Line {
            board: Board::default(),
            conversation: Conversation::new(Store::new(settings.clone(), settings)),
            now: Moment(1_000_000),
            sequence: 0,
        }
    }

    /// What comes back.
    pub fn send(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut sent = Vec::new();
        let mut out = |bytes: &[u8]| sent.extend_from_slice(bytes);
        self.conversation
            .receive(bytes, self.now, &mut self.board, &mut out);
        sent
    }

    /// The lines that answer a line.
    pub fn say(&mut self, line: &str) -> Vec<String> {
        let answer = self.send(format!("{line}\r").as_bytes());
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.ends_with("\r\n"), "{answer:?}");
        answer.lines().map(str::to_owned).collect()
    }

    /// The last of them.
    pub fn last(&mut self, line: &str) -> String {
        self.say(line).pop().unwrap()
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now + Micros::from_secs(seconds);
        self.conversation.tick(self.now);
    }

    /// The payload of the packet that answers a packet, in version two.
    pub fn ask(&mut self, write: bool, group: u16, command: u8, payload: &[u8]) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        self.ask_again(write, group, command, payload)
    }

    /// The same with the sequence number of the last one.
    pub fn ask_again(&mut self, write: bool, group: u16, command: u8, payload: &[u8]) -> Vec<u8> {
        let operation = 0x08 | if write { 2 } else { 0 };
        let [l1, l0] = (payload.len() as u16).to_be_bytes();
        let [g1, g0] = group.to_be_bytes();
        let header = [operation, 0, l1, l0, g1, g0, self.sequence, command];
        let packet = [&header[..], payload].concat();
        let bytes: Vec<u8> = sfumato_wire::frame::lines(&packet)
            .unwrap()
            .flat_map(|line| line.to_vec())
            .collect();
        let answer = self.send(&bytes);
        self.packet(&answer)
    }

    fn packet(&self, bytes: &[u8]) -> Vec<u8> {
        let mut other = sfumato_wire::Demultiplexer::<4096, 64, 1>::new();
        for &byte in bytes {
            if let Some(sfumato_wire::Event::Packet(packet)) = other.push(byte, &mut |_| {}) {
                let (header, payload) = sfumato_wire::Header::read(packet).unwrap();
                assert_eq!(header.sequence, self.sequence);
                return payload.to_vec();
            }
        }
        panic!("no packet in {bytes:?}");
    }
}

/// A map of CBOR with texts of fewer than 24 bytes.
pub fn map(entries: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[0x60 | text.len() as u8][..], text.as_bytes()].concat();
    let mut bytes = vec![0xa0 | entries.len() as u8];
    for (key, value) in entries {
        bytes.extend([text(key), text(value)].concat());
    }
    bytes
}
