//! Files over the serial line, by SMP's group 8, and a system's image by its group 1.

use super::line::Line;
use anyhow::{Result, anyhow, ensure};
use sfumato_wire::cbor::{Full, Map, Writer};
use sfumato_wire::header::{Header, Operation, Version, group};
use sfumato_wire::{Demultiplexer, Event, frame};
use sha2::{Digest as _, Sha256};

/// The longest file that is fetched, bytes.
const MOST: usize = 64 << 20;

/// Tries of one part: noise on the line costs a packet now and then.
const TRIES: u32 = 3;

/// Commands of the group: fetching or storing a part, length, hash.
const PART: u8 = 0;
const STATUS: u8 = 1;
const HASH: u8 = 2;

/// The image group's commands: what there is, storing a part.
const IMAGE_STATES: u8 = 0;
const IMAGE_PART: u8 = 1;

/// A command of the protocol.
#[derive(Clone, Copy, Debug)]
struct Command {
    version: Version,
    operation: Operation,
    group: u16,
    number: u8,
}

/// One of the files'.
fn files(operation: Operation, number: u8) -> Command {
    Command {
        version: Version::Two,
        operation,
        group: group::FILES,
        number,
    }
}

/// What an answer may hold.
#[derive(Debug, Default)]
struct Answer {
    data: Option<Vec<u8>>,
    length: Option<u64>,
    offset: Option<u64>,
    hash: Option<Vec<u8>>,
    matches: Option<bool>,
}

/// Why there is no answer that helps.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The board refuses, for this reason where it tells one.
    #[error("{0}")]
    Refused(String),
    /// Nothing came that can be read.
    #[error("{0:#}")]
    Line(anyhow::Error),
}

/// Fetches a file whole.
pub fn download(line: &mut Line, name: &str) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut length = None;
    while length.is_none_or(|length| file.len() < length) {
        let offset = file.len() as u64;
        let answer = ask(line, files(Operation::Read, PART), |writer| {
            writer.map(2)?;
            writer.text("name")?;
            writer.text(name)?;
            writer.text("off")?;
            writer.unsigned(offset)
        })
        .map_err(|error| anyhow!("{name}: {error}"))?;
        if length.is_none() {
            let whole = answer
                .length
                .ok_or_else(|| anyhow!("{name}: its length is not told"))?;
            ensure!(
                whole <= MOST as u64,
                "{name} has {whole} bytes, more than {MOST}"
            );
            length = Some(whole as usize);
        }
        let data = answer
            .data
            .ok_or_else(|| anyhow!("{name}: an answer without data"))?;
        ensure!(!data.is_empty() || length == Some(0), "{name} ends early");
        file.extend_from_slice(&data);
    }
    Ok(file)
}

/// Sends a file, `most` bytes at a time, and goes on where the board wants to. `progress` is told how much is there.
pub fn upload(
    line: &mut Line,
    name: &str,
    bytes: &[u8],
    most: usize,
    progress: &mut dyn FnMut(usize),
) -> Result<(), Refusal> {
    send(bytes, most, progress, &mut |at, data| {
        let answer = ask(line, files(Operation::Write, PART), |writer| {
            writer.map(if at == 0 { 4 } else { 3 })?;
            writer.text("off")?;
            writer.unsigned(at as u64)?;
            writer.text("data")?;
            writer.bytes(data)?;
            if at == 0 {
                writer.text("len")?;
                writer.unsigned(bytes.len() as u64)?;
            }
            writer.text("name")?;
            writer.text(name)
        })?;
        Ok(answer.offset.unwrap_or_default())
    })
}

/// Sends a system's image like a file; at the end the board has compared it with its SHA-256.
///
/// In the protocol's version one: version two has no room for words beside a group's own numbers.
pub fn upload_image(
    line: &mut Line,
    bytes: &[u8],
    most: usize,
    progress: &mut dyn FnMut(usize),
) -> Result<(), Refusal> {
    let hash = Sha256::digest(bytes);
    let image_part = Command {
        version: Version::One,
        operation: Operation::Write,
        group: group::IMAGE,
        number: IMAGE_PART,
    };
    // A read in between: a write that looks like the last one of an earlier call would be taken for the same.
    let states = Command {
        operation: Operation::Read,
        number: IMAGE_STATES,
        ..image_part
    };
    ask(line, states, |writer| writer.map(0))?;
    let mut matches = None;
    send(bytes, most, progress, &mut |at, data| {
        let answer = ask(line, image_part, |writer| {
            writer.map(if at == 0 { 4 } else { 2 })?;
            writer.text("off")?;
            writer.unsigned(at as u64)?;
            writer.text("data")?;
            writer.bytes(data)?;
            if at == 0 {
                writer.text("len")?;
                writer.unsigned(bytes.len() as u64)?;
                writer.text("sha")?;
                writer.bytes(&hash)?;
            }
            Ok(())
        })?;
        matches = answer.matches.or(matches);
        Ok(answer.offset.unwrap_or_default())
    })?;
    match matches {
        Some(false) => Err(Refusal::Refused(
            "what came is not what was sent; send it again".into(),
        )),
        _ => Ok(()),
    }
}

/// Sends the bytes that belong at an offset; the answer is where to go on.
type SendPart<'a> = dyn FnMut(usize, &[u8]) -> Result<u64, Refusal> + 'a;

/// Sends part after part, each where the answer to the one before wants it.
fn send(
    bytes: &[u8],
    most: usize,
    progress: &mut dyn FnMut(usize),
    part: &mut SendPart<'_>,
) -> Result<(), Refusal> {
    let mut at = 0;
    let mut stuck = 0;
    while at < bytes.len() {
        let data = bytes
            .get(at..bytes.len().min(at + most))
            .unwrap_or_default();
        let next = part(at, data)? as usize;
        if next > bytes.len() {
            return Err(Refusal::Line(anyhow!("the board is ahead of the file")));
        }
        stuck = if next > at { 0 } else { stuck + 1 };
        if stuck > TRIES {
            return Err(Refusal::Line(anyhow!(
                "the board wants the same part again and again"
            )));
        }
        at = next;
        progress(at);
    }
    Ok(())
}

/// Length of a file on the board; none where there is none.
pub fn length(line: &mut Line, name: &str) -> Result<Option<u64>, Refusal> {
    let asked = ask(line, files(Operation::Read, STATUS), |writer| {
        writer.map(1)?;
        writer.text("name")?;
        writer.text(name)
    });
    match asked {
        Ok(answer) => Ok(answer.length),
        Err(Refusal::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// SHA-256 of a file on the board.
pub fn sha256(line: &mut Line, name: &str) -> Result<Vec<u8>, Refusal> {
    let answer = ask(line, files(Operation::Read, HASH), |writer| {
        writer.map(2)?;
        writer.text("name")?;
        writer.text(name)?;
        writer.text("type")?;
        writer.text("sha256")
    })?;
    answer
        .hash
        .ok_or_else(|| Refusal::Line(anyhow!("an answer without a hash")))
}

/// Asks, again if nothing comes.
fn ask(
    line: &mut Line,
    command: Command,
    write: impl Fn(&mut Writer<'_>) -> Result<(), Full>,
) -> Result<Answer, Refusal> {
    let mut room = [0; 4000];
    let mut writer = Writer::new(&mut room);
    write(&mut writer).map_err(|_| Refusal::Line(anyhow!("the request is too long")))?;
    let payload = writer.written();
    // The same number for the same request: the board does a write once however often it hears it.
    let sequence = line.next_sequence();
    let header = Header {
        version: command.version,
        operation: command.operation,
        flags: 0,
        length: payload.len() as u16,
        group: command.group,
        sequence,
        command: command.number,
    };
    let packet = [&header.to_bytes()[..], payload].concat();
    let mut last = anyhow!("not asked yet");
    for _ in 0..TRIES {
        match exchange(line, &packet, (command.group, sequence)) {
            Ok(payload) => return read(&payload),
            Err(error) => last = error,
        }
    }
    Err(Refusal::Line(last))
}

/// Sends a packet; the payload of its answer.
fn exchange(line: &mut Line, packet: &[u8], wanted: (u16, u8)) -> Result<Vec<u8>> {
    for piece in frame::lines(packet).map_err(|_| anyhow!("too long a request"))? {
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
            if (found.group, found.sequence) == wanted {
                return Ok(payload.to_vec());
            }
        }
    }
}

fn read(payload: &[u8]) -> Result<Answer, Refusal> {
    let parse = || -> Result<(Answer, bool, Option<String>)> {
        let damaged = |_| anyhow!("an answer that cannot be read");
        let (mut answer, mut refused, mut reason) = (Answer::default(), false, None);
        let mut map = Map::new(payload).map_err(damaged)?;
        while let Some((key, value)) = map.next_entry().map_err(damaged)? {
            match key {
                "data" => answer.data = Some(value.bytes().map_err(damaged)?.to_vec()),
                "len" => answer.length = Some(value.unsigned().map_err(damaged)?),
                "off" => answer.offset = Some(value.unsigned().map_err(damaged)?),
                "match" => answer.matches = Some(value.flag().map_err(damaged)?),
                "output" => answer.hash = value.bytes().ok().map(<[u8]>::to_vec),
                "rsn" => reason = value.text().ok().map(str::to_owned),
                "rc" | "err" => refused = true,
                _ => {}
            }
        }
        Ok((answer, refused, reason))
    };
    match parse() {
        Ok((_, true, reason)) => {
            Err(Refusal::Refused(reason.unwrap_or_else(|| {
                "there is no such file, or it cannot be read or written".into()
            })))
        }
        Ok((answer, false, _)) => Ok(answer),
        Err(error) => Err(Refusal::Line(error)),
    }
}
