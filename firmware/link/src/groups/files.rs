//! Group 8: files, to be fetched and stored in parts.

use super::{Envelope, Written};
use crate::conversation::PACKET;
use crate::desk::Desk;
use crate::device::{Device, Hash, HashKind, Unstored};
use sfumato_wire::requests::Done;
use sfumato_wire::requests::files::{
    FileHash, FileStatus, HashKinds, Output, Part, Request, Stored,
};
use sfumato_wire::status::FilesError;

/// Bytes of a file in one answer.
const PART: usize = Part::room(PACKET);

pub fn answer<D: Device>(
    desk: &mut Desk<'_, D>,
    request: Request<'_>,
    envelope: &mut Envelope<'_>,
) -> Written {
    match request {
        Request::Download { name, offset } => download(desk, name, offset, envelope),
        Request::Upload {
            name,
            offset,
            data,
            length,
        } => {
            if let Err(fault) = desk.writing() {
                return envelope.fault(&fault);
            }
            match desk.device.store(name, offset, data, length) {
                Ok(next) => envelope.answer(&Stored(next)),
                Err(Unstored::Error(error)) => envelope.refuse(error),
                Err(Unstored::Denied(denied)) => envelope.fault(&denied.into()),
            }
        }
        Request::Status { name } => envelope.outcome(desk.device.size(name).map(FileStatus)),
        Request::Hash {
            name,
            kind,
            offset,
            length,
        } => {
            let kind = match kind {
                None | Some("sha256") => HashKind::Sha256,
                Some("crc32") => HashKind::Crc32,
                Some(_) => return envelope.refuse(FilesError::HashNotFound),
            };
            match desk.device.hash(name, kind, offset, length) {
                Ok((hash, length)) => envelope.answer(&FileHash {
                    offset,
                    length,
                    output: match &hash {
                        Hash::Crc32(value) => Output::Crc32(*value),
                        Hash::Sha256(value) => Output::Sha256(value),
                    },
                }),
                Err(error) => envelope.refuse(error),
            }
        }
        Request::HashKinds => envelope.answer(&HashKinds {
            crc32: true,
            sha256: true,
        }),
        Request::Close => {
            desk.device.close();
            envelope.answer(&Done)
        }
    }
}

fn download<D: Device>(
    desk: &mut Desk<'_, D>,
    name: &str,
    offset: u64,
    envelope: &mut Envelope<'_>,
) -> Written {
    let mut part = [0; PART];
    let read = desk.device.size(name).and_then(|length| {
        if offset > length {
            return Err(FilesError::OffsetBehindEnd);
        }
        let count = desk.device.read(name, offset, &mut part)?;
        Ok((length, count))
    });
    match read {
        Ok((length, count)) => envelope.answer(&Part {
            offset,
            data: part.get(..count).unwrap_or_default(),
            length: (offset == 0).then_some(length),
        }),
        Err(error) => envelope.refuse(error),
    }
}
