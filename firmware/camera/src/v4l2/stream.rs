//! Frames out of a driver's buffers: the newest good one, everything else counted.

use super::driver::{Driver, Filled, FourCc, Interval, Ready, Setting};
use super::negotiate::{self, Coding, Wanted};
use crate::convert::{Damaged, Jpeg, Raw, to_rgb};
use crate::{CameraError, Counters, Frame, Next, SharedClock};
use sfumato_core::time::{Micros, Moment};
use std::io;
use std::time::Duration;

/// Buffers to ask for: one being filled, one waiting, one being read, one to spare.
const BUFFERS: u32 = 4;

/// A camera that sends nothing for so long is stuck. Cameras take up to two seconds to start.
const STUCK: Micros = Micros::from_secs(4);

/// A larger jump in a driver's numbering is a restart of it, not lost frames.
const LARGEST_GAP: u32 = 10_000;

/// A device that streams.
pub(crate) struct Stream<D: Driver> {
    driver: D,
    coding: Coding,
    pub(crate) setting: Setting,
    pub(crate) interval: Interval,
    clock: SharedClock,
    jpeg: Jpeg,
    /// The driver's number of the last buffer, good or bad.
    last_number: Option<u32>,
    sequence: u64,
    captured: Moment,
    /// When it last showed that it is alive.
    alive: Moment,
    pub(crate) counters: Counters,
}

impl<D: Driver> Stream<D> {
    /// Negotiates and starts.
    pub(crate) fn start(
        mut driver: D,
        wanted: Wanted,
        clock: SharedClock,
    ) -> Result<Self, CameraError> {
        let candidates = negotiate::candidates(&mut driver, wanted)
            .map_err(|error| failed("asking the camera for its formats", error))?;
        let mut last = None;
        for candidate in &candidates {
            let setting = match driver.set_format(candidate.format, candidate.size) {
                Ok(setting) => setting,
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    last = Some(failed("setting the camera's format", error));
                    continue;
                }
                Err(error) => return Err(failed("setting the camera's format", error)),
            };
            // The driver may have chosen something else; take it if we understand it.
            let Some(coding) = negotiate::coding(setting.format) else {
                continue;
            };
            // Not every driver has an interval to set; then it has one of its own.
            let interval = driver
                .set_interval(candidate.interval)
                .unwrap_or(candidate.interval);
            match driver.start(BUFFERS) {
                Ok(_) => {
                    let now = clock.now();
                    return Ok(Stream {
                        driver,
                        coding,
                        setting,
                        interval,
                        clock,
                        jpeg: Jpeg::default(),
                        last_number: None,
                        sequence: 0,
                        captured: Moment(0),
                        alive: now,
                        counters: Counters::default(),
                    });
                }
                Err(error) => {
                    driver.stop();
                    // No space on the bus, or a combination the driver does not stream after all:
                    // step down to the next one.
                    let step_down = matches!(
                        error.raw_os_error(),
                        Some(code) if code == rustix::io::Errno::NOSPC.raw_os_error()
                            || code == rustix::io::Errno::INVAL.raw_os_error()
                    );
                    let error = failed("starting the camera", error);
                    if !step_down {
                        return Err(error);
                    }
                    last = Some(error);
                }
            }
        }
        Err(last.unwrap_or_else(|| CameraError::Unsupported {
            what: match wanted.format {
                Some(format) => format!("{} does not offer {format}", driver.name()),
                None => format!("{} offers no pixel format known here", driver.name()),
            },
            cure: format!("use a camera with one of {}", negotiate::known_formats()),
        }))
    }

    pub(crate) fn driver(&mut self) -> &mut D {
        &mut self.driver
    }

    pub(crate) fn name(&self) -> String {
        self.driver.name()
    }

    pub(crate) fn format(&self) -> FourCc {
        self.setting.format
    }

    /// See [`Camera::next`](crate::Camera::next).
    pub(crate) fn next(
        &mut self,
        frame: &mut Frame,
        timeout: Duration,
    ) -> Result<Next, CameraError> {
        let timeout = Micros(u64::try_from(timeout.as_micros()).unwrap_or(u64::MAX));
        let deadline = self.clock.now() + timeout;
        loop {
            let left = Duration::from_micros(self.clock.now().until(deadline).0);
            let ready = self.driver.wait(left);
            match ready.map_err(|error| failed("waiting for a frame", error))? {
                Ready::Yes => {}
                Ready::Failed => {
                    // The error queue does not say why; taking a buffer does.
                    return Err(match self.driver.dequeue() {
                        Err(error) => failed("waiting for a frame", error),
                        Ok(_) => failed("waiting for a frame", rustix::io::Errno::IO.into()),
                    });
                }
                Ready::TimedOut => {
                    self.check_stuck()?;
                    self.counters.timeouts += 1;
                    return Ok(Next::TimedOut);
                }
            }
            if let Some((newest, sequence)) = self.newest()? {
                let converted = self.convert(&newest, frame);
                self.queue(newest.index)?;
                match converted {
                    Ok(()) => {
                        frame.sequence = sequence;
                        return Ok(self.stamp(newest, frame));
                    }
                    Err(_) => self.counters.corrupt += 1,
                }
            }
            self.check_stuck()?;
            if self.clock.now() >= deadline {
                self.counters.timeouts += 1;
                return Ok(Next::TimedOut);
            }
        }
    }

    /// Takes all filled buffers and keeps the newest good one, with its frame number.
    fn newest(&mut self) -> Result<Option<(Filled, u64)>, CameraError> {
        let mut newest: Option<(Filled, u64)> = None;
        // A driver hands out no more than it was given; the bound is for one that does not stop.
        for _ in 0..2 * BUFFERS {
            let taken = self.driver.dequeue();
            let Some(filled) = taken.map_err(|error| failed("taking a frame", error))? else {
                break;
            };
            self.count_number(filled.sequence);
            if filled.damaged || filled.used <= filled.start {
                self.counters.corrupt += 1;
                self.queue(filled.index)?;
            } else if let Some((older, _)) = newest.replace((filled, self.sequence)) {
                self.counters.skipped += 1;
                self.queue(older.index)?;
            }
        }
        Ok(newest)
    }

    fn queue(&mut self, index: u32) -> Result<(), CameraError> {
        self.driver
            .queue(index)
            .map_err(|error| failed("giving a buffer back", error))
    }

    fn count_number(&mut self, number: u32) {
        let step = match self.last_number.replace(number) {
            // Frames may be lost before the first that arrives: they are not missed.
            None => 0,
            Some(last) => match number.wrapping_sub(last) {
                // Drivers that do not count.
                0 => 1,
                step if step > LARGEST_GAP => 1,
                step => step,
            },
        };
        self.counters.dropped += u64::from(step.saturating_sub(1));
        self.sequence += u64::from(step);
    }

    fn convert(&mut self, filled: &Filled, frame: &mut Frame) -> Result<(), Damaged> {
        let bytes = self.driver.bytes(filled);
        match self.coding {
            Coding::Jpeg => self.jpeg.decode(bytes, frame),
            Coding::Raw(layout) => {
                let width = self.setting.width as usize;
                let raw = Raw {
                    layout,
                    colour: self.setting.colour,
                    width,
                    height: self.setting.height as usize,
                    // Some drivers leave the stride out when rows are not padded.
                    stride: match self.setting.stride as usize {
                        0 => layout.row_bytes(width),
                        stride => stride,
                    },
                    bytes,
                };
                to_rgb(raw, frame)
            }
        }
    }

    fn stamp(&mut self, filled: Filled, frame: &mut Frame) -> Next {
        let now = self.clock.now();
        self.alive = now;
        // A time stamp from the future or from long ago is a driver's error.
        let age = filled.age.unwrap_or_default().min(Micros::from_secs(2));
        self.captured = self.captured.max(now - age);
        frame.captured = self.captured;
        self.counters.frames += 1;
        Next::Frame
    }

    fn check_stuck(&self) -> Result<(), CameraError> {
        if self.alive.until(self.clock.now()) < STUCK {
            return Ok(());
        }
        Err(CameraError::io(
            "waiting for a frame",
            io::Error::new(io::ErrorKind::TimedOut, "the camera sends nothing any more"),
        ))
    }
}

/// Sorts the system's errors by what can be done about them.
pub(crate) fn failed(doing: &str, error: io::Error) -> CameraError {
    use rustix::io::Errno;
    match Errno::from_io_error(&error) {
        Some(Errno::NODEV | Errno::NXIO) => CameraError::Gone,
        Some(Errno::BUSY) => CameraError::Busy { source: error },
        Some(Errno::ACCESS | Errno::PERM) => CameraError::Denied { source: error },
        _ => CameraError::io(doing, error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mock::{Mock, Offer, Step};
    use super::*;
    use crate::SystemClock;
    use std::sync::Arc;

    fn wanted() -> Wanted {
        Wanted {
            size: (64, 48),
            fps: 30,
            format: None,
        }
    }

    fn clock() -> SharedClock {
        Arc::new(SystemClock::new())
    }

    fn grey(steps: Vec<Step>) -> Stream<Mock> {
        let mut mock = Mock::new(vec![Offer::new(
            b"GREY",
            (64, 48),
            &[Interval::of_rate(30)],
        )]);
        mock.steps = steps.into();
        Stream::start(mock, wanted(), clock()).unwrap()
    }

    const NOW: Duration = Duration::ZERO;

    #[test]
    fn the_newest_frame_wins_and_the_others_are_counted() {
        let mut stream = grey(vec![
            Step::Filled(0),
            Step::Filled(1),
            Step::Damaged(2),
            Step::Filled(5),
            Step::Wait,
            Step::Filled(6),
            Step::Damaged(7),
        ]);
        let mut frame = Frame::new();
        assert_eq!(stream.next(&mut frame, NOW).unwrap(), Next::Frame);
        assert_eq!((frame.sequence, frame.width(), frame.height()), (5, 64, 48));
        // The mock paints its number into the picture.
        assert_eq!(frame.pixels().get(63, 47), Some([5; 3]));
        assert_eq!(
            stream.counters,
            Counters {
                frames: 1,
                skipped: 2,
                dropped: 2,
                corrupt: 1,
                ..Counters::default()
            }
        );
        assert_eq!(stream.next(&mut frame, NOW).unwrap(), Next::Frame);
        assert_eq!(frame.sequence, 6);
        assert_eq!(stream.counters.corrupt, 2);
        assert_eq!(stream.next(&mut frame, NOW).unwrap(), Next::TimedOut);
        assert_eq!(stream.driver.queued_all(), Ok(()));
    }

    #[test]
    fn a_time_out_is_a_value_and_leaves_the_frame() {
        let mut stream = grey(vec![Step::Wait]);
        let mut frame = Frame::new();
        assert_eq!(stream.next(&mut frame, NOW).unwrap(), Next::TimedOut);
        assert_eq!(frame.width(), 0);
        assert_eq!(stream.counters.timeouts, 1);
    }

    #[test]
    fn the_stride_in_force_counts() {
        let mut mock = Mock::new(vec![Offer::new(b"GREY", (50, 40), &[])]);
        mock.padding = 14;
        mock.before = 128;
        mock.steps = vec![Step::Filled(9)].into();
        let mut stream = Stream::start(mock, wanted(), clock()).unwrap();
        let mut frame = Frame::new();
        assert_eq!(stream.next(&mut frame, NOW).unwrap(), Next::Frame);
        // Padding is 255 in the mock and never seen.
        assert!(frame.bytes().iter().all(|byte| *byte == 9));
        assert_eq!((frame.width(), frame.height()), (50, 40));
    }

    #[test]
    fn errors_are_told_apart() {
        for (code, gone) in [(19, true), (5, false), (71, false)] {
            let mut stream = grey(vec![Step::Fails(code)]);
            let error = stream.next(&mut Frame::new(), NOW).unwrap_err();
            assert_eq!(matches!(error, CameraError::Gone), gone, "{error}");
            assert!(error.may_recover());
        }
        let mut stream = grey(vec![Step::PollError]);
        assert!(stream.next(&mut Frame::new(), NOW).is_err());
        assert!(matches!(
            failed("", io::Error::from_raw_os_error(16)),
            CameraError::Busy { .. }
        ));
        assert!(matches!(
            failed("", io::Error::from_raw_os_error(13)),
            CameraError::Denied { .. }
        ));
    }

    #[test]
    fn a_full_bus_is_answered_by_stepping_down() {
        let rate = Interval::of_rate(30);
        let mut mock = Mock::new(vec![
            Offer::new(b"YUYV", (64, 48), &[rate]),
            Offer::new(b"MJPG", (64, 48), &[rate]),
            Offer::new(b"YUYV", (32, 24), &[rate]),
        ]);
        mock.full_bus_for = vec![FourCc(*b"YUYV")];
        let stream = Stream::start(mock, wanted(), clock()).unwrap();
        assert_eq!(stream.format(), FourCc(*b"MJPG"));
        let mut mock = Mock::new(vec![Offer::new(b"YUYV", (64, 48), &[rate])]);
        mock.full_bus_for = vec![FourCc(*b"YUYV")];
        assert!(Stream::start(mock, wanted(), clock()).is_err());
    }

    #[test]
    fn an_unknown_camera_is_told_what_would_do() {
        let mock = Mock::new(vec![Offer::new(b"H264", (64, 48), &[])]);
        let error = Stream::start(mock, wanted(), clock())
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("YUYV") && error.contains("mock"), "{error}");
    }

    #[test]
    fn a_number_that_starts_over_is_no_loss() {
        let mut stream = grey(vec![
            Step::Filled(u32::MAX),
            Step::Wait,
            Step::Filled(1),
            Step::Wait,
            Step::Filled(0),
            Step::Wait,
            Step::Filled(0),
        ]);
        let mut frame = Frame::new();
        let mut numbers = Vec::new();
        for _ in 0..7 {
            if stream.next(&mut frame, NOW).unwrap() == Next::Frame {
                numbers.push(frame.sequence);
            }
        }
        assert_eq!(numbers, [0, 2, 3, 4]);
        assert_eq!(stream.counters.dropped, 1);
    }
}
