//! The link thread: the serial port, and who sits at it.
//!
//! A port that is away, held by somebody or unplugged is named once, and looked for again and again; the
//! show goes on. Nothing that comes over the line can hold the thread up for long.

mod board;
mod diagnostics;
mod facts;
pub mod images;
mod shelf;
mod vitals;

pub use board::{Board, Parts};

use crate::fence::fenced;
use crate::log::say;
use sfumato_core::time::{Clock, Moment};
use sfumato_link::Conversation;
use sfumato_serial::{Port, PortError};
use std::time::Duration;

/// How long one wait for bytes lasts.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long the other end may take to read an answer.
const WRITING: Duration = Duration::from_secs(2);

/// Pause before a port is looked for again.
const AGAIN: Duration = Duration::from_secs(1);

/// Opens the port, again and again if need be.
pub type OpenPort<'a> = dyn FnMut() -> Result<Box<dyn Port>, PortError> + Send + 'a;

/// Holds the conversation until `over`.
pub fn run(
    open: &mut OpenPort<'_>,
    conversation: &mut Conversation,
    board: &mut Board<'_>,
    clock: &dyn Clock,
    over: &dyn Fn() -> bool,
) {
    let mut told = None;
    while !over() {
        board.count_opening();
        match open() {
            Ok(mut port) => {
                say!("serial on {}", port.description());
                told = None;
                let lost = converse(port.as_mut(), conversation, board, clock, over);
                conversation.hang_up();
                if let Some(error) = lost {
                    say!("serial: {error}; looking for it again");
                    told = Some(error);
                }
            }
            Err(error) => {
                if told.as_ref() != Some(&error) {
                    say!("serial: {error}; trying again");
                    told = Some(error);
                }
                conversation.tick(clock.now());
            }
        }
        let mut left = AGAIN;
        while !over() && !left.is_zero() {
            std::thread::sleep(PATIENCE);
            left = left.saturating_sub(PATIENCE);
            board.pass(clock.now());
        }
    }
}

/// Talks until the port is lost or the show is over.
fn converse(
    port: &mut dyn Port,
    conversation: &mut Conversation,
    board: &mut Board<'_>,
    clock: &dyn Clock,
    over: &dyn Fn() -> bool,
) -> Option<PortError> {
    let (mut received, mut answer) = ([0; 1024], Vec::new());
    while !over() {
        let now = clock.now();
        board.pass(now);
        let count = match port.read(&mut received, PATIENCE) {
            Ok(count) => count,
            Err(error) => return Some(error),
        };
        let bytes = received.get(..count).unwrap_or_default();
        answer.clear();
        if answered(bytes, now, conversation, board, &mut answer).is_err() {
            board.count_panic();
            conversation.hang_up();
        }
        match port.write(&answer, WRITING) {
            // Whoever asked has gone without reading the answer: the next one shall not get it.
            Ok(()) | Err(PortError::Unread(_)) => {}
            Err(error) => return Some(error),
        }
        board.note(conversation.dropped());
    }
    None
}

fn answered(
    bytes: &[u8],
    now: Moment,
    conversation: &mut Conversation,
    board: &mut Board<'_>,
    answer: &mut Vec<u8>,
) -> Result<(), ()> {
    let talk = || {
        if bytes.is_empty() {
            conversation.tick(now);
        } else {
            conversation.receive(bytes, now, board, &mut |bytes| {
                answer.extend_from_slice(bytes);
            });
        }
    };
    fenced(talk).map_err(|_| ())
}
