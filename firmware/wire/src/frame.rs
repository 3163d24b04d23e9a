//! Packets become lines: how SMP shares a port with a text console.
//!
//! ```text
//! 06 09  base64 of: length (2) packet …   0A      the first line
//! 04 14  base64 of: … packet              0A      more lines, as many as needed
//! 04 14  base64 of: … packet  CRC16 (2)   0A      the last
//! ```
//!
//! The length counts the packet and its check sum, high byte first. The check sum covers the
//! packet alone and stands once, at the end. A line has at most 127 bytes: two of marker, 124 of
//! Base64 for 93 bytes, and the line feed. Neither marker is printable, so a text console can tell
//! them apart, and so can [`Demultiplexer`](crate::Demultiplexer).
//!
//! Source: Zephyr, `doc/services/device_mgmt/smp_transport.rst`, "UART/serial and console".

use crate::base64;
use crate::crc::Crc;

/// How the first line of a packet begins.
pub const FIRST: [u8; 2] = [0x06, 0x09];
/// How every further line of a packet begins.
pub const MORE: [u8; 2] = [0x04, 0x14];
/// The longest line we send, marker and line feed included, in bytes.
pub const LINE: usize = 127;

/// Bytes of a packet that one line carries.
const SHARE: usize = (LINE - 3) / 4 * 3;

/// The packet does not fit the 16-bit length of a frame: send less than 65,534 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooBig;

/// A line as it goes over the wire, line feed included.
pub type Line = heapless::Vec<u8, LINE>;

/// The lines of a packet, to be sent in this order.
///
/// `packet` is header and payload, without length and check sum.
///
/// ```
/// # use sfumato_wire::frame;
/// # fn write_all(_: &[u8]) {}
/// for line in frame::lines(b"packet")? {
///     write_all(&line);
/// }
/// # Ok::<(), frame::TooBig>(())
/// ```
///
/// # Errors
/// [`TooBig`] from 65,534 bytes on.
pub fn lines(packet: &[u8]) -> Result<Lines<'_>, TooBig> {
    let length = (packet.len().checked_add(2))
        .and_then(|length| u16::try_from(length).ok())
        .ok_or(TooBig)?;
    Ok(Lines {
        length: length.to_be_bytes(),
        packet,
        check: Crc::of(packet).to_be_bytes(),
        sent: 0,
    })
}

/// The lines of one packet; made by [`lines()`].
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    length: [u8; 2],
    packet: &'a [u8],
    check: [u8; 2],
    /// Bytes of length, packet and check sum that have been in earlier lines.
    sent: usize,
}

impl Lines<'_> {
    fn byte(&self, index: usize) -> Option<u8> {
        let Some(index) = index.checked_sub(self.length.len()) else {
            return self.length.get(index).copied();
        };
        let Some(index) = index.checked_sub(self.packet.len()) else {
            return self.packet.get(index).copied();
        };
        self.check.get(index).copied()
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        self.byte(self.sent)?;
        let mut line = Line::new();
        // There is room: `SHARE` was made for it.
        let _ = line.extend_from_slice(if self.sent == 0 { &FIRST } else { &MORE });
        for start in (self.sent..self.sent + SHARE).step_by(3) {
            let mut three = heapless::Vec::<u8, 3>::new();
            three.extend((start..start + 3).map_while(|index| self.byte(index)));
            if !three.is_empty() {
                let _ = line.extend_from_slice(&base64::encode(&three));
            }
        }
        let _ = line.push(b'\n');
        self.sent += SHARE;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn a_short_packet_is_one_line() {
        let lines: Vec<Line> = lines(b"123456789").unwrap().collect();
        // Length 11, the nine digits, CRC 0x31c3; by `base64` of GNU coreutils.
        assert_eq!(lines, [b"\x06\x09AAsxMjM0NTY3ODkxww==\n"]);
    }

    #[test]
    fn full_lines_have_127_bytes() {
        // 2 + 182 + 2 bytes are exactly two lines, one byte more begins a third.
        let lengths = |count: usize| -> Vec<usize> {
            let packet = vec![7; count];
            lines(&packet).unwrap().map(|line| line.len()).collect()
        };
        assert_eq!(lengths(182), [127, 127]);
        assert_eq!(lengths(183), [127, 127, 2 + 4 + 1]);
        let packet = [7; 183];
        let third = lines(&packet).unwrap().nth(2).unwrap();
        assert!(third.starts_with(&MORE));
    }

    #[test]
    fn the_length_has_16_bits() {
        assert!(lines(&vec![0; 65_533]).is_ok());
        assert!(matches!(lines(&vec![0; 65_534]), Err(TooBig)));
    }
}
