//! One port's conversation: bytes in, bytes out.

use crate::commands::{self, Effect};
use crate::desk::Desk;
use crate::device::Device;
use crate::fault::Fault;
use crate::groups::{self, Envelope};
use crate::session::Session;
use core::fmt;
use sfumato_core::time::{Micros, Moment};
use sfumato_settings::Store;
use sfumato_wire::header::BadHeader;
use sfumato_wire::text::LineError;
use sfumato_wire::{Demultiplexer, Dropped, Event, Header, Repeats, Status, frame, refuse};

/// The longest packet that is taken and sent, header included, in bytes.
pub const PACKET: usize = 4096;

/// The longest line of text, in bytes.
pub const LINE: usize = 512;

/// Silence after which a repeated request is a new one: long after any client has tried again.
const QUIET: Micros = Micros::from_secs(10);

/// Where answers go: called with a few bytes at a time, in order.
pub type Out<'o> = dyn FnMut(&[u8]) + 'o;

/// A conversation, and the settings that it is about.
#[derive(Debug)]
pub struct Conversation {
    bytes: Demultiplexer<PACKET, LINE>,
    repeats: Repeats<PACKET>,
    session: Session,
    store: Store,
    last_byte: Moment,
    reply: [u8; PACKET],
}

impl Conversation {
    /// A conversation that has not begun, about these settings.
    pub fn new(store: Store) -> Conversation {
        Conversation {
            bytes: Demultiplexer::new(),
            repeats: Repeats::new(),
            session: Session::default(),
            store,
            last_byte: Moment::default(),
            reply: [0; PACKET],
        }
    }

    /// The settings.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What was heard and could not be used.
    pub fn dropped(&self) -> Dropped {
        self.bytes.dropped()
    }

    /// Nobody is there any more: the port was unplugged, or opened by somebody else.
    pub fn hang_up(&mut self) {
        self.bytes.set_terminal(false);
        self.session.lock();
        self.repeats.forget();
    }

    /// Lets time pass; to be called now and then.
    pub fn tick(&mut self, now: Moment) {
        if self.last_byte.until(now) >= QUIET {
            self.repeats.forget();
        }
        self.session.tick(now, &self.store.current().settings);
    }

    /// Takes what came over the line, and sends what it is answered with to `out`.
    pub fn receive<D: Device>(
        &mut self,
        received: &[u8],
        now: Moment,
        device: &mut D,
        out: &mut Out<'_>,
    ) {
        self.tick(now);
        self.last_byte = now;
        for &byte in received {
            let Some(event) = self.bytes.push(byte, out) else {
                continue;
            };
            self.session.heard(now);
            let mut desk = Desk {
                store: &mut self.store,
                session: &mut self.session,
                device,
                now,
            };
            let effect = match event {
                Event::Packet(packet) => {
                    packet_answered(&mut desk, &mut self.repeats, packet, &mut self.reply, out);
                    continue;
                }
                Event::Line(line) => commands::run(&mut desk, line, &mut Lines(out)).0,
                Event::TooLong => line_refused(LineError::TooLong, out),
                Event::NotText => line_refused(LineError::NotText, out),
            };
            if let Effect::Terminal(on) = effect {
                self.bytes.set_terminal(on);
            }
            self.bytes.prompt(out);
        }
    }
}

fn line_refused(error: LineError, out: &mut Out<'_>) -> Effect {
    commands::refuse(&Fault::Line(error), &mut Lines(out));
    Effect::None
}

fn packet_answered<D: Device>(
    desk: &mut Desk<'_, D>,
    repeats: &mut Repeats<PACKET>,
    packet: &[u8],
    buffer: &mut [u8; PACKET],
    out: &mut Out<'_>,
) {
    let (header, payload) = match Header::of_request(packet) {
        Ok(parts) => parts,
        Err(BadHeader::TooNew(header)) => {
            return send(refuse(&header, Status::TooNew, "", buffer), out);
        }
        // There is nobody to answer.
        Err(_) => return,
    };
    if let Some(earlier) = repeats.earlier_reply(&header, payload) {
        return send(earlier, out);
    }
    let envelope = Envelope {
        header,
        buffer: &mut buffer[..],
    };
    let written = groups::answer(desk, payload, envelope);
    let reply = buffer.get(..written).unwrap_or_default();
    repeats.answered(reply);
    send(reply, out);
}

fn send(packet: &[u8], out: &mut Out<'_>) {
    // A packet fits its buffer, which is shorter than the longest that can be framed.
    for line in frame::lines(packet).into_iter().flatten() {
        out(&line);
    }
}

/// Text for the line: a line feed becomes return and line feed, as terminals and controllers want it.
struct Lines<'a, 'o>(&'a mut Out<'o>);

impl fmt::Write for Lines<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (index, piece) in text.split('\n').enumerate() {
            if index > 0 {
                (self.0)(b"\r\n");
            }
            if !piece.is_empty() {
                (self.0)(piece.as_bytes());
            }
        }
        Ok(())
    }
}
