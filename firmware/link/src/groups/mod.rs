//! Answers to packets, group by group.
//!
//! Each group has a module that turns its request into the packet to send. What is refused by a number
//! of its group says that number; what has none there, such as a value out of range or a locked
//! session, says the protocol's own, with words.

mod enumeration;
mod files;
mod image;
mod os;
mod settings;
mod shell;
mod statistics;

use crate::desk::Desk;
use crate::device::Device;
use crate::fault::Fault;
use core::fmt::Write;
use heapless::String;
use sfumato_wire::requests::Answer;
use sfumato_wire::{Header, Refusal, Request, Status, refuse, reply};

/// Longest reason in words, in bytes.
const REASON: usize = 160;

/// A request's header and the buffer for its answer.
pub(crate) struct Envelope<'a> {
    pub header: Header,
    pub buffer: &'a mut [u8],
}

/// Length of the answer that was written to the buffer.
pub(crate) type Written = usize;

impl Envelope<'_> {
    /// Writes an answer.
    fn answer(&mut self, answer: &impl Answer) -> Written {
        reply(&self.header, answer, self.buffer).len()
    }

    /// Refuses by a number.
    fn refuse(&mut self, refusal: impl Into<Refusal>) -> Written {
        self.refuse_saying(refusal, "")
    }

    /// Refuses by a number, and says why in words where the protocol has room for them.
    fn refuse_saying(&mut self, refusal: impl Into<Refusal>, reason: &str) -> Written {
        refuse(&self.header, refusal, reason, self.buffer).len()
    }

    /// Refuses by the protocol's number that is nearest, and says why in words.
    fn fault(&mut self, fault: &Fault) -> Written {
        let status = match fault {
            Fault::Line(_) | Fault::Usage(_) | Fault::NotAPin | Fault::Broken(_) => {
                Status::InvalidValue
            }
            Fault::Setting(_) | Fault::Missing(_) => Status::InvalidValue,
            Fault::Unknown => Status::NotFound,
            Fault::Locked | Fault::WrongAnswer => Status::Denied,
            Fault::Wait(_) => Status::Busy,
            Fault::NotSaved(_) => Status::Unknown,
            Fault::Denied(_) => Status::BadState,
        };
        let mut reason = String::<REASON>::new();
        // As much of it as there is room for.
        let _ = write!(reason, "{fault}");
        refuse(&self.header, status, &reason, self.buffer).len()
    }

    /// Writes an answer or refuses.
    fn outcome<R: Into<Refusal>>(&mut self, outcome: Result<impl Answer, R>) -> Written {
        match outcome {
            Ok(answer) => self.answer(&answer),
            Err(refusal) => self.refuse(refusal),
        }
    }
}

/// Answers a request; says how long the answer in the envelope's buffer is.
pub(crate) fn answer<D: Device>(
    desk: &mut Desk<'_, D>,
    payload: &[u8],
    mut envelope: Envelope<'_>,
) -> Written {
    let request = match Request::parse(&envelope.header, payload) {
        Ok(request) => request,
        Err(refusal) => return envelope.refuse(refusal),
    };
    match request {
        Request::Os(request) => os::answer(desk, request, &mut envelope),
        Request::Image(request) => image::answer(desk, request, &mut envelope),
        Request::Statistics(request) => statistics::answer(desk, request, &mut envelope),
        Request::Settings(request) => settings::answer(desk, request, &mut envelope),
        Request::Files(request) => files::answer(desk, request, &mut envelope),
        Request::Shell(request) => shell::answer(desk, request, &mut envelope),
        Request::Enumeration(request) => enumeration::answer(request, &mut envelope),
    }
}
