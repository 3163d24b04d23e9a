//! Group 3: settings. A write prepares a change, the commit puts all into force, a save keeps them.
//!
//! | refused | number |
//! |---|---|
//! | no such setting | 3 of the group |
//! | a value out of range, or against a rule | 3 of the protocol (invalid value), with words |
//! | reading or deleting the PIN, or writing it | 4, 7, 6 of the group |
//! | a PIN is set and the session is locked | 11 of the protocol (denied), with words |

use super::{Envelope, Written};
use crate::desk::Desk;
use crate::device::Device;
use crate::fault::Fault;
use crate::names::find;
use core::fmt::Write;
use heapless::String;
use sfumato_settings::{Id, StageError};
use sfumato_wire::requests::Done;
use sfumato_wire::requests::settings::{Request, Setting};
use sfumato_wire::status::{SettingsError, Status};

/// Longest value as text, in bytes.
const VALUE: usize = 2048;

pub fn answer<D: Device>(
    desk: &mut Desk<'_, D>,
    request: Request<'_>,
    envelope: &mut Envelope<'_>,
) -> Written {
    let done = match request {
        Request::Read { name, max_size } => return read(desk, name, max_size, envelope),
        Request::Write { name, value, save } => {
            let Ok(value) = core::str::from_utf8(value) else {
                return envelope.refuse(Status::InvalidValue);
            };
            let staged = desk.stage(name, value);
            staged.and_then(|_| {
                if save {
                    desk.commit().and_then(|_| desk.save())
                } else {
                    Ok(())
                }
            })
        }
        Request::Delete { name } => match find(name) {
            Some(Id::Pin) => return envelope.refuse(SettingsError::DeleteNotSupported),
            Some(id) => desk.stage_default(id),
            None => return envelope.refuse(SettingsError::KeyNotFound),
        },
        Request::Commit => desk.commit().map(|_| ()),
        Request::Load => desk.load(),
        Request::Save { name } => {
            let begins = |name: &str| {
                let dotted = crate::names::dotted(name).unwrap_or_default();
                Id::all().any(|id| id.name().starts_with(dotted.as_str()))
            };
            if name.is_some_and(|name| !begins(name)) {
                return envelope.refuse(SettingsError::RootNotFound);
            }
            // All are kept in one record: a part of them cannot be saved without the others.
            desk.save()
        }
    };
    match done {
        Ok(()) => envelope.answer(&Done),
        Err(Fault::Setting(StageError::Unknown { .. })) => {
            envelope.refuse(SettingsError::KeyNotFound)
        }
        Err(Fault::Setting(StageError::IsPin)) => envelope.refuse(SettingsError::WriteNotSupported),
        Err(fault) => envelope.fault(&fault),
    }
}

fn read<D: Device>(
    desk: &Desk<'_, D>,
    name: &str,
    max_size: Option<u32>,
    envelope: &mut Envelope<'_>,
) -> Written {
    let Some(id) = find(name) else {
        return envelope.refuse(SettingsError::KeyNotFound);
    };
    if id == Id::Pin {
        return envelope.refuse(SettingsError::ReadNotSupported);
    }
    let mut text = String::<VALUE>::new();
    if write!(text, "{}", desk.settings().get(id)).is_err() {
        return envelope.refuse(Status::TooLarge);
    }
    let size = text.len() as u32;
    if max_size.is_some_and(|most| most < size) {
        return envelope.refuse(Status::TooLarge);
    }
    envelope.answer(&Setting {
        value: text.as_bytes(),
        max_size: max_size.filter(|most| *most > size).map(|_| size),
    })
}
