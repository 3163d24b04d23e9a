//! Group 0: echo, threads, clock, restart, what runs here.

use super::{Envelope, Written};
use crate::conversation::PACKET;
use crate::desk::Desk;
use crate::device::{Device, Restart};
use core::fmt::Write;
use heapless::{String, Vec};
use sfumato_wire::requests::Done;
use sfumato_wire::requests::os::{
    BootLoader, Clock, Echo, Information, Parameters, Request, Task, Tasks,
};
use sfumato_wire::status::{OsError, Status};

/// Threads that are told of, at most.
const THREADS: usize = 16;

pub fn answer<D: Device>(
    desk: &mut Desk<'_, D>,
    request: Request<'_>,
    envelope: &mut Envelope<'_>,
) -> Written {
    match request {
        Request::Echo(text) => envelope.answer(&Echo(text)),
        Request::Parameters => envelope.answer(&Parameters {
            buffer_size: PACKET as u32,
            buffer_count: 1,
        }),
        Request::Tasks => {
            let mut written = 0;
            desk.device.threads(&mut |threads| {
                let told = threads.iter().take(THREADS);
                let list: Vec<(&str, Task), THREADS> = told.map(|t| (t.name, t.task)).collect();
                written = envelope.answer(&Tasks(list.iter().copied()));
            });
            written
        }
        Request::ReadClock => {
            envelope.outcome(desk.device.clock().map(Clock).ok_or(OsError::ClockNotSet))
        }
        Request::SetClock(time) => {
            if let Err(fault) = desk.writing() {
                return envelope.fault(&fault);
            }
            envelope.outcome(
                desk.device
                    .set_clock(time)
                    .map(|()| Done)
                    .map_err(|_| OsError::ClockFailed),
            )
        }
        Request::Reset { boot_mode, .. } => {
            if boot_mode != 0 {
                return envelope.refuse(Status::NotSupported);
            }
            let done = desk.writing();
            let done = done.and_then(|()| Ok(desk.device.restart(Restart::Board)?));
            match done {
                Ok(()) => envelope.answer(&Done),
                Err(fault) => envelope.fault(&fault),
            }
        }
        Request::Information(format) => {
            let mut text = String::<512>::new();
            for (index, field) in format.fields().enumerate() {
                if index > 0 {
                    let _ = text.write_char(' ');
                }
                // What does not fit is not told.
                let _ = desk.device.fact(field, &mut text);
            }
            envelope.answer(&Information(&text))
        }
        Request::BootLoader { query: None } => envelope.answer(&BootLoader("none of its own")),
        Request::BootLoader { query: Some(_) } => envelope.refuse(OsError::NoAnswer),
    }
}
