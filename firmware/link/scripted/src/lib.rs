//! A scripted board for tests: does what it is told, remembers what it was asked, fails when it shall.
//!
//! `sfumato-link` needs no operating system and this does, so it is a package of its own. The
//! conversation's tests talk to it, and the fuzzer.

#![forbid(unsafe_code)]

use core::fmt;
use sfumato_link::{
    CounterGroup, Denied, Device, Files, Hash, HashKind, Images, Picture, Restart, Thread,
    Unstored, Untouched,
};
use sfumato_settings::{Settings, Snapshot};
use sfumato_wire::DateTime;
use sfumato_wire::requests::image::{HASH, ImageState, Upload, Uploaded};
use sfumato_wire::requests::os::{Field, Task};
use sfumato_wire::status::{FilesError, ImageError};
use std::collections::BTreeMap;

/// A board that exists in memory; what it holds grows with what it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// The clock as it was set; it does not run.
    pub clock: Option<DateTime>,
    /// What was started anew, in order.
    pub restarts: Vec<Restart>,
    /// Versions of the settings that were applied, in order.
    pub applied: Vec<u32>,
    /// Settings that were saved, in order.
    pub saved: Vec<Settings>,
    /// The script: saving fails.
    pub save_fails: bool,
    /// The picture that was last asked for.
    pub picture: Option<Picture>,
    /// Files by name; any can be stored.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The random number that was given out last: they count up.
    pub numbers: u8,
    /// The script: there are no random numbers.
    pub no_random: bool,
    /// The slots, on a board that has updates.
    pub images: Option<Slots>,
}

/// Two slots, the second of which is to be put to the test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// First byte of the hash, and whether for good, in order.
    pub marked: Vec<(Option<u8>, bool)>,
    /// The image so far.
    pub uploaded: Vec<u8>,
    /// Slots that were erased, in order.
    pub erased: Vec<u32>,
    /// How often the other slot was asked for.
    pub backs: u32,
    /// The script: nothing may be changed now.
    pub busy: bool,
}

impl Slots {
    fn idle(&self) -> Result<(), Untouched> {
        if self.busy {
            return Err(Untouched::Denied(Denied("an update is being installed")));
        }
        Ok(())
    }
}

impl Images for Slots {
    fn states(&mut self, take: &mut dyn FnMut(&[ImageState<'_>])) -> Result<(), Untouched> {
        take(&[ImageState {
            slot: 0,
            version: "0.1.0",
            hash: Some(&[7; HASH]),
            bootable: true,
            pending: !self.marked.is_empty(),
            confirmed: true,
            active: true,
            permanent: false,
        }]);
        Ok(())
    }

    fn slots(&mut self) -> Result<[u64; 2], Untouched> {
        Ok([1000, 900])
    }

    fn mark(&mut self, hash: Option<&[u8; HASH]>, confirm: bool) -> Result<(), Untouched> {
        self.idle()?;
        if hash.is_some_and(|hash| *hash != [7; HASH]) {
            let words = Denied("no image has that hash");
            return Err(Untouched::Error(ImageError::HashNotFound, words));
        }
        self.marked.push((hash.map(|hash| hash[0]), confirm));
        Ok(())
    }

    fn back(&mut self) -> Result<(), Untouched> {
        self.idle()?;
        self.backs += 1;
        Ok(())
    }

    fn upload(&mut self, part: &Upload<'_>) -> Result<Uploaded, Untouched> {
        self.idle()?;
        if part.offset != self.uploaded.len() as u64 {
            let words = Denied("not where it goes on");
            return Err(Untouched::Error(ImageError::InvalidOffset, words));
        }
        self.uploaded.extend_from_slice(part.data);
        Ok(Uploaded {
            offset: self.uploaded.len() as u64,
            matches: None,
        })
    }

    fn erase(&mut self, slot: u32) -> Result<(), Untouched> {
        self.idle()?;
        self.erased.push(slot);
        Ok(())
    }

    fn tell(&mut self, out: &mut dyn fmt::Write) -> Result<(), Untouched> {
        // What does not fit is not told.
        let _ = writeln!(out, "slot a: 0.1.0, confirmed, runs");
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

    fn vitals(&mut self, out: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(out, "level = living\nvisitor.1 = 0.31 -0.10 1.8 answered")
    }

    fn log(&mut self, most: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        let lines = ["the camera is away", "the camera is back"];
        let skipped = lines.len().saturating_sub(most);
        lines
            .iter()
            .skip(skipped)
            .try_for_each(|line| writeln!(out, "{line}"))
    }

    fn packs(&mut self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.files
            .iter()
            .try_for_each(|(name, file)| writeln!(out, "{name}: {} bytes", file.len()))
    }

    fn remove_pack(&mut self, name: &str) -> Result<(), Denied> {
        let removed = self.files.remove(name);
        removed.map(drop).ok_or(Denied("there is no such pack"))
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
        let rest = usize::try_from(offset).ok().and_then(|at| file.get(at..));
        let rest = rest.ok_or(FilesError::OffsetBehindEnd)?;
        let mut count = 0;
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
            count += 1;
        }
        Ok(count)
    }

    fn store(
        &mut self,
        name: &str,
        offset: u64,
        data: &[u8],
        _: Option<u64>,
    ) -> Result<u64, Unstored> {
        if name == "unsigned" {
            return Err(Unstored::Denied(Denied(
                "signed by a key that this board does not trust",
            )));
        }
        if name == "full" {
            return Err(Unstored::Error(FilesError::WriteFailed));
        }
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
