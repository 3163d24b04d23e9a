//! Camera addresses: `v4l2:…`, `clip:…`, `synthetic:`.
//!
//! An address is a scheme, a colon, the rest, and options behind a question mark:
//! `clip:talk.mp4?pace=off&loop=on`. Unknown options are refused by name, so that a typing error
//! does not silently change an installation.

use crate::{CameraError, Mains};
use std::path::PathBuf;
use std::str::FromStr;

/// Where frames come from.
#[derive(Clone, Debug, PartialEq)]
pub enum CameraUri {
    /// `v4l2:/dev/video0`, `v4l2:usb=1-2.3`: a real camera.
    V4l2(V4l2Address),
    /// `clip:FILE_OR_FOLDER`: recorded frames.
    Clip(ClipAddress),
    /// `synthetic:`: a face moved by a script, rendered by the program.
    Synthetic(SyntheticAddress),
}

/// Which real camera, and what to ask of it.
#[derive(Clone, Debug, PartialEq)]
pub struct V4l2Address {
    /// Which device.
    pub device: V4l2Device,
    /// `size=WxH`: wanted frame size in pixels; the nearest the camera has is taken.
    pub size: (u32, u32),
    /// `fps=N`: wanted frames a second; the nearest the camera has is taken.
    pub fps: u32,
    /// `format=YUYV`: insist on one pixel format (`YUYV`, `NV12`, `RGB3`, `GREY`, `MJPG`).
    pub format: Option<[u8; 4]>,
    /// `mains=50|60|off`: flicker of the room's light to suppress, in hertz.
    pub mains: Option<Mains>,
}

/// How a real camera is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum V4l2Device {
    /// By its device node, for instance `/dev/video0`. When unplugged and plugged in again it is
    /// looked for at the USB port it had.
    Node(PathBuf),
    /// By its USB port, for instance `1-2.3` (as under `/sys/bus/usb/devices`).
    Usb(String),
}

/// A recorded clip and how to play it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipAddress {
    /// A picture, a folder of pictures, `.y4m`, `.mjpeg`, or a video that ffmpeg reads.
    pub path: PathBuf,
    /// `pace=on` (default): frames come when they are due and late ones are skipped.
    /// `pace=off`: every frame, as fast as it is asked for.
    pub paced: bool,
    /// `loop=on`: start again at the end; times and numbers go on.
    pub repeat: bool,
    /// `fps=N`: play at this rate instead of the clip's own (which folders do not have).
    pub fps: Option<f64>,
}

/// The built-in visitor and how to film it.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticAddress {
    /// `size=WxH`: frame size in pixels.
    pub size: (u32, u32),
    /// `fps=N`: frames a second.
    pub fps: f64,
    /// `pace=off`: every frame, as fast as it is asked for.
    pub paced: bool,
}

impl CameraUri {
    /// Whether every frame must be used, in order: a clip that is not paced.
    pub fn every_frame_counts(&self) -> bool {
        match self {
            CameraUri::V4l2(_) => false,
            CameraUri::Clip(clip) => !clip.paced,
            CameraUri::Synthetic(synthetic) => !synthetic.paced,
        }
    }

    /// What the address itself says about the mains; it outdoes every setting.
    pub fn mains(&self) -> Option<Mains> {
        match self {
            CameraUri::V4l2(address) => address.mains,
            CameraUri::Clip(_) | CameraUri::Synthetic(_) => None,
        }
    }

    /// This address, with `mains` where it says nothing about the mains itself.
    #[must_use]
    pub fn or_mains(mut self, mains: Mains) -> Self {
        if let CameraUri::V4l2(address) = &mut self {
            address.mains.get_or_insert(mains);
        }
        self
    }
}

impl FromStr for CameraUri {
    type Err = CameraError;

    fn from_str(uri: &str) -> Result<Self, CameraError> {
        parse(uri).map_err(|cause| CameraError::Address {
            uri: uri.to_owned(),
            cause,
        })
    }
}

const SCHEMES: &str = "say v4l2:/dev/video0, v4l2:usb=PORT, clip:FILE_OR_FOLDER or synthetic:";

fn parse(uri: &str) -> Result<CameraUri, String> {
    let (scheme, rest) = uri
        .split_once(':')
        .ok_or_else(|| format!("there is no scheme; {SCHEMES}"))?;
    let (place, options) = split_options(rest);
    match scheme {
        "v4l2" => parse_v4l2(place, options).map(CameraUri::V4l2),
        "clip" => parse_clip(place, options).map(CameraUri::Clip),
        "synthetic" => parse_synthetic(place, options).map(CameraUri::Synthetic),
        other => Err(format!("the scheme {other:?} is not known; {SCHEMES}")),
    }
}

/// Options are what follows the last question mark, if it looks like options: a file may have a
/// question mark in its name.
fn split_options(rest: &str) -> (&str, &str) {
    match rest.rsplit_once('?') {
        Some((place, options)) if options.contains('=') => (place, options),
        _ => (rest, ""),
    }
}

fn pairs(options: &str) -> impl Iterator<Item = Result<(&str, &str), String>> {
    options.split('&').filter(|o| !o.is_empty()).map(|option| {
        option
            .split_once('=')
            .ok_or_else(|| format!("the option {option:?} has no value; say {option}=…"))
    })
}

fn parse_v4l2(place: &str, options: &str) -> Result<V4l2Address, String> {
    let device = match place.strip_prefix("usb=") {
        Some("") => return Err("usb= needs a port, for instance usb=1-2".into()),
        Some(port) => V4l2Device::Usb(port.to_owned()),
        None if place.is_empty() => V4l2Device::Node("/dev/video0".into()),
        None => V4l2Device::Node(place.into()),
    };
    let mut address = V4l2Address {
        device,
        size: (640, 480),
        fps: 30,
        format: None,
        mains: None,
    };
    for pair in pairs(options) {
        match pair? {
            ("size", value) => address.size = parse_size(value)?,
            ("fps", value) => {
                address.fps = value
                    .parse()
                    .ok()
                    .filter(|fps| (1..=1000).contains(fps))
                    .ok_or_else(|| format!("fps={value}: say a number from 1 to 1000"))?;
            }
            ("format", value) => {
                let code: [u8; 4] = value
                    .to_ascii_uppercase()
                    .as_bytes()
                    .try_into()
                    .map_err(|_| format!("format={value}: say YUYV, NV12, RGB3, GREY or MJPG"))?;
                address.format = Some(code);
            }
            ("mains", value) => {
                address.mains = Some(match value {
                    "50" => Mains::Hz50,
                    "60" => Mains::Hz60,
                    "off" => Mains::Off,
                    _ => return Err(format!("mains={value}: say 50, 60 or off")),
                });
            }
            (key, _) => return Err(unknown(key, "size, fps, format, mains")),
        }
    }
    Ok(address)
}

fn parse_clip(place: &str, options: &str) -> Result<ClipAddress, String> {
    if place.is_empty() {
        return Err("name a file or a folder, for instance clip:visitor.mp4".into());
    }
    let mut address = ClipAddress {
        path: place.into(),
        paced: true,
        repeat: false,
        fps: None,
    };
    for pair in pairs(options) {
        match pair? {
            ("pace", value) => address.paced = parse_switch("pace", value)?,
            ("loop", value) => address.repeat = parse_switch("loop", value)?,
            ("fps", value) => address.fps = Some(parse_rate(value)?),
            (key, _) => return Err(unknown(key, "pace, loop, fps")),
        }
    }
    Ok(address)
}

fn parse_synthetic(place: &str, options: &str) -> Result<SyntheticAddress, String> {
    if !place.is_empty() {
        return Err(format!("nothing may follow synthetic: but {place:?} does"));
    }
    let mut address = SyntheticAddress {
        size: (640, 480),
        fps: 30.0,
        paced: true,
    };
    for pair in pairs(options) {
        match pair? {
            ("pace", value) => address.paced = parse_switch("pace", value)?,
            ("size", value) => address.size = parse_size(value)?,
            ("fps", value) => address.fps = parse_rate(value)?,
            (key, _) => return Err(unknown(key, "pace, size, fps")),
        }
    }
    Ok(address)
}

fn unknown(key: &str, known: &str) -> String {
    format!("the option {key:?} is not known; there are: {known}")
}

fn parse_switch(key: &str, value: &str) -> Result<bool, String> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{key}={value}: say on or off")),
    }
}

fn parse_rate(value: &str) -> Result<f64, String> {
    value
        .parse::<f64>()
        .ok()
        .filter(|fps| (0.01..=1000.0).contains(fps))
        .ok_or_else(|| format!("fps={value}: say a number from 0.01 to 1000"))
}

fn parse_size(value: &str) -> Result<(u32, u32), String> {
    let side = |text: &str| text.parse().ok().filter(|side| (16..=8192).contains(side));
    value
        .split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| format!("size={value}: say WIDTHxHEIGHT, each from 16 to 8192"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clip(uri: &str) -> ClipAddress {
        match uri.parse() {
            Ok(CameraUri::Clip(clip)) => clip,
            other => panic!("{uri}: {other:?}"),
        }
    }

    #[test]
    fn clips() {
        let plain = clip("clip:a/b.mp4");
        assert!(plain.paced && !plain.repeat);
        let unpaced = clip("clip:a b?.mp4?pace=off&loop=on&fps=12.5");
        assert_eq!(unpaced.path, PathBuf::from("a b?.mp4"));
        assert!(!unpaced.paced && unpaced.repeat);
        assert_eq!(unpaced.fps, Some(12.5));
        assert_eq!(clip("clip:why?.mp4").path, PathBuf::from("why?.mp4"));
    }

    #[test]
    fn real_cameras() {
        let Ok(CameraUri::V4l2(address)) =
            "v4l2:usb=1-2.3?size=1280x720&fps=25&format=mjpg&mains=50".parse()
        else {
            panic!()
        };
        assert_eq!(address.device, V4l2Device::Usb("1-2.3".into()));
        assert_eq!(address.size, (1280, 720));
        assert_eq!(address.fps, 25);
        assert_eq!(address.format, Some(*b"MJPG"));
        assert_eq!(address.mains, Some(Mains::Hz50));
    }

    #[test]
    fn the_address_outdoes_the_setting() {
        let mains = |uri: &str| {
            let uri: CameraUri = uri.parse().unwrap();
            (uri.mains(), uri.or_mains(Mains::Hz60).mains())
        };
        let (off, hz60) = (Some(Mains::Off), Some(Mains::Hz60));
        assert_eq!(mains("v4l2:?mains=off"), (off, off));
        assert_eq!(mains("v4l2:"), (None, hz60));
        assert_eq!(mains("synthetic:"), (None, None));
    }

    #[test]
    fn mistakes_are_named() {
        for (uri, word) in [
            ("webcam", "scheme"),
            ("rtsp:x", "rtsp"),
            ("clip:", "file"),
            ("clip:a?pase=off", "pase"),
            ("clip:a?pace=0", "on or off"),
            ("clip:a?fps=0", "fps"),
            ("clip:a?fps=nan", "fps"),
            ("v4l2:usb=", "port"),
            ("v4l2:/dev/video0?size=640", "WIDTHxHEIGHT"),
            ("v4l2:/dev/video0?fps=0", "fps"),
            ("synthetic:x", "follow"),
            ("clip:a?pace=off&loop", "loop"),
        ] {
            let message = uri.parse::<CameraUri>().unwrap_err().to_string();
            assert!(message.contains(word), "{uri}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_an_error(text in "\\PC{0,40}") {
            let _ = text.parse::<CameraUri>();
        }
    }
}
