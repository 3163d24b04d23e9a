//! A camera that misbehaves by script, for tests of whoever uses cameras.

use crate::{
    Camera, CameraControls, CameraError, Control, Counters, Description, Frame, Next, SharedClock,
};
use sfumato_core::time::{Micros, Moment};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// So many good frames.
    Frames(u32),
    /// So many frames that arrive damaged; the camera passes them over.
    Damaged(u32),
    /// The source loses so many frames: a gap in the numbers.
    Lost(u32),
    /// So many waits end without a frame.
    TimeOuts(u32),
    /// Unplugged: an error, and this camera is finished.
    Gone,
    /// The driver fails with this error number, and this camera is finished.
    Io(i32),
    /// From here on frames have this size.
    Size(u32, u32),
    /// After an opening: controls keep their own values.
    RefuseControls,
    /// From here on this control has this value, as if the camera had turned it itself.
    Turns(Control, i32),
    /// From here on every question about a control fails, or no longer does.
    ControlsFail(bool),
    /// So many attempts to open it fail.
    OpeningFails(u32),
    /// The clip is over.
    End,
}

/// What will happen, shared by every camera opened from it: after an unplugging the next one goes
/// on where the last one stopped. At its end the camera only times out.
#[derive(Clone, Debug)]
pub struct Script(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    acts: VecDeque<Act>,
    openings: u32,
    size: (u32, u32),
    controls: HashMap<Control, i32>,
    refuse: bool,
    fail: bool,
    questions: u64,
}

impl Script {
    /// A script of these acts, starting with frames of 64 x 48 pixels.
    pub fn new(acts: Vec<Act>) -> Self {
        Script(Arc::new(Mutex::new(State {
            acts: acts.into(),
            openings: 0,
            size: (64, 48),
            controls: HashMap::new(),
            refuse: false,
            fail: false,
            questions: 0,
        })))
    }

    /// How often an opening was tried.
    pub fn openings(&self) -> u32 {
        self.state().openings
    }

    /// The value a control has; 0 for one that was not set since the camera was opened.
    pub fn control(&self, control: Control) -> i32 {
        self.state().controls.get(&control).copied().unwrap_or(0)
    }

    /// How often a control was read, with success or without.
    pub fn questions(&self) -> u64 {
        self.state().questions
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes one of the act at the front off the script.
    fn count_down(&mut self) {
        match self.acts.front_mut() {
            Some(
                Act::Frames(left)
                | Act::Damaged(left)
                | Act::TimeOuts(left)
                | Act::OpeningFails(left),
            ) if *left > 1 => *left -= 1,
            _ => {
                self.acts.pop_front();
            }
        }
    }
}

/// The camera that follows a [`Script`].
#[derive(Debug)]
pub struct Faulty {
    script: Script,
    clock: SharedClockDebug,
    sequence: u64,
    last: Moment,
    finished: bool,
    counters: Counters,
}

struct SharedClockDebug(SharedClock);

impl std::fmt::Debug for SharedClockDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0.now())
    }
}

impl Faulty {
    /// Opens the camera, if the script lets it.
    pub fn open(script: &Script, clock: SharedClock) -> Result<Self, CameraError> {
        let mut state = script.state();
        state.openings += 1;
        // A real camera forgets its settings when it is unplugged.
        state.controls.clear();
        state.refuse = false;
        match state.acts.front() {
            Some(Act::OpeningFails(_)) => {
                state.count_down();
                return Err(CameraError::NotFound {
                    what: "the scripted camera".into(),
                    cure: "wait for the script".into(),
                });
            }
            Some(Act::RefuseControls) => {
                state.count_down();
                state.refuse = true;
            }
            _ => {}
        }
        drop(state);
        Ok(Faulty {
            script: script.clone(),
            clock: SharedClockDebug(clock),
            sequence: 0,
            last: Moment(0),
            finished: false,
            counters: Counters::default(),
        })
    }

    /// The picture that frame `sequence` shows: every pixel is known.
    pub fn pixel(sequence: u64, x: usize, y: usize) -> [u8; 3] {
        [x as u8, y as u8, sequence as u8]
    }
}

impl Camera for Faulty {
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
        if self.finished {
            return Err(CameraError::Gone);
        }
        let script = self.script.clone();
        let mut state = script.state();
        loop {
            let act = state.acts.front().copied();
            match act {
                Some(Act::Frames(_)) => {
                    state.count_down();
                    let (width, height) = state.size;
                    frame.resize(width as usize, height as usize);
                    if let Ok(mut pixels) = frame.pixels_mut() {
                        for y in 0..height as usize {
                            for (x, pixel) in pixels.row_mut(y).iter_mut().enumerate() {
                                *pixel = Faulty::pixel(self.sequence, x, y);
                            }
                        }
                    }
                    // Two frames are never taken at the same time.
                    self.last = self.clock.0.now().max(self.last + Micros(1));
                    frame.captured = self.last;
                    frame.sequence = self.sequence;
                    self.sequence += 1;
                    self.counters.frames += 1;
                    return Ok(Next::Frame);
                }
                Some(Act::Damaged(_)) => {
                    state.count_down();
                    self.sequence += 1;
                    self.counters.corrupt += 1;
                }
                Some(Act::Lost(frames)) => {
                    state.acts.pop_front();
                    self.sequence += u64::from(frames);
                    self.counters.dropped += u64::from(frames);
                }
                Some(Act::Size(width, height)) => {
                    state.acts.pop_front();
                    state.size = (width, height);
                }
                Some(Act::Turns(control, value)) => {
                    state.acts.pop_front();
                    state.controls.insert(control, value);
                }
                Some(Act::ControlsFail(fail)) => {
                    state.acts.pop_front();
                    state.fail = fail;
                }
                Some(Act::Gone) => {
                    state.acts.pop_front();
                    self.finished = true;
                    return Err(CameraError::Gone);
                }
                Some(Act::Io(number)) => {
                    state.acts.pop_front();
                    self.finished = true;
                    return Err(CameraError::io(
                        "waiting for a frame",
                        io::Error::from_raw_os_error(number),
                    ));
                }
                Some(Act::End) => return Ok(Next::Ended),
                Some(Act::TimeOuts(_) | Act::OpeningFails(_) | Act::RefuseControls) | None => {
                    if matches!(act, Some(Act::TimeOuts(_))) {
                        state.count_down();
                    }
                    drop(state);
                    std::thread::sleep(timeout);
                    self.counters.timeouts += 1;
                    return Ok(Next::TimedOut);
                }
            }
        }
    }

    fn description(&self) -> Description {
        let (width, height) = self.script.state().size;
        Description {
            name: "scripted camera".into(),
            format: "scripted".into(),
            width,
            height,
            fps: 0.0,
            live: false,
            frames: None,
        }
    }

    fn counters(&self) -> Counters {
        self.counters
    }

    fn controls(&mut self) -> Option<&mut dyn CameraControls> {
        Some(self)
    }
}

/// What its controls take.
const RANGE: (i32, i32) = (0, 5000);

/// A protocol error, as a camera that does not have a control may give.
fn failed(control: Control) -> CameraError {
    CameraError::io(
        format!("the scripted control {control:?}"),
        io::Error::from_raw_os_error(71),
    )
}

impl CameraControls for Faulty {
    fn set(&mut self, control: Control, value: i32) -> Result<i32, CameraError> {
        let mut state = self.script.state();
        if state.fail {
            return Err(failed(control));
        }
        if !state.refuse {
            let (least, most) = RANGE;
            state.controls.insert(control, value.clamp(least, most));
        }
        Ok(state.controls.get(&control).copied().unwrap_or(0))
    }

    fn get(&mut self, control: Control) -> Result<i32, CameraError> {
        let mut state = self.script.state();
        state.questions += 1;
        if state.fail {
            return Err(failed(control));
        }
        Ok(state.controls.get(&control).copied().unwrap_or(0))
    }

    fn range(&mut self, control: Control) -> Result<(i32, i32), CameraError> {
        if self.script.state().fail {
            return Err(failed(control));
        }
        Ok(RANGE)
    }
}
