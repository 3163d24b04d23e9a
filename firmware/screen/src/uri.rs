//! Screen addresses: `drm:…`, `window:`, `frames:…`, `null:`.
//!
//! An address is a scheme, a colon, the rest, and options behind a question mark:
//! `drm:/dev/dri/card0?rotate=90`. Unknown options are refused by name, so that a typing error
//! does not silently change an installation.

use crate::ScreenError;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the picture is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreenUri {
    /// What kind of screen, and which.
    pub kind: ScreenKind,
    /// `rotate=0|90|180|270`: how the display hangs. The program paints upright; the picture is
    /// turned clockwise by so much on its way to the display.
    pub rotation: Rotation,
    /// `size=WxH`: the size as the display has it, before rotation; its own or a default without.
    pub size: Option<(usize, usize)>,
}

/// The kinds of screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScreenKind {
    /// `drm:/dev/dri/card0`: full-screen, page-flipped.
    Drm {
        /// The device; empty for the first card that has a display.
        device: PathBuf,
        /// `connector=HDMI-A-1`: insist on one output.
        connector: Option<String>,
    },
    /// `window:`: a desktop window.
    Window,
    /// `frames:FOLDER`: one PNG per picture.
    Frames {
        /// The folder; made when it is not there.
        folder: PathBuf,
        /// `every=N`: write every Nth picture only, starting with the first.
        every: u64,
    },
    /// `null:`: measured, thrown away.
    Null {
        /// `hz=N`: beat like a display with so many pictures a second; none: return at once.
        hz: Option<u32>,
    },
}

/// A clockwise turn in steps of a quarter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// Upright.
    #[default]
    None,
    /// 90 degrees clockwise.
    Quarter,
    /// 180 degrees.
    Half,
    /// 270 degrees clockwise.
    ThreeQuarters,
}

impl Rotation {
    /// The turn of so many degrees, one of 0, 90, 180 and 270.
    pub fn from_degrees(degrees: u32) -> Option<Rotation> {
        match degrees {
            0 => Some(Rotation::None),
            90 => Some(Rotation::Quarter),
            180 => Some(Rotation::Half),
            270 => Some(Rotation::ThreeQuarters),
            _ => None,
        }
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        matches!(self, Rotation::Quarter | Rotation::ThreeQuarters)
    }
}

impl FromStr for ScreenUri {
    type Err = ScreenError;

    fn from_str(uri: &str) -> Result<Self, ScreenError> {
        parse(uri).map_err(|cause| ScreenError::Address {
            uri: uri.to_owned(),
            cause,
        })
    }
}

const SCHEMES: &str = "say drm:/dev/dri/card0, window:, frames:FOLDER or null:";

fn parse(uri: &str) -> Result<ScreenUri, String> {
    let (scheme, rest) = uri
        .split_once(':')
        .ok_or_else(|| format!("there is no scheme; {SCHEMES}"))?;
    let (place, options) = match rest.rsplit_once('?') {
        Some((place, options)) if options.contains('=') => (place, options),
        _ => (rest, ""),
    };
    let nothing_follows = |scheme: &str| match place {
        "" => Ok(()),
        _ => Err(format!("nothing may follow {scheme}: but {place:?} does")),
    };
    let kind = match scheme {
        "drm" => ScreenKind::Drm {
            device: place.into(),
            connector: None,
        },
        "window" => nothing_follows(scheme).map(|()| ScreenKind::Window)?,
        "frames" if place.is_empty() => {
            return Err("name a folder, for instance frames:target/frames".into());
        }
        "frames" => ScreenKind::Frames {
            folder: place.into(),
            every: 1,
        },
        "null" => nothing_follows(scheme).map(|()| ScreenKind::Null { hz: None })?,
        other => return Err(format!("the scheme {other:?} is not known; {SCHEMES}")),
    };
    let mut parsed = ScreenUri {
        kind,
        rotation: Rotation::None,
        size: None,
    };
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (key, value) = option
            .split_once('=')
            .ok_or_else(|| format!("the option {option:?} has no value; say {option}=…"))?;
        set_option(&mut parsed, key, value)?;
    }
    Ok(parsed)
}

fn set_option(uri: &mut ScreenUri, key: &str, value: &str) -> Result<(), String> {
    match (key, &mut uri.kind) {
        ("rotate", _) => {
            uri.rotation = value
                .parse()
                .ok()
                .and_then(Rotation::from_degrees)
                .ok_or_else(|| format!("rotate={value}: say 0, 90, 180 or 270"))?;
        }
        ("size", _) => uri.size = Some(parse_size(value)?),
        ("every", ScreenKind::Frames { every, .. }) => {
            *every = value
                .parse()
                .ok()
                .filter(|every| *every > 0)
                .ok_or_else(|| format!("every={value}: say a number from 1 up"))?;
        }
        ("hz", ScreenKind::Null { hz }) => {
            *hz = Some(
                value
                    .parse()
                    .ok()
                    .filter(|hz| (1..=1000).contains(hz))
                    .ok_or_else(|| format!("hz={value}: say a number from 1 to 1000"))?,
            );
        }
        ("connector", ScreenKind::Drm { connector, .. }) => *connector = Some(value.to_owned()),
        (_, kind) => {
            let known = match kind {
                ScreenKind::Drm { .. } => "rotate, size, connector",
                ScreenKind::Window => "rotate, size",
                ScreenKind::Frames { .. } => "rotate, size, every",
                ScreenKind::Null { .. } => "rotate, size, hz",
            };
            return Err(format!(
                "the option {key:?} is not known; there are: {known}"
            ));
        }
    }
    Ok(())
}

fn parse_size(value: &str) -> Result<(usize, usize), String> {
    let side = |text: &str| text.parse().ok().filter(|side| (16..=16384).contains(side));
    value
        .split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| format!("size={value}: say WIDTHxHEIGHT, each from 16 to 16384"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses() {
        let uri: ScreenUri = "frames:a/b?every=10&size=64x48&rotate=90".parse().unwrap();
        assert_eq!(
            uri.kind,
            ScreenKind::Frames {
                folder: "a/b".into(),
                every: 10
            }
        );
        assert_eq!(uri.size, Some((64, 48)));
        assert_eq!(uri.rotation, Rotation::Quarter);
        let uri: ScreenUri = "drm:/dev/dri/card1?connector=HDMI-A-1".parse().unwrap();
        assert_eq!(
            uri.kind,
            ScreenKind::Drm {
                device: "/dev/dri/card1".into(),
                connector: Some("HDMI-A-1".into())
            }
        );
        let uri: ScreenUri = "null:?hz=60".parse().unwrap();
        assert_eq!(uri.kind, ScreenKind::Null { hz: Some(60) });
    }

    #[test]
    fn mistakes_are_named() {
        for (uri, word) in [
            ("screen", "scheme"),
            ("hdmi:x", "hdmi"),
            ("frames:", "folder"),
            ("frames:a?every=0", "every"),
            ("frames:a?hz=5", "hz"),
            ("null:a", "follow"),
            ("null:?size=9x9", "size"),
            ("window:?rotate=45", "rotate"),
        ] {
            let message = uri.parse::<ScreenUri>().unwrap_err().to_string();
            assert!(message.contains(word), "{uri}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_an_error(text in "\\PC{0,40}") {
            let _ = text.parse::<ScreenUri>();
        }
    }
}
