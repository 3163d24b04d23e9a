//! The check sum of a packet: CRC16 with polynomial 0x1021, start value 0, nothing reflected.
//!
//! Known as CRC-16/XMODEM. A table of 16 entries, one for each half byte, is small enough for any
//! board and quick enough for any serial line.
//!
//! Source: Zephyr, `doc/services/device_mgmt/smp_transport.rst`, "CRC Details".

/// A check sum that grows byte by byte.
///
/// Fed with a packet and then with the packet's own check sum, high byte first, it ends at 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crc(u16);

impl Crc {
    /// The check sum of nothing.
    pub const fn new() -> Crc {
        Crc(0)
    }

    /// The check sum of `bytes`.
    pub fn of(bytes: &[u8]) -> u16 {
        let mut crc = Crc::new();
        for &byte in bytes {
            crc.push(byte);
        }
        crc.value()
    }

    /// Takes one more byte in.
    pub fn push(&mut self, byte: u8) {
        self.push_half(byte >> 4);
        self.push_half(byte & 0x0f);
    }

    /// The check sum of what was pushed so far.
    pub const fn value(self) -> u16 {
        self.0
    }

    fn push_half(&mut self, half: u8) {
        let index = ((self.0 >> 12) as u8 ^ half) & 0x0f;
        self.0 = (self.0 << 4) ^ TABLE[usize::from(index)];
    }
}

/// `TABLE[i]` is the remainder of `i << 12`.
const TABLE: [u16; 16] = {
    let mut table = [0; 16];
    let mut index = 0;
    while index < table.len() {
        let mut rest = (index as u16) << 12;
        let mut bit = 0;
        while bit < 4 {
            rest = (rest << 1) ^ (0x1021 * (rest >> 15));
            bit += 1;
        }
        table[index] = rest;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_value_of_the_catalogue() {
        // "check" of CRC-16/XMODEM in the catalogue of parametrised CRC algorithms.
        assert_eq!(Crc::of(b"123456789"), 0x31c3);
        assert_eq!(Crc::of(b""), 0);
    }

    #[test]
    fn ends_at_zero_after_its_own_value() {
        let mut crc = Crc::new();
        for byte in b"a packet"
            .iter()
            .chain(&Crc::of(b"a packet").to_be_bytes())
        {
            crc.push(*byte);
        }
        assert_eq!(crc.value(), 0);
    }
}
