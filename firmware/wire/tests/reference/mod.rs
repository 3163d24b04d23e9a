//! The framing once more, written another way: long division for the check sum, text of ones and
//! zeros for Base64. Slow and plain, and none of the crate's own code.

#![allow(dead_code)] // each test uses its part

/// CRC-16/XMODEM by long division, bit by bit.
pub fn crc(bytes: &[u8]) -> u16 {
    let mut rest = 0u32;
    let zeros = [0u8; 2];
    for byte in bytes.iter().chain(&zeros) {
        for bit in (0..8).rev() {
            rest = rest << 1 | u32::from(byte >> bit & 1);
            if rest & 0x1_0000 != 0 {
                rest ^= 0x1_1021;
            }
        }
    }
    rest as u16
}

/// Base64 by cutting a text of ones and zeros.
pub fn base64(bytes: &[u8]) -> String {
    let mut bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    while !bits.len().is_multiple_of(6) {
        bits.push('0');
    }
    let alphabet: Vec<char> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain("+/".chars())
        .collect();
    let mut text: String = (0..bits.len() / 6)
        .map(|index| alphabet[usize::from_str_radix(&bits[6 * index..6 * index + 6], 2).unwrap()])
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Length, packet and check sum.
pub fn body(packet: &[u8]) -> Vec<u8> {
    let mut body = ((packet.len() + 2) as u16).to_be_bytes().to_vec();
    body.extend(packet);
    body.extend(crc(packet).to_be_bytes());
    body
}

/// Lines of any bytes, `share` of them in each.
pub fn lines_of(body: &[u8], share: usize) -> Vec<Vec<u8>> {
    let lines = body.chunks(share).enumerate();
    lines
        .map(|(index, share)| {
            let mut line = if index == 0 { vec![6, 9] } else { vec![4, 20] };
            line.extend(base64(share).bytes());
            line.push(b'\n');
            line
        })
        .collect()
}

/// The lines of a packet, as Zephyr sends them.
pub fn lines(packet: &[u8]) -> Vec<Vec<u8>> {
    lines_of(&body(packet), 93)
}
