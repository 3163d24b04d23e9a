//! Many devices at once: one who unpacks, one who writes for each device, one who looks on.

use crate::failure::Failure;
use crate::image::Image;
use crate::lane::{Budget, Item, Lane};
use crate::record::Keeper;
use crate::target::Target;
use crate::writer::{self, Flashed, Phase, Standing, Watch};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// A device to be flashed.
pub struct Work {
    /// Its bytes.
    pub target: Box<dyn Target>,
    /// What it had from an earlier run.
    pub keeper: Box<dyn Keeper>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Work of {} bytes", self.target.size())
    }
}

/// How the crew works.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// Memory for blocks that not every device has taken yet, bytes; at least 16 MiB are used.
    pub memory: u64,
    /// After how long without any movement a device is given up. Kernels try a failing card for a minute or more.
    pub patience: Duration,
    /// How often the onlooker is told.
    pub every: Duration,
}

impl Default for Habits {
    fn default() -> Habits {
        Habits {
            memory: 1 << 30,
            patience: Duration::from_secs(180),
            every: Duration::from_millis(500),
        }
    }
}

/// Flashes an image to all devices and answers what came of each, in order. `look` sees how far they are, in order, with
/// the time since the beginning.
pub fn flash(
    image: Arc<Image>,
    work: Vec<Work>,
    habits: Habits,
    mut look: impl FnMut(Duration, &[Standing]),
) -> Vec<Result<Flashed, Failure>> {
    let begin = Instant::now();
    let total = image.map.bytes(image.length);
    let (say, hear) = mpsc::channel();
    let mut crew = Vec::new();
    for (index, mut work) in work.into_iter().enumerate() {
        let (lane, watch) = (Arc::new(Lane::default()), Arc::new(Watch::default()));
        crew.push(Member {
            lane: Arc::clone(&lane),
            watch: Arc::clone(&watch),
            result: None,
            seen: (0, begin),
        });
        let say = say.clone();
        // Not joined: a thread that hangs in the kernel would hold everybody up.
        let spawned = thread::Builder::new()
            .name(format!("device {index}"))
            .spawn(move || {
                let result = writer::flash(
                    work.target.as_mut(),
                    &lane,
                    work.keeper.as_mut(),
                    total,
                    &watch,
                );
                lane.close();
                watch.enter(
                    if result.is_ok() {
                        Phase::Done
                    } else {
                        Phase::Failed
                    },
                    None,
                );
                // The device is let go before anybody hears that it is done.
                drop(work);
                let _ = say.send((index, result));
            });
        if let (Err(_), Some(member)) = (spawned, crew.last_mut()) {
            member.give_up(Failure::Broken);
        }
    }
    drop(say);
    let lanes: Vec<Arc<Lane>> = crew.iter().map(|member| Arc::clone(&member.lane)).collect();
    let reader = thread::Builder::new()
        .name("image".to_owned())
        .spawn(move || unpack(&image, &lanes, habits.memory.max(16 << 20)));
    if reader.is_err() {
        crew.iter_mut()
            .for_each(|member| member.give_up(Failure::Broken));
    }
    while crew.iter().any(|member| member.result.is_none()) {
        match hear.recv_timeout(habits.every) {
            Ok((index, result)) => {
                if let Some(member) = crew.get_mut(index) {
                    member.result.get_or_insert(result);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            // All writers ended; whoever said nothing broke down.
            Err(RecvTimeoutError::Disconnected) => {
                crew.iter_mut()
                    .for_each(|member| member.give_up(Failure::Broken));
            }
        }
        let now = Instant::now();
        crew.iter_mut()
            .for_each(|member| member.watch_over(now, habits.patience));
        let standings: Vec<Standing> = crew.iter().map(|member| member.watch.standing()).collect();
        look(now - begin, &standings);
    }
    crew.into_iter()
        .map(|member| member.result.unwrap_or(Err(Failure::Broken)))
        .collect()
}

struct Member {
    lane: Arc<Lane>,
    watch: Arc<Watch>,
    result: Option<Result<Flashed, Failure>>,
    /// The last beat that was seen, and when it was new.
    seen: (u64, Instant),
}

impl Member {
    fn give_up(&mut self, failure: Failure) {
        if self.result.is_none() {
            self.result = Some(Err(failure));
            self.lane.close();
            self.watch.enter(Phase::Failed, None);
        }
    }

    fn watch_over(&mut self, now: Instant, patience: Duration) {
        let standing = self.watch.standing();
        if standing.beats != self.seen.0 || standing.waits {
            self.seen = (standing.beats, now);
        } else if now - self.seen.1 >= patience {
            self.give_up(Failure::Stalled {
                seconds: patience.as_secs(),
            });
        }
    }
}

/// Reads the image into all lanes.
fn unpack(image: &Image, lanes: &[Arc<Lane>], memory: u64) {
    let budget = Budget::new(memory);
    let put = |item: Item| {
        let mut anybody = false;
        for lane in lanes {
            anybody |= lane.put(item.clone());
        }
        anybody
    };
    match image.read(|block| put(Item::Block(Arc::new(budget.hold(block))))) {
        Ok(Some(outline)) => put(Item::End(Arc::new(outline))),
        Ok(None) => false,
        Err(error) => put(Item::Broken(error.to_string().into())),
    };
}
