//! Commands as bytes, answers as values. Pure.
//!
//! A packet is: who speaks, how many bytes follow (with the top bit set), the bytes, and the
//! exclusive-or of all of it and of the address it goes to. A display that has nothing to say, because
//! it is busy or did not understand, answers with a packet of no bytes.

/// The display's address on the bus, seven bits.
pub(super) const ADDRESS: u8 = 0x37;

/// The display's address as it enters checksums, and as it names itself.
const DISPLAY: u8 = ADDRESS << 1;
/// The name the host speaks by.
const HOST: u8 = 0x51;
/// The address that answers are summed with, though no such byte is sent.
const ANSWER_TO: u8 = 0x50;

/// The bit that is set in the length of every packet.
const LENGTH_BIT: u8 = 0x80;

/// Asks for a control.
const GET: u8 = 0x01;
/// Answers that.
const ANSWER: u8 = 0x02;
/// Sets a control.
const SET: u8 = 0x03;

/// Bytes to read for an answer.
pub(super) const ANSWER_LENGTH: usize = 11;

/// The command that asks for a control.
pub(super) fn get(control: u8) -> [u8; 5] {
    let mut packet = [HOST, LENGTH_BIT | 2, GET, control, 0];
    seal(&mut packet, DISPLAY);
    packet
}

/// The command that sets a control.
pub(super) fn set(control: u8, value: u16) -> [u8; 7] {
    let [high, low] = value.to_be_bytes();
    let mut packet = [HOST, LENGTH_BIT | 4, SET, control, high, low, 0];
    seal(&mut packet, DISPLAY);
    packet
}

/// Puts the checksum into the last byte.
fn seal(packet: &mut [u8], address: u8) {
    if let Some((last, rest)) = packet.split_last_mut() {
        *last = checksum(address, rest);
    }
}

fn checksum(address: u8, bytes: &[u8]) -> u8 {
    bytes.iter().fold(address, |sum, byte| sum ^ byte)
}

/// What a display answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing: it is busy, or did not understand.
    Null,
    /// It has no such control.
    Unsupported(u8),
    /// A control's value.
    Value {
        /// Which control.
        control: u8,
        /// What it is.
        reading: Reading,
    },
}

/// A control as the display tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Its value now.
    pub current: u16,
    /// The highest value; for controls that are lists of choices it means nothing.
    pub maximum: u16,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It does not begin as a display's answer does; often all ones or zeros, as on a bus with nobody.
    #[error("it begins with {0:02x}, not 6e")]
    Sender(u8),
    /// Its length is none that an answer has, or more than what was read.
    #[error("its length is given as {0:02x}")]
    Length(u8),
    /// Its checksum is wrong.
    #[error("its checksum is wrong")]
    Checksum,
    /// It answers something else.
    #[error("it answers {0:02x}, which was not asked")]
    Kind(u8),
    /// It neither has nor lacks the control.
    #[error("its result is {0:02x}")]
    Result(u8),
}

/// Reads an answer; bytes after its end are ignored.
pub(super) fn answer(bytes: &[u8]) -> Result<Answer, Damage> {
    let (sender, length) = match bytes {
        [sender, length, ..] => (*sender, *length),
        _ => return Err(Damage::Length(0)),
    };
    if sender != DISPLAY {
        return Err(Damage::Sender(sender));
    }
    if length & LENGTH_BIT == 0 {
        return Err(Damage::Length(length));
    }
    let end = 2 + usize::from(length & !LENGTH_BIT);
    let (Some(summed), Some(sum)) = (bytes.get(..end), bytes.get(end)) else {
        return Err(Damage::Length(length));
    };
    if checksum(ANSWER_TO, summed) != *sum {
        return Err(Damage::Checksum);
    }
    match *summed.get(2..).unwrap_or_default() {
        [] => Ok(Answer::Null),
        [ANSWER, 0, control, _kind, max_high, max_low, high, low] => Ok(Answer::Value {
            control,
            reading: Reading {
                current: u16::from_be_bytes([high, low]),
                maximum: u16::from_be_bytes([max_high, max_low]),
            },
        }),
        [ANSWER, 1, control, ..] if end == ANSWER_LENGTH - 1 => Ok(Answer::Unsupported(control)),
        [ANSWER, result, ..] if end == ANSWER_LENGTH - 1 => Err(Damage::Result(result)),
        [ANSWER, ..] => Err(Damage::Length(length)),
        [kind, ..] => Err(Damage::Kind(kind)),
    }
}

/// What a host said, as a display reads it; none when it is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Tell this control.
    Get(u8),
    /// Set this control.
    Set(u8, u16),
}

/// Reads a command, as a display does.
pub(super) fn command(bytes: &[u8]) -> Option<Command> {
    let (sum, summed) = bytes.split_last()?;
    if checksum(DISPLAY, summed) != *sum {
        return None;
    }
    let length = u8::try_from(summed.len().checked_sub(2)?).ok()?;
    let (head, body) = summed.split_at_checked(2)?;
    if head != [HOST, LENGTH_BIT | length] {
        return None;
    }
    match *body {
        [GET, control] => Some(Command::Get(control)),
        [SET, control, high, low] => Some(Command::Set(control, u16::from_be_bytes([high, low]))),
        _ => None,
    }
}

/// An answer as bytes, as a display sends it; the rest is zeros.
pub(super) fn encode(answer: Answer) -> [u8; ANSWER_LENGTH] {
    let mut packet = [0; ANSWER_LENGTH];
    let (control, result, reading) = match answer {
        Answer::Null => {
            if let Some((head, _)) = packet.split_first_chunk_mut::<3>() {
                *head = [DISPLAY, LENGTH_BIT, 0];
                seal(head, ANSWER_TO);
            }
            return packet;
        }
        Answer::Unsupported(control) => (control, 1, None),
        Answer::Value { control, reading } => (control, 0, Some(reading)),
    };
    let [max_high, max_low] = reading.map_or(0, |reading| reading.maximum).to_be_bytes();
    let [high, low] = reading.map_or(0, |reading| reading.current).to_be_bytes();
    packet = [
        DISPLAY,
        LENGTH_BIT | 8,
        ANSWER,
        result,
        control,
        0,
        max_high,
        max_low,
        high,
        low,
        0,
    ];
    seal(&mut packet, ANSWER_TO);
    packet
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes as a logic analyser or another program shows them.
    #[test]
    fn commands_are_those_of_others() {
        assert_eq!(get(0x10), [0x51, 0x82, 0x01, 0x10, 0xac]);
        assert_eq!(set(0x10, 50), [0x51, 0x84, 0x03, 0x10, 0x00, 0x32, 0x9a]);
        // From ddcutil's issue 36, which traces this command: … 51 84 03 d6 00 05 6b.
        assert_eq!(set(0xd6, 5), [0x51, 0x84, 0x03, 0xd6, 0x00, 0x05, 0x6b]);
    }

    #[test]
    fn answers_are_those_of_the_standard() {
        let brightness = [
            0x6e, 0x88, 0x02, 0x00, 0x10, 0x00, 0x00, 0x64, 0x00, 0x32, 0xf2,
        ];
        assert_eq!(
            answer(&brightness),
            Ok(Answer::Value {
                control: 0x10,
                reading: Reading {
                    current: 50,
                    maximum: 100
                }
            })
        );
        assert_eq!(answer(&[0x6e, 0x80, 0xbe, 0xff, 0xff]), Ok(Answer::Null));
    }

    #[test]
    fn damage_is_named() {
        let whole = encode(Answer::Unsupported(0x10));
        assert_eq!(answer(&[0xff; 11]), Err(Damage::Sender(0xff)));
        assert_eq!(answer(&[]), Err(Damage::Length(0)));
        assert_eq!(answer(&whole[..10]), Err(Damage::Length(0x88)));
        let changed = |at: usize, to: u8| {
            let mut packet = whole;
            packet[at] = to;
            seal(&mut packet, ANSWER_TO);
            answer(&packet)
        };
        assert_eq!(changed(1, 0x08), Err(Damage::Length(0x08)));
        assert_eq!(changed(2, 0xe3), Err(Damage::Kind(0xe3)));
        assert_eq!(changed(3, 7), Err(Damage::Result(7)));
        // Nine bytes where an answer has eight: a library for this panics here.
        assert_eq!(changed(1, 0x89), Err(Damage::Length(0x89)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_damage(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = answer(&bytes);
            let _ = command(&bytes);
        }

        /// Random bytes rarely have a right checksum; these have.
        #[test]
        fn any_sealed_bytes_are_an_answer_or_damage(
            body in proptest::collection::vec(any::<u8>(), 0..40), length in any::<u8>(), honest in any::<bool>(),
        ) {
            let length = if honest { LENGTH_BIT | body.len() as u8 } else { length };
            let mut packet = vec![DISPLAY, length];
            packet.extend(&body);
            packet.push(0);
            let end = (2 + usize::from(length & 0x7f) + 1).min(packet.len());
            seal(&mut packet[..end], ANSWER_TO);
            if let Ok(Answer::Value { control, reading }) = answer(&packet) {
                let again = encode(Answer::Value { control, reading });
                prop_assert_eq!(again[6..10].to_vec(), packet[6..10].to_vec());
            }
        }

        #[test]
        fn what_one_side_says_the_other_understands(control in any::<u8>(), current in any::<u16>(), maximum in any::<u16>()) {
            prop_assert_eq!(command(&get(control)), Some(Command::Get(control)));
            prop_assert_eq!(command(&set(control, current)), Some(Command::Set(control, current)));
            for said in [
                Answer::Null,
                Answer::Unsupported(control),
                Answer::Value { control, reading: Reading { current, maximum } },
            ] {
                prop_assert_eq!(answer(&encode(said)), Ok(said));
            }
        }

        /// One changed bit is always noticed.
        #[test]
        fn one_bit_changes_it_all(control in any::<u8>(), current in any::<u16>(), bit in 0usize..88) {
            let said = Answer::Value { control, reading: Reading { current, maximum: 100 } };
            let mut bytes = encode(said);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(answer(&bytes).is_err());
        }
    }
}
