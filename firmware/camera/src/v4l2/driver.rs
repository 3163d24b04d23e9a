//! What the camera code needs of a V4L2 device, as a trait: the kernel's, or one made up in a test.

use crate::convert::Colour;
use sfumato_core::time::Micros;
use std::fmt;
use std::io;
use std::time::Duration;

/// A pixel format's four letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FourCc(pub(crate) [u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The frame sizes of one pixel format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sizes {
    /// These, width and height.
    List(Vec<(u32, u32)>),
    /// Any from the first to the second, in steps of the third.
    Range {
        least: (u32, u32),
        most: (u32, u32),
        step: (u32, u32),
    },
    /// The driver does not say.
    Unknown,
}

/// The time from one frame to the next, as a fraction of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) over: u32,
    pub(crate) under: u32,
}

impl Interval {
    /// The interval of `fps` frames a second.
    pub(crate) const fn of_rate(fps: u32) -> Self {
        Interval {
            over: 1,
            under: fps,
        }
    }

    /// Frames a second; zero for an interval that makes no sense.
    pub(crate) fn fps(self) -> f64 {
        if self.over == 0 {
            0.0
        } else {
            f64::from(self.under) / f64::from(self.over)
        }
    }
}

/// The frame intervals of one pixel format at one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Intervals {
    /// These.
    List(Vec<Interval>),
    /// Any from the shortest to the longest.
    Range {
        shortest: Interval,
        longest: Interval,
    },
    /// The driver does not say.
    Unknown,
}

/// The format in force after asking for one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setting {
    pub(crate) format: FourCc,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Bytes from one row to the next; zero for compressed formats.
    pub(crate) stride: u32,
    pub(crate) colour: Colour,
}

/// A filled buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// Which buffer; give it back with [`Driver::queue`].
    pub(crate) index: u32,
    /// Where the picture begins in it: some drivers put something of their own before.
    pub(crate) start: usize,
    /// Bytes in it, with what comes before the picture.
    pub(crate) used: usize,
    /// The driver's frame number.
    pub(crate) sequence: u32,
    /// The driver says that the content is damaged.
    pub(crate) damaged: bool,
    /// How long ago the picture was taken; none if the driver does not say it in a known way.
    pub(crate) age: Option<Micros>,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ready {
    /// A buffer can be taken.
    Yes,
    /// None in time.
    TimedOut,
    /// The device reports an error state; it will not deliver any more.
    Failed,
}

/// One open device. Dropping it stops it and lets go of everything, without fuss.
pub(crate) trait Driver: Send {
    /// What the device calls itself.
    fn name(&self) -> String;
    fn formats(&mut self) -> io::Result<Vec<FourCc>>;
    fn sizes(&mut self, format: FourCc) -> io::Result<Sizes>;
    fn intervals(&mut self, format: FourCc, size: (u32, u32)) -> io::Result<Intervals>;
    fn set_format(&mut self, format: FourCc, size: (u32, u32)) -> io::Result<Setting>;
    fn set_interval(&mut self, interval: Interval) -> io::Result<Interval>;
    /// Allocates and queues about so many buffers and starts streaming; returns how many.
    fn start(&mut self, buffers: u32) -> io::Result<u32>;
    /// Stops streaming and frees the buffers.
    fn stop(&mut self);
    fn wait(&mut self, timeout: Duration) -> io::Result<Ready>;
    /// Takes a filled buffer, none if there is none.
    fn dequeue(&mut self) -> io::Result<Option<Filled>>;
    fn queue(&mut self, index: u32) -> io::Result<()>;
    /// The bytes of a buffer; valid until it is queued again.
    fn bytes(&self, filled: &Filled) -> &[u8];
    fn set_control(&mut self, id: u32, value: i32) -> io::Result<()>;
    fn control(&mut self, id: u32) -> io::Result<i32>;
    /// The least and the greatest value of a control.
    fn control_range(&mut self, id: u32) -> io::Result<(i32, i32)>;
}
