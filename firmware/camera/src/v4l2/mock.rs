//! A made-up driver for tests: offers what it is told and fills buffers by script.

use super::driver::{Driver, Filled, FourCc, Interval, Intervals, Ready, Setting, Sizes};
use crate::convert::Colour;
use sfumato_core::time::Micros;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::time::Duration;

/// A format at a size, with its rates.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    format: FourCc,
    size: (u32, u32),
    intervals: Vec<Interval>,
}

impl Offer {
    pub(crate) fn new(format: &[u8; 4], size: (u32, u32), intervals: &[Interval]) -> Self {
        Offer {
            format: FourCc(*format),
            size,
            intervals: intervals.to_vec(),
        }
    }
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A buffer is filled with this number, in every byte and as its sequence.
    Filled(u32),
    /// The same, flagged as damaged.
    Damaged(u32),
    /// Nothing more for now.
    Wait,
    /// Taking a buffer fails with this error number.
    Fails(i32),
    /// Polling reports an error.
    PollError,
}

/// A control of the made-up device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knob {
    pub(crate) value: i32,
    pub(crate) least: i32,
    pub(crate) most: i32,
    /// Whether setting it changes it; some drivers accept a value and leave it at that.
    pub(crate) turns: bool,
}

pub(crate) struct Mock {
    offers: Vec<Offer>,
    pub(crate) steps: VecDeque<Step>,
    /// Bytes after each row.
    pub(crate) padding: u32,
    /// Bytes before each picture.
    pub(crate) before: usize,
    /// Formats that do not start for lack of space on the bus.
    pub(crate) full_bus_for: Vec<FourCc>,
    /// Its controls by the kernel's number; others are refused.
    pub(crate) knobs: HashMap<u32, Knob>,
    setting: Option<Setting>,
    /// Whether each buffer is with the driver.
    queued: Vec<bool>,
    buffers: Vec<Vec<u8>>,
}

impl Mock {
    pub(crate) fn new(offers: Vec<Offer>) -> Self {
        Mock {
            offers,
            steps: VecDeque::new(),
            padding: 0,
            before: 0,
            full_bus_for: Vec::new(),
            knobs: HashMap::new(),
            setting: None,
            queued: Vec::new(),
            buffers: Vec::new(),
        }
    }

    fn knob(&mut self, id: u32) -> io::Result<&mut Knob> {
        self.knobs
            .get_mut(&id)
            .ok_or_else(|| io::Error::from_raw_os_error(22))
    }

    /// Whether every buffer was given back.
    pub(crate) fn queued_all(&self) -> Result<(), Vec<bool>> {
        if self.queued.iter().all(|queued| *queued) {
            Ok(())
        } else {
            Err(self.queued.clone())
        }
    }
}

impl Driver for Mock {
    fn name(&self) -> String {
        "mock".into()
    }

    fn formats(&mut self) -> io::Result<Vec<FourCc>> {
        Ok(self.offers.iter().map(|offer| offer.format).collect())
    }

    fn sizes(&mut self, format: FourCc) -> io::Result<Sizes> {
        let fits = |offer: &&Offer| offer.format == format;
        Ok(Sizes::List(
            self.offers
                .iter()
                .filter(fits)
                .map(|offer| offer.size)
                .collect(),
        ))
    }

    fn intervals(&mut self, format: FourCc, size: (u32, u32)) -> io::Result<Intervals> {
        let offer = self
            .offers
            .iter()
            .find(|offer| offer.format == format && offer.size == size);
        Ok(offer.map_or(Intervals::Unknown, |offer| {
            Intervals::List(offer.intervals.clone())
        }))
    }

    fn set_format(&mut self, format: FourCc, size: (u32, u32)) -> io::Result<Setting> {
        let setting = Setting {
            format,
            width: size.0,
            height: size.1,
            stride: size.0 + self.padding,
            colour: Colour::BT601,
        };
        self.setting = Some(setting);
        Ok(setting)
    }

    fn set_interval(&mut self, interval: Interval) -> io::Result<Interval> {
        Ok(interval)
    }

    fn start(&mut self, buffers: u32) -> io::Result<u32> {
        let setting = self.setting.unwrap();
        if self.full_bus_for.contains(&setting.format) {
            return Err(io::Error::from_raw_os_error(28));
        }
        let bytes = (setting.stride * setting.height * 3) as usize;
        self.buffers = vec![vec![255; bytes]; buffers as usize];
        self.queued = vec![true; buffers as usize];
        Ok(buffers)
    }

    fn stop(&mut self) {
        self.queued.clear();
    }

    fn wait(&mut self, _timeout: Duration) -> io::Result<Ready> {
        match self.steps.front() {
            None => Ok(Ready::TimedOut),
            Some(Step::Wait) => {
                self.steps.pop_front();
                match self.steps.front() {
                    None => Ok(Ready::TimedOut),
                    Some(_) => Ok(Ready::Yes),
                }
            }
            Some(Step::PollError) => Ok(Ready::Failed),
            Some(_) => Ok(Ready::Yes),
        }
    }

    fn dequeue(&mut self) -> io::Result<Option<Filled>> {
        let (number, damaged) = match self.steps.front() {
            Some(Step::Filled(number)) => (*number, false),
            Some(Step::Damaged(number)) => (*number, true),
            Some(Step::Fails(code)) => return Err(io::Error::from_raw_os_error(*code)),
            Some(Step::Wait | Step::PollError) | None => return Ok(None),
        };
        let Some(index) = self.queued.iter().position(|queued| *queued) else {
            panic!("the camera kept every buffer");
        };
        self.steps.pop_front();
        self.queued[index] = false;
        let setting = self.setting.unwrap();
        let (width, stride) = (setting.width as usize, setting.stride as usize);
        for row in self.buffers[index][self.before..]
            .chunks_mut(stride)
            .take(setting.height as usize)
        {
            row[..width].fill(number as u8);
        }
        Ok(Some(Filled {
            index: index as u32,
            start: self.before,
            used: self.before + stride * setting.height as usize,
            sequence: number,
            damaged,
            age: Some(Micros(1_000)),
        }))
    }

    fn queue(&mut self, index: u32) -> io::Result<()> {
        let queued = &mut self.queued[index as usize];
        assert!(!*queued, "a buffer was given back twice");
        *queued = true;
        Ok(())
    }

    fn bytes(&self, filled: &Filled) -> &[u8] {
        &self.buffers[filled.index as usize][filled.start..filled.used]
    }

    fn set_control(&mut self, id: u32, value: i32) -> io::Result<()> {
        let knob = self.knob(id)?;
        if !(knob.least..=knob.most).contains(&value) {
            // ERANGE, as for a value that a menu does not have.
            return Err(io::Error::from_raw_os_error(34));
        }
        if knob.turns {
            knob.value = value;
        }
        Ok(())
    }

    fn control(&mut self, id: u32) -> io::Result<i32> {
        self.knob(id).map(|knob| knob.value)
    }

    fn control_range(&mut self, id: u32) -> io::Result<(i32, i32)> {
        self.knob(id).map(|knob| (knob.least, knob.most))
    }
}
