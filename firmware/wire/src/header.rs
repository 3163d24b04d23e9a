//! The eight bytes before every payload: what is asked, in which version, as which number.
//!
//! ```text
//!  0: 000 vv ooo   version and operation     4, 5: group
//!  1: flags, 0                               6: sequence number
//!  2, 3: length of the payload               7: command within the group
//! ```
//!
//! Numbers of two bytes have the high byte first.
//!
//! Source: Zephyr, `doc/services/device_mgmt/smp_protocol.rst`, "Frame: The envelope", and
//! `include/zephyr/mgmt/mcumgr/mgmt/mgmt_defines.h`.

/// The version of the protocol: how errors of a group are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Bits 00: every error is `{"rc": n}`.
    One,
    /// Bits 01: an error of a group is `{"err": {"group": g, "rc": n}}`.
    Two,
}

/// What a packet wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// 0: a request to read.
    Read,
    /// 1: the answer to a read.
    ReadReply,
    /// 2: a request to write.
    Write,
    /// 3: the answer to a write.
    WriteReply,
}

/// The numbers of the groups we know.
pub mod group {
    /// Echo, tasks, clock, reset, versions.
    pub const OS: u16 = 0;
    /// The two system images.
    pub const IMAGE: u16 = 1;
    /// Counters.
    pub const STATISTICS: u16 = 2;
    /// Settings.
    pub const SETTINGS: u16 = 3;
    /// Files.
    pub const FILES: u16 = 8;
    /// Text commands.
    pub const SHELL: u16 = 9;
    /// Which groups there are.
    pub const ENUMERATION: u16 = 10;
}

/// Everything before the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Version of the protocol.
    pub version: Version,
    /// What is wanted.
    pub operation: Operation,
    /// Reserved; 0.
    pub flags: u8,
    /// Length of the payload in bytes.
    pub length: u16,
    /// Group of the command, see [`group`].
    pub group: u16,
    /// Counted up by the client for each request, repeated by the reply.
    pub sequence: u8,
    /// The command within the group.
    pub command: u8,
}

/// Why a packet is not a request that we can answer as it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadHeader {
    /// Shorter than a header. Do not answer: there is nobody to answer to.
    Short,
    /// The stated length is not that of the payload. Do not answer: the packet was put together
    /// wrongly, and so may be its header.
    Length,
    /// An operation from 4 to 7. Do not answer.
    Operation,
    /// A reply. Do not answer: we hear ourselves, the line is looped back or echoes.
    Reply,
    /// Version bits 10 or 11. Answer [`Status::TooNew`](crate::Status::TooNew) to this header,
    /// which says version two.
    TooNew(Header),
}

impl Header {
    /// Length in bytes.
    pub const SIZE: usize = 8;

    /// Splits a packet, as it came off the line, into the header of a request and its payload.
    ///
    /// # Errors
    /// [`BadHeader`] says which of them to answer.
    pub fn of_request(packet: &[u8]) -> Result<(Header, &[u8]), BadHeader> {
        let (header, payload) = Header::read(packet)?;
        match header.operation {
            Operation::Read | Operation::Write => Ok((header, payload)),
            Operation::ReadReply | Operation::WriteReply => Err(BadHeader::Reply),
        }
    }

    /// Splits any packet into header and payload.
    ///
    /// # Errors
    /// All of [`BadHeader`] but `Reply`.
    pub fn read(packet: &[u8]) -> Result<(Header, &[u8]), BadHeader> {
        let (header, payload) = packet
            .split_first_chunk::<{ Header::SIZE }>()
            .ok_or(BadHeader::Short)?;
        let &[first, flags, l1, l0, g1, g0, sequence, command] = header;
        let length = u16::from_be_bytes([l1, l0]);
        if usize::from(length) != payload.len() {
            return Err(BadHeader::Length);
        }
        let operation = match first & 0b111 {
            0 => Operation::Read,
            1 => Operation::ReadReply,
            2 => Operation::Write,
            3 => Operation::WriteReply,
            _ => return Err(BadHeader::Operation),
        };
        let bits = first >> 3 & 0b11;
        let header = Header {
            version: match bits {
                0 => Version::One,
                _ => Version::Two,
            },
            operation,
            flags,
            length,
            group: u16::from_be_bytes([g1, g0]),
            sequence,
            command,
        };
        if bits > 1 {
            return Err(BadHeader::TooNew(header));
        }
        Ok((header, payload))
    }

    /// The header of the reply to this request, for a payload of `length` bytes.
    pub fn reply(self, length: u16) -> Header {
        Header {
            operation: match self.operation {
                Operation::Read | Operation::ReadReply => Operation::ReadReply,
                Operation::Write | Operation::WriteReply => Operation::WriteReply,
            },
            flags: 0,
            length,
            ..self
        }
    }

    /// The header as it goes over the wire.
    pub fn to_bytes(self) -> [u8; Header::SIZE] {
        let version = match self.version {
            Version::One => 0,
            Version::Two => 1 << 3,
        };
        let operation = match self.operation {
            Operation::Read => 0,
            Operation::ReadReply => 1,
            Operation::Write => 2,
            Operation::WriteReply => 3,
        };
        let [l1, l0] = self.length.to_be_bytes();
        let [g1, g0] = self.group.to_be_bytes();
        [
            version | operation,
            self.flags,
            l1,
            l0,
            g1,
            g0,
            self.sequence,
            self.command,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions() {
        // Version two, write, group 3, sequence 0x42, command 1, two bytes of payload.
        let packet = [0x0a, 0, 0, 2, 0, 3, 0x42, 1, 0xa0, 0xff];
        let (header, payload) = Header::of_request(&packet).unwrap();
        assert_eq!(header.version, Version::Two);
        assert_eq!(header.operation, Operation::Write);
        assert_eq!(
            (header.group, header.sequence, header.command),
            (3, 0x42, 1)
        );
        assert_eq!(payload, [0xa0, 0xff]);
        assert_eq!(header.to_bytes(), packet[..8]);
        assert_eq!(header.reply(5).to_bytes(), [0x0b, 0, 0, 5, 0, 3, 0x42, 1]);

        let packet = [0x00, 0, 0, 0, 0, 10, 7, 2];
        let (header, payload) = Header::of_request(&packet).unwrap();
        assert_eq!(
            (header.version, header.operation),
            (Version::One, Operation::Read)
        );
        assert!(payload.is_empty());
        assert_eq!(header.reply(1).to_bytes(), [0x01, 0, 0, 1, 0, 10, 7, 2]);
    }

    #[test]
    fn says_what_is_wrong() {
        let read = |first: u8| {
            Header::of_request(&[first, 0, 0, 0, 0, 0, 9, 0])
                .map(|_| ())
                .unwrap_err()
        };
        assert_eq!(Header::of_request(&[0; 7]), Err(BadHeader::Short));
        assert_eq!(Header::of_request(&[0; 9]), Err(BadHeader::Length));
        assert_eq!(read(0x04), BadHeader::Operation);
        assert_eq!(read(0x01), BadHeader::Reply);
        assert_eq!(read(0x03), BadHeader::Reply);
        let BadHeader::TooNew(header) = read(0x12) else {
            panic!("version bits 10 were taken");
        };
        // What the answer looks like: version two, write reply, the same sequence number.
        assert_eq!(header.reply(6).to_bytes(), [0x0b, 0, 0, 6, 0, 0, 9, 0]);
    }

    #[test]
    fn reserved_bits_do_not_matter() {
        let packet = [0xe8, 0xff, 0, 0, 0, 0, 0, 0];
        let (header, _) = Header::of_request(&packet).unwrap();
        assert_eq!(
            (header.version, header.operation),
            (Version::Two, Operation::Read)
        );
        assert_eq!(header.reply(0).flags, 0);
    }
}
