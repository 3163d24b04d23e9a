//! Addresses of ports.

use std::path::PathBuf;
use std::str::FromStr;

/// Where a port is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialUri {
    /// What kind of port, and which.
    pub kind: Kind,
    /// `baud=N`: bits a second; none: as the settings say.
    pub baud: Option<u32>,
}

/// The kinds of port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `/dev/ttyTHS1`: a device.
    Device(PathBuf),
    /// `pty:` or `pty:LINK`: a pseudo-terminal, and where a link to it shall lie.
    PseudoTerminal(Option<PathBuf>),
}

/// Why an address cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// It is neither a device nor a pseudo-terminal.
    #[error("serial port {0:?}: say a device such as /dev/ttyUSB0?baud=115200, or pty:")]
    Kind(String),
    /// It has an option that there is not.
    #[error("serial port: there is no option {0:?}; there is baud=N")]
    Option(String),
    /// The rate is no number.
    #[error("serial port: baud={0:?} is no rate from 300 to 4000000")]
    Rate(String),
}

impl FromStr for SerialUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<SerialUri, UriError> {
        let (place, options) = text.split_once('?').unwrap_or((text, ""));
        let kind = match place.strip_prefix("pty:") {
            Some("") => Kind::PseudoTerminal(None),
            Some(link) => Kind::PseudoTerminal(Some(link.into())),
            None if place.starts_with('/') => Kind::Device(place.into()),
            None => return Err(UriError::Kind(text.to_owned())),
        };
        let mut baud = None;
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let value = option
                .strip_prefix("baud=")
                .ok_or_else(|| UriError::Option(option.to_owned()))?;
            let rate = value
                .parse()
                .ok()
                .filter(|rate| (300..=4_000_000).contains(rate));
            baud = Some(rate.ok_or_else(|| UriError::Rate(value.to_owned()))?);
        }
        Ok(SerialUri { kind, baud })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_pseudo_terminals() {
        let read = |text: &str| text.parse::<SerialUri>();
        let device = Kind::Device("/dev/ttyTHS1".into());
        assert_eq!(
            read("/dev/ttyTHS1"),
            Ok(SerialUri {
                kind: device.clone(),
                baud: None
            })
        );
        assert_eq!(
            read("/dev/ttyTHS1?baud=9600"),
            Ok(SerialUri {
                kind: device,
                baud: Some(9600)
            })
        );
        assert_eq!(read("pty:").unwrap().kind, Kind::PseudoTerminal(None));
        assert_eq!(
            read("pty:/run/port").unwrap().kind,
            Kind::PseudoTerminal(Some("/run/port".into()))
        );
        assert_eq!(read("COM3"), Err(UriError::Kind("COM3".to_owned())));
        assert_eq!(
            read("/dev/x?parity=odd"),
            Err(UriError::Option("parity=odd".to_owned()))
        );
        for wrong in ["fast", "", "0", "99999999"] {
            assert!(read(&format!("/dev/x?baud={wrong}")).is_err(), "{wrong}");
        }
    }
}
