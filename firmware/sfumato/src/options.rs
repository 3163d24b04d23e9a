//! What the user asked for: the command line over the configuration file over the defaults.

use clap::{Args, Parser, Subcommand};
use serde::Deserialize;
use sfumato_camera::{CameraError, CameraUri};
use sfumato_core::pixels::{Xrgb, xrgb};
use sfumato_motion::{Personality, Placement};
use sfumato_screen::{ScreenError, ScreenUri};
use std::path::{Path, PathBuf};

/// A living painting.
#[derive(Debug, Parser)]
#[command(name = "sfumato", version, about)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows a painting that answers its visitors, until it is told to stop.
    Run(RunOptions),
    /// Probes camera, screen, serial port, pack and models; a table, exit code 1 on a failure.
    Check(Devices),
}

/// What the show consists of.
#[derive(Clone, Debug, Default, Args)]
pub struct Devices {
    /// Settings file (TOML); options given here go before it.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The painting, as made by `atelier prepare`.
    #[arg(long, value_name = "FILE")]
    pub pack: Option<PathBuf>,
    /// v4l2:/dev/video0, v4l2:usb=PORT, clip:FILE_OR_FOLDER, synthetic:
    #[arg(long, value_name = "URI")]
    pub camera: Option<String>,
    /// drm:/dev/dri/card0, window:, frames:FOLDER, null:
    #[arg(long, value_name = "URI")]
    pub screen: Option<String>,
    /// Serial port for settings; not in this version.
    #[arg(long, value_name = "URI")]
    pub serial: Option<String>,
    /// serene, curious, playful or mirror.
    #[arg(long, value_name = "NAME")]
    pub personality: Option<String>,
}

/// How to run the show.
#[derive(Clone, Debug, Default, Args)]
pub struct RunOptions {
    /// What it consists of.
    #[command(flatten)]
    pub devices: Devices,
    /// Stop after so many shown frames.
    #[arg(long, value_name = "N")]
    pub frames: Option<u64>,
    /// Stop after so many seconds (of the clip, when it is not paced).
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub seconds: Option<f64>,
    /// Show the camera's picture and a status line over the painting.
    #[arg(long)]
    pub set_up: bool,
    /// Write figures about the run here when it ends.
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| seconds.is_finite() && *seconds > 0.0 && *seconds < 1e9)
        .ok_or_else(|| "say a number of seconds above zero".into())
}

/// Why the wish cannot be granted.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// The settings file could not be read.
    #[error("settings file {}: {cause}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The camera's address is wrong.
    #[error(transparent)]
    Camera(#[from] CameraError),
    /// The screen's address is wrong.
    #[error(transparent)]
    Screen(#[from] ScreenError),
    /// There is no such personality.
    #[error("there is no personality {name:?}; there are: {known}")]
    Personality {
        /// The name as given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Serial settings come with a later version.
    #[error("--serial {0}: serial settings are not in this version; leave the option out")]
    Serial(String),
}

/// The settings file. Unknown names are refused, so that a typing error does not go unseen.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    pack: Option<PathBuf>,
    camera: Option<String>,
    screen: Option<String>,
    personality: Option<String>,
    /// `"#rrggbb"`.
    wall: Option<String>,
    #[serde(default)]
    placement: PlacementTable,
    tensorrt: Option<TensorRt>,
}

/// A network on TensorRT: what the board's image and `atelier export --tensorrt` put where.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorRt {
    /// `network-tensorrt.onnx`, exported from the pack that is shown.
    pub network: PathBuf,
    /// ONNX Runtime, built with TensorRT.
    #[serde(default = "TensorRt::library")]
    pub library: PathBuf,
    /// Where engines are kept that TensorRT has built.
    #[serde(default = "TensorRt::cache")]
    pub cache: PathBuf,
}

impl TensorRt {
    fn library() -> PathBuf {
        PathBuf::from("libonnxruntime.so")
    }

    fn cache() -> PathBuf {
        PathBuf::from("/var/lib/sfumato/tensorrt")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacementTable {
    field_of_view: Option<f32>,
    camera_above: Option<f32>,
    camera_right: Option<f32>,
    tilt_down: Option<f32>,
    mirrored: Option<bool>,
}

/// Everything decided: addresses read, names looked up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The painting; none: the built-in one, where it was prepared before.
    pub pack: Option<PathBuf>,
    /// Where frames come from.
    pub camera: CameraUri,
    /// The same as written.
    pub camera_text: String,
    /// Where the picture goes.
    pub screen: ScreenUri,
    /// The same as written.
    pub screen_text: String,
    /// How the portrait behaves.
    pub personality: Personality,
    /// Where the camera sits.
    pub placement: Placement,
    /// Colour around the painting.
    pub wall: Xrgb,
    /// Where TensorRT shall run the network.
    pub tensorrt: Option<TensorRt>,
}

impl Settings {
    /// Reads the settings file, if one is named, and everything on the command line.
    pub fn read(devices: &Devices) -> Result<Settings, OptionsError> {
        let file = match &devices.config {
            Some(path) => read_file(path)?,
            None => ConfigFile::default(),
        };
        Settings::join(devices, file)
    }

    fn join(devices: &Devices, file: ConfigFile) -> Result<Settings, OptionsError> {
        if let Some(serial) = &devices.serial {
            return Err(OptionsError::Serial(serial.clone()));
        }
        let text = |here: &Option<String>, there: Option<String>, default: &str| {
            here.clone().or(there).unwrap_or_else(|| default.to_owned())
        };
        let camera_text = text(&devices.camera, file.camera, "v4l2:/dev/video0");
        let screen_text = text(&devices.screen, file.screen, "drm:/dev/dri/card0");
        let personality = match devices.personality.clone().or(file.personality) {
            None => Personality::default(),
            Some(name) => Personality::by_name(&name).ok_or_else(|| OptionsError::Personality {
                name,
                known: Personality::BUILT_IN.map(|p| p.name).join(", "),
            })?,
        };
        let usual = Placement::default();
        let place = file.placement;
        Ok(Settings {
            pack: devices.pack.clone().or(file.pack),
            camera: camera_text.parse()?,
            camera_text,
            screen: screen_text.parse()?,
            screen_text,
            personality,
            placement: Placement {
                field_of_view: place.field_of_view.unwrap_or(usual.field_of_view),
                camera_above: place.camera_above.unwrap_or(usual.camera_above),
                camera_right: place.camera_right.unwrap_or(usual.camera_right),
                tilt_down: place.tilt_down.unwrap_or(usual.tilt_down),
                mirrored: place.mirrored.unwrap_or(usual.mirrored),
            },
            tensorrt: file.tensorrt,
            wall: match file.wall {
                None => WALL,
                Some(colour) => parse_colour(&colour).ok_or_else(|| OptionsError::Config {
                    path: devices.config.clone().unwrap_or_default(),
                    cause: format!("wall = {colour:?}: say \"#rrggbb\""),
                })?,
            },
        })
    }
}

/// Near black, a little warm: what museums paint walls behind old masters.
const WALL: Xrgb = xrgb([12, 11, 10]);

fn parse_colour(text: &str) -> Option<Xrgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16)
        .ok()
        .map(|rgb| 0xff00_0000 | rgb)
}

fn read_file(path: &Path) -> Result<ConfigFile, OptionsError> {
    let wrong = |cause: String| OptionsError::Config {
        path: path.to_owned(),
        cause,
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    toml::from_str(&text).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Devices {
        let all = ["sfumato", "run"].iter().chain(arguments);
        match CommandLine::try_parse_from(all).unwrap().command {
            Command::Run(options) => options.devices,
            Command::Check(_) => unreachable!("run was asked for"),
        }
    }

    fn settings(arguments: &[&str], file: &str) -> Result<Settings, OptionsError> {
        Settings::join(&parse(arguments), toml::from_str(file).unwrap())
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let file = "camera = \"synthetic:\"\nscreen = \"null:\"\npersonality = \"curious\"";
        let both = settings(&["--camera", "clip:a.mp4"], file).unwrap();
        assert_eq!(both.camera_text, "clip:a.mp4");
        assert_eq!(both.screen_text, "null:");
        assert_eq!(both.personality.name, "curious");
        let neither = settings(&[], "").unwrap();
        assert_eq!(neither.screen_text, "drm:/dev/dri/card0");
        assert_eq!(neither.wall, WALL);
    }

    #[test]
    fn the_file_places_the_camera() {
        let placed = settings(&[], "wall = \"#102030\"\n[placement]\ncamera_above = 0.4").unwrap();
        assert_eq!(placed.placement.camera_above, 0.4);
        assert_eq!(placed.wall, xrgb([0x10, 0x20, 0x30]));
    }

    #[test]
    fn the_file_asks_for_tensorrt() {
        let asked = settings(&[], "[tensorrt]\nnetwork = \"n.onnx\"").unwrap();
        let tensorrt = asked.tensorrt.unwrap();
        assert_eq!(tensorrt.network, Path::new("n.onnx"));
        assert_eq!(tensorrt.cache, Path::new("/var/lib/sfumato/tensorrt"));
        assert!(settings(&[], "").unwrap().tensorrt.is_none());
        assert!(toml::from_str::<ConfigFile>("[tensorrt]\ncache = \"/tmp\"").is_err());
    }

    #[test]
    fn mistakes_are_named() {
        for (arguments, file, word) in [
            (&["--personality", "grumpy"][..], "", "grumpy"),
            (&["--camera", "webcam"], "", "scheme"),
            (&["--screen", "beamer:"], "", "beamer"),
            (&["--serial", "pty:"], "", "not in this version"),
            (&[], "wall = \"black\"", "#rrggbb"),
        ] {
            let message = settings(arguments, file).unwrap_err().to_string();
            assert!(message.contains(word), "{arguments:?} {file}: {message}");
        }
        assert!(toml::from_str::<ConfigFile>("camara = \"synthetic:\"").is_err());
    }

    #[test]
    fn seconds_are_positive() {
        assert_eq!(seconds("2.5"), Ok(2.5));
        for wrong in ["0", "-1", "nan", "inf", "soon"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
