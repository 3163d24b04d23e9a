//! Many clips at a time, each from beginning to end by one thread.
//!
//! Threads take the next clip when they are done with one; what comes out does not depend on who took which. An error that is
//! not the clip's own (no room, no model) stops all. So does Ctrl-C, once: clips that are half done are dropped, and the
//! next run makes them. A second Ctrl-C ends the process at once, which does no harm either.

use super::face::{self, Made};
use super::told::{Line, Tally};
use anyhow::{Context, Result};
use sfumato_corpus::cache::State;
use sfumato_corpus::{Cache, Clip, Skip};
use sfumato_faces::Perception;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What there is to do.
#[derive(Debug)]
pub struct Work<'a> {
    /// The clips.
    pub clips: &'a [Clip],
    /// Where they go.
    pub cache: &'a Cache,
    /// The folder of the face models.
    pub models: &'a Path,
    /// Threads.
    pub jobs: usize,
    /// Whether clips that are done are compared by hash.
    pub hash: bool,
    /// Whether skipped clips are tried again.
    pub retry: bool,
}

/// What became of a clip.
#[derive(Debug)]
pub enum Done {
    /// It is in the cache now.
    Made {
        /// Its frames.
        frames: u64,
        /// Its length.
        video: Duration,
        /// Bytes of record and crops.
        written: u64,
    },
    /// It was there.
    Kept,
    /// Nothing is kept of it.
    Skipped {
        /// Why.
        skip: Skip,
        /// Whether that was known before.
        known: bool,
    },
}

/// Does the work; nothing when it was interrupted.
pub fn run(work: &Work<'_>) -> Result<Option<Tally>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The first one sets the flag; while it is set, another ends the process.
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&interrupted))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupted)))
            .context("watching for Ctrl-C")?;
    }
    let began = Instant::now();
    let bytes = work.clips.iter().map(|clip| clip.bytes).sum();
    let mut tally = Tally::new(work.clips.len() as u64, bytes);
    let mut line = Line::new();
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let stopped = || stop.load(Ordering::Relaxed) || interrupted.load(Ordering::Relaxed);
    let mut failure = None;
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..work.jobs {
            let (sender, next, stopped) = (sender.clone(), &next, &stopped);
            scope.spawn(move || {
                let mut perception = None;
                while !stopped() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(clip) = work.clips.get(index) else {
                        break;
                    };
                    let done = one(work, clip, &mut perception, stopped).transpose();
                    let Some(done) = done else { break };
                    if sender.send((index, done)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (index, done) in receiver {
            match done {
                Ok(done) => {
                    // What an earlier run has said is in the index.
                    if let Done::Skipped { skip, known: false } = &done {
                        line.say(&format!(
                            "skipped {}: {}: {}",
                            skip.clip, skip.reason, skip.because
                        ));
                    }
                    let bytes = work.clips.get(index).map_or(0, |clip| clip.bytes);
                    tally.count(&done, bytes, began.elapsed());
                    line.tell(|| tally.line());
                }
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    failure.get_or_insert(error);
                }
            }
        }
    });
    line.end();
    match failure {
        // What fails after Ctrl-C fails because of it: decoders are stopped, too.
        _ if interrupted.load(Ordering::Relaxed) => Ok(None),
        Some(error) => Err(error),
        None => Ok(Some(tally)),
    }
}

/// One clip; nothing when all has to stop.
fn one(
    work: &Work<'_>,
    clip: &Clip,
    perception: &mut Option<Perception>,
    stopped: &dyn Fn() -> bool,
) -> Result<Option<Done>> {
    match work.cache.state(clip, work.hash)? {
        State::Recorded(..) => return Ok(Some(Done::Kept)),
        State::Skipped(skip) if !work.retry => {
            return Ok(Some(Done::Skipped { skip, known: true }));
        }
        State::Skipped(_) | State::Missing => {}
    }
    let perception = match perception {
        Some(perception) => perception,
        None => perception.insert(Perception::load(work.models)?),
    };
    let done = match face::make(clip, work.cache, perception, stopped)? {
        Made::Stopped => return Ok(None),
        Made::Skipped(skip) => {
            work.cache.skip(&skip)?;
            Done::Skipped { skip, known: false }
        }
        Made::Recorded { record, crops } => {
            let last = record.frames.last();
            Done::Made {
                frames: record.frames.len() as u64,
                video: Duration::from_micros(last.map_or(0, |frame| frame.captured.0)),
                written: work.cache.put(&record, &crops)?,
            }
        }
    };
    Ok(Some(done))
}
