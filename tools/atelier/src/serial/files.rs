//! Files over the serial line, by SMP's group 8.

use super::line::Line;
use anyhow::{Result, anyhow, bail, ensure};
use sfumato_wire::cbor::{Full, Map, Writer};
use sfumato_wire::header::{Header, Operation, Version, group};
use sfumato_wire::{Demultiplexer, Event, frame};

/// The longest file that is fetched, bytes.
const MOST: usize = 64 << 20;

/// Tries of one part: noise on the line costs a packet now and then.
const TRIES: u32 = 3;

/// Fetches a file whole.
pub fn download(line: &mut Line, name: &str) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut length = None;
    let mut sequence = 0u8;
    while length.is_none_or(|length| file.len() < length) {
        let mut part = Err(anyhow!("not asked yet"));
        for _ in 0..TRIES {
            sequence = sequence.wrapping_add(1);
            part = ask(line, name, file.len() as u64, sequence);
            if part.is_ok() {
                break;
            }
        }
        let (data, whole) = part?;
        if length.is_none() {
            let whole = whole.ok_or_else(|| anyhow!("{name}: its length is not told"))?;
            ensure!(
                whole <= MOST as u64,
                "{name} has {whole} bytes, more than {MOST}"
            );
            length = Some(whole as usize);
        }
        ensure!(!data.is_empty() || length == Some(0), "{name} ends early");
        file.extend_from_slice(&data);
    }
    Ok(file)
}

/// A part of the file from `offset` on, and the whole length where it is told.
fn ask(line: &mut Line, name: &str, offset: u64, sequence: u8) -> Result<(Vec<u8>, Option<u64>)> {
    let mut room = [0; 256];
    let mut writer = Writer::new(&mut room);
    let written: Result<(), Full> = (|| {
        writer.map(2)?;
        writer.text("name")?;
        writer.text(name)?;
        writer.text("off")?;
        writer.unsigned(offset)
    })();
    written.map_err(|_| anyhow!("{name}: a name this long cannot be asked for"))?;
    let payload = writer.written();
    let header = Header {
        version: Version::Two,
        operation: Operation::Read,
        flags: 0,
        length: payload.len() as u16,
        group: group::FILES,
        sequence,
        command: 0,
    };
    let packet = [&header.to_bytes()[..], payload].concat();
    for piece in frame::lines(&packet).map_err(|_| anyhow!("too long a request"))? {
        line.send(&piece)?;
    }
    let mut packets = Demultiplexer::<4096, 512, 1>::new();
    loop {
        let mut bytes = line.next()?;
        bytes.push(b'\n');
        for byte in bytes {
            let Some(Event::Packet(packet)) = packets.push(byte, &mut |_| {}) else {
                continue;
            };
            let Ok((found, payload)) = Header::read(packet) else {
                continue;
            };
            if found.sequence == sequence && found.group == group::FILES {
                return read(name, payload);
            }
        }
    }
}

fn read(name: &str, payload: &[u8]) -> Result<(Vec<u8>, Option<u64>)> {
    let damaged = |_| anyhow!("{name}: an answer that cannot be read");
    let (mut data, mut length) = (None, None);
    let mut map = Map::new(payload).map_err(damaged)?;
    while let Some((key, value)) = map.next_entry().map_err(damaged)? {
        match key {
            "data" => data = Some(value.bytes().map_err(damaged)?.to_vec()),
            "len" => length = Some(value.unsigned().map_err(damaged)?),
            "rc" | "err" => bail!("there is no {name}, or it cannot be read"),
            _ => {}
        }
    }
    let data = data.ok_or_else(|| anyhow!("{name}: an answer without data"))?;
    Ok((data, length))
}
