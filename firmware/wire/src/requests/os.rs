//! Group 0: echo, tasks, clock, reset, parameters, versions, boot loader.
//!
//! Memory pools (command 3) and console echo (command 1) are not served: we have no pools, and the
//! echo is switched in the text itself.

use super::{Answer, each, optional_text_of, text_of};
use crate::cbor::{Full, Writer};
use crate::datetime::DateTime;
use crate::status::{OsError, Refusal, Status};
use core::fmt::Write;

/// A request to group 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Say this again; answered by [`Echo`]. Clients read it as well as write it.
    Echo(&'a str),
    /// How do the threads do? Answered by [`Tasks`].
    Tasks,
    /// What time is it? Answered by [`Clock`].
    ReadClock,
    /// Set the clock.
    SetClock(DateTime),
    /// Restart, after answering.
    Reset {
        /// Although something is under way.
        force: bool,
        /// 0 for an ordinary start; 1 for the boot loader's recovery.
        boot_mode: u8,
    },
    /// How long may packets be? Answered by [`Parameters`]. Clients ask this first.
    Parameters,
    /// What runs here? Answered by [`Information`].
    Information(Format),
    /// Which boot loader? Answered by [`BootLoader`], or to the query `mode` by [`BootMode`].
    BootLoader {
        /// A question to the boot loader itself.
        query: Option<&'a str>,
    },
}

impl<'a> Request<'a> {
    pub(super) fn parse(what: (bool, u8), payload: &'a [u8]) -> Result<Request<'a>, Refusal> {
        Ok(match what {
            (_, 0) => Request::Echo(text_of(payload, "d")?),
            (false, 2) => Request::Tasks,
            (false, 4) => Request::ReadClock,
            (true, 4) => {
                let text = text_of(payload, "datetime")?;
                Request::SetClock(DateTime::parse(text).map_err(|_| Status::InvalidValue)?)
            }
            (true, 5) => {
                let (mut force, mut boot_mode) = (false, 0);
                each(payload, |key, value| {
                    match key {
                        "force" => force = value.flag()?,
                        "boot_mode" => boot_mode = value.unsigned()?,
                        _ => {}
                    }
                    Ok(())
                })?;
                Request::Reset { force, boot_mode }
            }
            (false, 6) => Request::Parameters,
            (false, 7) => {
                let letters = optional_text_of(payload, "format")?;
                Request::Information(Format::parse(letters.unwrap_or("s"))?)
            }
            (false, 8) => Request::BootLoader {
                query: optional_text_of(payload, "query")?,
            },
            _ => return Err(Status::NotSupported.into()),
        })
    }
}

/// One thing to know about what runs here, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Field {
    /// `s`: name of the kernel.
    KernelName,
    /// `n`: name of this device.
    NodeName,
    /// `r`: release of the kernel.
    KernelRelease,
    /// `v`: version of the kernel, or of our program.
    KernelVersion,
    /// `b`: when it was built.
    BuildTime,
    /// `m`: machine.
    Machine,
    /// `p`: processor.
    Processor,
    /// `i`: hardware platform, the board.
    Platform,
    /// `o`: operating system.
    OperatingSystem,
}

/// Letters of the fields, in the fields' order.
const LETTERS: [(char, Field); 9] = [
    ('s', Field::KernelName),
    ('n', Field::NodeName),
    ('r', Field::KernelRelease),
    ('v', Field::KernelVersion),
    ('b', Field::BuildTime),
    ('m', Field::Machine),
    ('p', Field::Processor),
    ('i', Field::Platform),
    ('o', Field::OperatingSystem),
];

/// Which fields were asked for: a text of letters, `a` for all of them.
///
/// The answer joins them with spaces, in the order of [`Field`], whatever the order of the letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format(u16);

impl Format {
    fn parse(letters: &str) -> Result<Format, OsError> {
        let mut format = Format(0);
        for letter in letters.chars() {
            format.0 |= match LETTERS.iter().find(|(known, _)| *known == letter) {
                Some((_, field)) => 1 << *field as u8,
                None if letter == 'a' => (1 << LETTERS.len()) - 1,
                None => return Err(OsError::InvalidFormat),
            };
        }
        Ok(format)
    }

    /// The fields, in the order in which they are told.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        let fields = LETTERS.into_iter().map(|(_, field)| field);
        fields.filter(move |field| self.0 & 1 << *field as u8 != 0)
    }
}

/// Answer to [`Request::Echo`]: the same text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo<'a>(pub &'a str);

impl Answer for Echo<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("r")?;
        writer.text(self.0)
    }
}

/// What is told of a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// Priority, lower is more urgent.
    pub priority: u8,
    /// Number of the thread.
    pub number: u32,
    /// State; bit 7 is "ready to run", 0 waits.
    pub state: u8,
    /// Stack used, in words of 4 bytes: clients multiply by 4.
    pub stack_used: u32,
    /// Stack reserved, in words of 4 bytes.
    pub stack_size: u32,
    /// How often it was switched to.
    pub switches: u64,
    /// Time it ran, in ticks; ours are milliseconds.
    pub run_time: u64,
}

/// Answer to [`Request::Tasks`]: name and state of each thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tasks<I>(pub I);

impl<'a, I: Iterator<Item = (&'a str, Task)> + Clone> Answer for Tasks<I> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("tasks")?;
        writer.open_map()?;
        for (name, task) in self.0.clone() {
            writer.text(name)?;
            writer.map(9)?;
            for (key, value) in [
                ("prio", task.priority.into()),
                ("tid", task.number.into()),
                ("state", task.state.into()),
                ("stkuse", task.stack_used.into()),
                ("stksiz", task.stack_size.into()),
                ("cswcnt", task.switches),
                ("runtime", task.run_time),
                // Zephyr has no such thing either and says 0.
                ("last_checkin", 0),
                ("next_checkin", 0),
            ] {
                writer.text(key)?;
                writer.unsigned(value)?;
            }
        }
        writer.end()
    }
}

/// Answer to [`Request::ReadClock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock(pub DateTime);

impl Answer for Clock {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        let mut text = heapless::String::<48>::new();
        write!(text, "{}", self.0).map_err(|_| Full)?;
        writer.map(1)?;
        writer.text("datetime")?;
        writer.text(&text)
    }
}

/// Answer to [`Request::Parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The longest packet we take, header included, in bytes.
    pub buffer_size: u32,
    /// How many of them we take at a time.
    pub buffer_count: u32,
}

impl Answer for Parameters {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(2)?;
        writer.text("buf_size")?;
        writer.unsigned(self.buffer_size)?;
        writer.text("buf_count")?;
        writer.unsigned(self.buffer_count)
    }
}

/// Answer to [`Request::Information`]: the fields, joined with spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Information<'a>(pub &'a str);

impl Answer for Information<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("output")?;
        writer.text(self.0)
    }
}

/// Answer to [`Request::BootLoader`] without a query: its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootLoader<'a>(pub &'a str);

impl Answer for BootLoader<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("bootloader")?;
        writer.text(self.0)
    }
}

/// Answer to [`Request::BootLoader`] with the query `mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootMode {
    /// How images are exchanged, in the boot loader's own numbers; -1 for unknown.
    pub mode: i32,
    /// Older images are refused.
    pub no_downgrade: bool,
}

impl Answer for BootMode {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(if self.no_downgrade { 2 } else { 1 })?;
        writer.text("mode")?;
        writer.integer(self.mode)?;
        if self.no_downgrade {
            writer.text("no-downgrade")?;
            writer.boolean(true)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{payload, read, write};
    use super::super::{Request as Any, Request::Os};
    use super::*;
    use std::vec::Vec;

    #[test]
    fn echo_both_ways() {
        for parsed in [
            read(0, 0, b"\xa1\x61d\x62hi"),
            write(0, 0, b"\xa1\x61d\x62hi"),
        ] {
            assert!(matches!(parsed, Ok(Os(Request::Echo("hi")))));
        }
        assert_eq!(
            read(0, 0, b"\xa0").unwrap_err(),
            Status::InvalidValue.into()
        );
        assert_eq!(
            read(0, 0, b"\xa1\x61d\x01").unwrap_err(),
            Status::InvalidValue.into()
        );
        assert_eq!(payload(&Echo("hi")), b"\xa1\x61r\x62hi");
    }

    #[test]
    fn the_clock() {
        let set = b"\xa1\x68datetime\x772026-11-22T09:58:55.290";
        let Ok(Os(Request::SetClock(time))) = write(0, 4, set) else {
            panic!("not taken");
        };
        assert_eq!(
            (time.year, time.microsecond, time.zone),
            (2026, 290_000, None)
        );
        assert_eq!(
            payload(&Clock(time)),
            b"\xa1\x68datetime\x78\x1a2026-11-22T09:58:55.290000"
        );
        assert!(matches!(read(0, 4, b"\xa0"), Ok(Os(Request::ReadClock))));
        let wrong = write(0, 4, b"\xa1\x68datetime\x63now");
        assert_eq!(wrong.unwrap_err(), Status::InvalidValue.into());
    }

    #[test]
    fn reset_with_and_without_force() {
        let reset = |payload| match write(0, 5, payload) {
            Ok(Os(Request::Reset { force, boot_mode })) => (force, boot_mode),
            other => panic!("{other:?}"),
        };
        assert_eq!(reset(b""), (false, 0));
        assert_eq!(reset(b"\xa1\x65force\x01"), (true, 0));
        assert_eq!(reset(b"\xa2\x65force\xf5\x69boot_mode\x01"), (true, 1));
    }

    #[test]
    fn information_by_letters() {
        let fields = |parsed: Result<Any<'_>, Refusal>| -> Vec<Field> {
            match parsed {
                Ok(Os(Request::Information(format))) => format.fields().collect(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(fields(read(0, 7, b"\xa0")), [Field::KernelName]);
        assert_eq!(
            fields(read(0, 7, b"\xa1\x66format\x63ovs")),
            [
                Field::KernelName,
                Field::KernelVersion,
                Field::OperatingSystem
            ]
        );
        let all = fields(read(0, 7, b"\xa1\x66format\x61a"));
        assert_eq!(all, LETTERS.map(|(_, field)| field));
        let wrong = read(0, 7, b"\xa1\x66format\x62sx");
        assert_eq!(wrong.unwrap_err(), OsError::InvalidFormat.into());
        assert_eq!(payload(&Information("Linux")), b"\xa1\x66output\x65Linux");
    }

    #[test]
    fn the_boot_loader() {
        let plain = read(0, 8, b"");
        assert!(matches!(plain, Ok(Os(Request::BootLoader { query: None }))));
        let mode = read(0, 8, b"\xa1\x65query\x64mode");
        assert!(matches!(
            mode,
            Ok(Os(Request::BootLoader {
                query: Some("mode")
            }))
        ));
        assert_eq!(
            payload(&BootLoader("U-Boot")),
            b"\xa1\x6abootloader\x66U-Boot"
        );
        let unknown = BootMode {
            mode: -1,
            no_downgrade: true,
        };
        assert_eq!(payload(&unknown), b"\xa2\x64mode\x20\x6cno-downgrade\xf5");
    }

    #[test]
    fn parameters_and_tasks() {
        let parameters = Parameters {
            buffer_size: 2048,
            buffer_count: 1,
        };
        assert_eq!(
            payload(&parameters),
            b"\xa2\x68buf_size\x19\x08\x00\x69buf_count\x01"
        );
        let camera = Task {
            priority: 1,
            number: 300,
            ..Task::default()
        };
        let tasks = Tasks([("camera", camera)].into_iter());
        assert_eq!(
            payload(&tasks),
            b"\xa1\x65tasks\xbf\x66camera\xa9\x64prio\x01\x63tid\x19\x01\x2c\x65state\0\
              \x66stkuse\0\x66stksiz\0\x66cswcnt\0\x67runtime\0\x6clast_checkin\0\
              \x6cnext_checkin\0\xff"
        );
    }
}
