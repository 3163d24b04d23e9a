//! The device behind a serial port's address.

/// `/dev/ttyS1?baud=115200` is `ttyS1`; none for what is no device.
pub fn serial_device(address: &str) -> Option<&str> {
    let path = address.split('?').next().unwrap_or_default();
    let name = path.strip_prefix("/dev/")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_known_by_its_device() {
        assert_eq!(serial_device("/dev/ttyS1?baud=115200"), Some("ttyS1"));
        assert_eq!(serial_device("/dev/hvc0"), Some("hvc0"));
        for other in ["pty:", "/dev/", "/dev/../etc", "ttyS0", ""] {
            assert_eq!(serial_device(other), None, "{other}");
        }
    }
}
