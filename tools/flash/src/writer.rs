//! One device, from the first wipe to the last compared byte.

use crate::access;
use crate::digest::{Digest, Sum};
use crate::failure::Failure;
use crate::image::Content;
use crate::lane::{Held, Item, Lane};
use crate::map::{Outline, blocks};
use crate::record::Keeper;
use crate::spans::Spans;
use crate::target::{Bypass, Target};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes at either end of a device that are written last. The first hold the partition table and the boot sector, the last
/// the partition table's copy, from which some firmware boots as well.
pub const END: u64 = 1 << 20;

/// Bytes between two checkpoints.
pub const CHECKPOINT: u64 = 64 << 20;

/// What a device is being put through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Its ends become zeros.
    #[default]
    Wiping,
    /// It takes the image.
    Writing,
    /// It is read back.
    Verifying,
    /// It gets its first block.
    Sealing,
    /// It is right.
    Done,
    /// It has failed.
    Failed,
}

impl Phase {
    /// For people and for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Wiping => "wiping",
            Phase::Writing => "writing",
            Phase::Verifying => "verifying",
            Phase::Sealing => "sealing",
            Phase::Done => "done",
            Phase::Failed => "failed",
        }
    }
}

/// How far a device is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What is being done.
    pub phase: Phase,
    /// Bytes done in this phase.
    pub done: u64,
    /// Bytes to do in this phase, where that is known.
    pub total: Option<u64>,
    /// Whether it waits for the image, not for the device.
    pub waits: bool,
    /// Grows with everything that the device does.
    pub beats: u64,
}

/// A device's standing, seen from outside.
#[derive(Debug, Default)]
pub struct Watch(Mutex<Standing>);

impl Watch {
    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far it is now.
    pub fn standing(&self) -> Standing {
        *self.lock()
    }

    /// Notes a new phase with so many bytes to do.
    pub fn enter(&self, phase: Phase, total: Option<u64>) {
        let mut standing = self.lock();
        *standing = Standing {
            phase,
            done: 0,
            total,
            waits: false,
            beats: standing.beats + 1,
        };
    }

    fn waits(&self, waits: bool) {
        self.lock().waits = waits;
        self.beat(0);
    }

    fn beat(&self, bytes: u64) {
        let mut standing = self.lock();
        standing.done += bytes;
        standing.beats += 1;
    }
}

/// What came of a device that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flashed {
    /// Bytes of the image that the device holds, compared with checksums.
    pub verified: u64,
    /// Bytes that were there from an earlier run.
    pub kept: u64,
    /// How it was read back.
    pub bypass: Bypass,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// The parts of a device of `size` bytes that are written last: see [`END`].
pub fn ends(size: u64) -> Spans {
    [0..END.min(size), size.saturating_sub(END)..size]
        .into_iter()
        .collect()
}

/// Flashes a device from what comes along its lane. `total`: bytes of the image that matter, where that is known.
///
/// The first block is written when all else has been compared. If its own comparison fails, it is taken away again.
pub fn flash(
    target: &mut dyn Target,
    lane: &Lane,
    keeper: &mut dyn Keeper,
    total: Option<u64>,
    watch: &Watch,
) -> Result<Flashed, Failure> {
    let mut writer = Writer {
        ends: ends(target.size()),
        target,
        watch,
        held: Vec::new(),
        before: keeper.before(),
        stored: Spans::default(),
        fresh: 0,
        kept: 0,
        notes: Vec::new(),
        room: Vec::new(),
    };
    let result = writer.all(lane, keeper, total);
    match &result {
        Err(failure) if failure.can_go_on() => {}
        _ => keeper.forget(),
    }
    result
}

struct Writer<'a> {
    target: &'a mut dyn Target,
    watch: &'a Watch,
    ends: Spans,
    /// What belongs into the ends.
    held: Vec<(u64, Vec<u8>)>,
    before: Spans,
    stored: Spans,
    /// Bytes since the last checkpoint.
    fresh: u64,
    kept: u64,
    notes: Vec<String>,
    room: Vec<u8>,
}

impl Writer<'_> {
    fn all(
        &mut self,
        lane: &Lane,
        keeper: &mut dyn Keeper,
        total: Option<u64>,
    ) -> Result<Flashed, Failure> {
        self.wipe()?;
        self.watch.enter(Phase::Writing, total);
        let outline = loop {
            self.watch.waits(true);
            let item = lane.take();
            self.watch.waits(false);
            match item {
                Some(Item::Block(held)) => self.block(&held, keeper)?,
                Some(Item::End(outline)) => break outline,
                Some(Item::Broken(reason)) => return Err(Failure::Image(reason.to_string())),
                // Whoever closed the lane has said why, and does not listen any more.
                None => return Err(Failure::Stalled { seconds: 0 }),
            }
        };
        self.checkpoint(keeper)?;
        self.verify(&outline)?;
        self.seal()?;
        if let Some(note) = self.target.finish() {
            self.notes.push(note);
        }
        Ok(Flashed {
            verified: outline
                .checks
                .iter()
                .map(|(range, _)| range.end - range.start)
                .sum(),
            kept: self.kept,
            bypass: self.target.bypass(),
            notes: std::mem::take(&mut self.notes),
        })
    }

    fn wipe(&mut self) -> Result<(), Failure> {
        self.watch.enter(Phase::Wiping, Some(self.ends.bytes()));
        let ends: Vec<Range<u64>> = self.ends.iter().collect();
        for end in ends {
            access::zero(self.target, end.clone())?;
            self.watch.beat(end.end - end.start);
        }
        access::sync(self.target, 0)
    }

    fn block(&mut self, held: &Held, keeper: &mut dyn Keeper) -> Result<(), Failure> {
        let block = &held.block;
        let all = block.range();
        if all.end > self.target.size() {
            return Err(Failure::TooSmall {
                size: self.target.size(),
            });
        }
        for (range, is_end) in self.ends.cut(all.clone()) {
            let bytes = match &block.content {
                Content::Bytes(bytes) => Some(
                    &bytes[(range.start - all.start) as usize..(range.end - all.start) as usize],
                ),
                Content::Zeros(_) => None,
            };
            let length = range.end - range.start;
            if is_end {
                let bytes = bytes.map_or_else(|| vec![0; length as usize], <[u8]>::to_vec);
                self.held.push((range.start, bytes));
            } else if self.before.hold(&range) && self.is_there(range.clone(), bytes)? {
                self.kept += length;
                self.stored.add(range);
            } else {
                match bytes {
                    Some(bytes) => access::write(self.target, range.start, bytes)?,
                    None => access::zero(self.target, range.clone())?,
                }
                self.fresh += length;
                self.stored.add(range);
            }
            self.watch.beat(length);
        }
        match self.fresh >= CHECKPOINT {
            true => self.checkpoint(keeper),
            false => Ok(()),
        }
    }

    /// Whether the device gives back these bytes, or zeros.
    fn is_there(&mut self, range: Range<u64>, bytes: Option<&[u8]>) -> Result<bool, Failure> {
        let part = access::read(self.target, range, &mut self.room)?;
        let found = &self.room[part];
        Ok(match bytes {
            Some(bytes) => found == bytes,
            None => found.iter().all(|&byte| byte == 0),
        })
    }

    fn checkpoint(&mut self, keeper: &mut dyn Keeper) -> Result<(), Failure> {
        let at = self.stored.iter().last().map_or(0, |span| span.end);
        access::sync(self.target, at)?;
        self.fresh = 0;
        // What an earlier run stored and this one has not come to yet stays worth a look.
        let mut stored = self.before.clone();
        self.stored.iter().for_each(|span| stored.add(span));
        // A host that cannot remember flashes all the same.
        if let Err(error) = keeper.keep(&stored)
            && self.notes.is_empty()
        {
            self.notes.push(format!(
                "an interrupted flash would have begun again from the start: its record could not be kept ({error})"
            ));
        }
        Ok(())
    }

    /// Reads everything back but the ends, which are taken from memory: they are not there yet.
    fn verify(&mut self, outline: &Outline) -> Result<(), Failure> {
        let total = outline
            .checks
            .iter()
            .map(|(range, _)| range.end - range.start)
            .sum();
        self.watch.enter(Phase::Verifying, Some(total));
        for (all, said) in &outline.checks {
            let mut sum = Sum::default();
            for range in blocks(all.clone()) {
                for (range, is_end) in self.ends.cut(range) {
                    match is_end {
                        true => self.add_held(&mut sum, &range),
                        false => {
                            let part = access::read(self.target, range.clone(), &mut self.room)?;
                            sum.add(&self.room[part]);
                        }
                    }
                    self.watch.beat(range.end - range.start);
                }
            }
            compare(sum, *said, all)?;
        }
        Ok(())
    }

    fn add_held(&self, sum: &mut Sum, range: &Range<u64>) {
        for (at, bytes) in &self.held {
            let from = range.start.max(*at);
            let to = range.end.min(at + bytes.len() as u64);
            if from < to {
                sum.add(&bytes[(from - at) as usize..(to - at) as usize]);
            }
        }
    }

    /// Writes the ends, the first block at the very last, and compares them.
    fn seal(&mut self) -> Result<(), Failure> {
        let total = self.held.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        self.watch.enter(Phase::Sealing, Some(total));
        let held = std::mem::take(&mut self.held);
        let (first, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|(at, _)| *at < END);
        for part in [others, first] {
            let sealed = self.seal_part(&part);
            if let Err(failure) = sealed {
                // As far as the device still takes it.
                let first = 0..END.min(self.target.size());
                let _ = access::zero(self.target, first);
                let _ = access::sync(self.target, 0);
                return Err(failure);
            }
        }
        Ok(())
    }

    fn seal_part(&mut self, part: &[(u64, Vec<u8>)]) -> Result<(), Failure> {
        for (at, bytes) in part.iter().rev() {
            access::write(self.target, *at, bytes)?;
        }
        access::sync(self.target, 0)?;
        for (at, bytes) in part {
            let range = *at..at + bytes.len() as u64;
            if !self.is_there(range.clone(), Some(bytes))? {
                return Err(Failure::Differs {
                    from: range.start,
                    to: range.end,
                });
            }
            self.watch.beat(bytes.len() as u64);
        }
        Ok(())
    }
}

fn compare(sum: Sum, said: Digest, range: &Range<u64>) -> Result<(), Failure> {
    match sum.finish() == said {
        true => Ok(()),
        false => Err(Failure::Differs {
            from: range.start,
            to: range.end,
        }),
    }
}
