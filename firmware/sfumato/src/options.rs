//! What the user asked for: the command line over the configuration file over the defaults.

use crate::link::images::Updates;
use crate::link::images::spool::Folders;
use crate::paths;
use clap::{Args, Parser, Subcommand};
use serde::Deserialize;
use sfumato_camera::{CameraError, CameraUri};
use sfumato_pack::store::Store;
use sfumato_pack::trust::Trust;
use sfumato_personalities::Personalities;
use sfumato_screen::{ScreenError, ScreenUri};
use sfumato_serial::{SerialUri, UriError};
use sfumato_settings::config::defaults_from_toml;
use sfumato_settings::text::template;
use sfumato_settings::{Id, Settings, Staged};
use std::fmt::Write as _;
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
    /// Says what is kept of visitors, and what not.
    Privacy(Devices),
    /// Prints a settings file to begin with: everything that can stand in it, and what it does.
    Config,
}

/// What the show consists of.
#[derive(Clone, Debug, Default, Args)]
pub struct Devices {
    /// Settings file (TOML), else /etc/sfumato/config.toml where it is; options given here go before it.
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
    /// /dev/ttyUSB0?baud=115200, pty: or pty:LINK, to see and change settings over.
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
    /// The serial port's address is wrong.
    #[error(transparent)]
    Serial(#[from] UriError),
}

/// What the settings file holds besides settings: how this board is put together.
///
/// Unknown names are refused with those of settings.
#[derive(Debug, Default, Deserialize)]
struct ConfigFile {
    pack: Option<PathBuf>,
    camera: Option<String>,
    screen: Option<String>,
    serial: Option<String>,
    state: Option<PathBuf>,
    trusted_keys: Option<Vec<String>>,
    watchdog: Option<PathBuf>,
    updates: Option<PathBuf>,
    tensorrt: Option<TensorRt>,
}

/// The names of [`ConfigFile`]'s fields.
const NOT_SETTINGS: [&str; 9] = [
    "pack",
    "camera",
    "screen",
    "serial",
    "state",
    "trusted_keys",
    "watchdog",
    "updates",
    "tensorrt",
];

/// What stands in a settings file before the settings: how a board is put together.
const BOARD: &str = "\
# How this board is put together. Take the # away from a line to change it.

# The painting; else the built-in one, where it was prepared.
# pack = \"/var/lib/sfumato/painting.pack\"
# v4l2:/dev/video0, v4l2:usb=PORT, clip:FILE_OR_FOLDER, synthetic:
# camera = \"v4l2:/dev/video0\"
# drm:/dev/dri/card0, window:, frames:FOLDER, null:
# screen = \"drm:/dev/dri/card0\"
# To see and change settings over: a port, or pty:LINK for programs on this machine.
# serial = \"/dev/ttyUSB0\"
# What is kept: settings, personalities, packs that came over the line.
# state = \"/var/lib/sfumato\"
# Public keys of minisign, of whoever may send packs over the line.
# trusted_keys = []
# The board's own watchdog, where systemd does not hold it.
# watchdog = \"/dev/watchdog\"
# Where the board's update service says how it is.
# updates = \"/run/sfumato-update\"

";

/// A settings file to begin with: it says nothing until a `#` is taken away.
pub fn config_file() -> String {
    let mut file = BOARD.to_owned();
    // Writing to a string cannot fail.
    let _ = write!(file, "{}", Template);
    file
}

struct Template;

impl std::fmt::Display for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        template(&Settings::default(), f)
    }
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

/// Everything decided: addresses read, names looked up.
#[derive(Clone, Debug)]
pub struct Installation {
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
    /// Where settings are asked for and changed.
    pub serial: Option<SerialUri>,
    /// Where settings are kept.
    pub state: PathBuf,
    /// The board's own watchdog, where it is to be used.
    pub watchdog: Option<PathBuf>,
    /// Where the board's update service says how it is.
    pub updates: PathBuf,
    /// Whose packs are taken over the serial line.
    pub trust: Trust,
    /// The settings' defaults here: the settings file's over the program's.
    pub defaults: Settings,
    /// How the portrait behaves whatever the settings say.
    pub personality: Option<String>,
    /// The personalities that there are: built in, and in the state folder's `personalities`.
    pub personalities: Personalities,
    /// What is wrong with those that were left out.
    pub mistakes: Vec<String>,
    /// Where TensorRT shall run the network.
    pub tensorrt: Option<TensorRt>,
}

impl Installation {
    /// Reads the settings file, if one is named, and everything on the command line.
    pub fn read(devices: &Devices) -> Result<Installation, OptionsError> {
        let usual = Path::new(paths::CONFIG);
        let path = match &devices.config {
            Some(path) => Some(path.as_path()),
            None => usual.is_file().then_some(usual),
        };
        let Some(path) = path else {
            return Installation::join(devices, "");
        };
        let text = std::fs::read_to_string(path).map_err(|error| OptionsError::Config {
            path: path.to_owned(),
            cause: error.to_string(),
        })?;
        // Mistakes are told with the file's name.
        let devices = Devices {
            config: Some(path.to_owned()),
            ..devices.clone()
        };
        Installation::join(&devices, &text)
    }

    fn join(devices: &Devices, text: &str) -> Result<Installation, OptionsError> {
        let wrong = |cause: String| OptionsError::Config {
            path: devices.config.clone().unwrap_or_default(),
            cause,
        };
        // Mistakes of settings are named all at once, those of form among them.
        let defaults =
            defaults_from_toml(text, &NOT_SETTINGS).map_err(|errors| wrong(errors.to_string()))?;
        let file: ConfigFile = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let either = |here: &Option<String>, there: Option<String>| here.clone().or(there);
        let camera_text = either(&devices.camera, file.camera).unwrap_or("v4l2:/dev/video0".into());
        let screen_text =
            either(&devices.screen, file.screen).unwrap_or("drm:/dev/dri/card0".into());
        let serial = either(&devices.serial, file.serial);
        let keys = file.trusted_keys.unwrap_or_default();
        let trust = Trust::new(keys.iter().map(String::as_str))
            .map_err(|error| wrong(format!("trusted_keys: {error}")))?;
        let state = file.state.unwrap_or_else(paths::state);
        let (personalities, mistakes) = Personalities::read(&state.join("personalities"));
        let known = |name: &str| known(&personalities, name);
        known(defaults.personality())?;
        devices.personality.as_deref().map_or(Ok(()), known)?;
        Ok(Installation {
            pack: devices.pack.clone().or(file.pack),
            camera: camera_text.parse()?,
            camera_text,
            screen: screen_text.parse()?,
            screen_text,
            serial: serial.map(|serial| serial.parse()).transpose()?,
            state,
            mistakes,
            trust,
            watchdog: file.watchdog,
            updates: file.updates.unwrap_or_else(|| paths::UPDATES.into()),
            defaults,
            personality: devices.personality.clone(),
            personalities,
            tensorrt: file.tensorrt,
        })
    }

    /// The packs that came over the serial line.
    pub fn store(&self) -> Store {
        Store::new(self.state.join("packs"), self.trust.clone())
    }

    /// Updates of the system, as far as the board has them.
    pub fn updates(&self) -> Updates<Folders> {
        Updates::new(Folders::new(
            self.updates.clone(),
            self.state.join("update"),
        ))
    }

    /// What the command line asks of settings, whatever was saved.
    pub fn wishes(&self) -> Staged {
        let mut staged = Staged::default();
        if let Some(name) = &self.personality {
            // It was looked up before: it is a name.
            let _ = staged.set(Id::Personality.name(), name);
        }
        staged
    }
}

fn known(personalities: &Personalities, name: &str) -> Result<(), OptionsError> {
    match personalities.by_name(name) {
        Some(_) => Ok(()),
        None => Err(OptionsError::Personality {
            name: name.to_owned(),
            known: personalities.names(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Devices {
        let all = ["sfumato", "run"].iter().chain(arguments);
        match CommandLine::try_parse_from(all).unwrap().command {
            Command::Run(options) => options.devices,
            _ => unreachable!("run was asked for"),
        }
    }

    fn read(arguments: &[&str], file: &str) -> Result<Installation, OptionsError> {
        Installation::join(&parse(arguments), file)
    }

    #[test]
    fn the_command_line_goes_before_the_file() {
        let file = "camera = \"synthetic:\"\nscreen = \"null:\"\npersonality = \"curious\"";
        let both = read(&["--camera", "clip:a.mp4"], file).unwrap();
        assert_eq!(both.camera_text, "clip:a.mp4");
        assert_eq!(both.screen_text, "null:");
        assert_eq!(both.defaults.personality(), "curious");
        let over = read(&["--personality", "playful"], file).unwrap();
        assert_eq!(over.wishes().over(&over.defaults).personality(), "playful");
        assert_eq!(over.defaults.personality(), "curious");
        let neither = read(&[], "").unwrap();
        assert_eq!(neither.screen_text, "drm:/dev/dri/card0");
        assert_eq!(neither.defaults, Settings::default());
        assert!(neither.serial.is_none());
    }

    #[test]
    fn the_file_gives_the_settings_their_defaults() {
        let file = "wall = \"#102030\"\nserial = \"pty:\"\nstate = \"/s\"\n[placement]\ncamera_above = 0.4";
        let installation = read(&[], file).unwrap();
        assert_eq!(installation.defaults.camera_above(), 0.4);
        assert_eq!(installation.defaults.wall(), [0x10, 0x20, 0x30]);
        assert!(installation.serial.is_some());
        assert_eq!(installation.state, PathBuf::from("/s"));
    }

    #[test]
    fn the_file_asks_for_tensorrt() {
        let asked = read(&[], "[tensorrt]\nnetwork = \"n.onnx\"").unwrap();
        let tensorrt = asked.tensorrt.unwrap();
        assert_eq!(tensorrt.network, PathBuf::from("n.onnx"));
        assert_eq!(tensorrt.cache, PathBuf::from("/var/lib/sfumato/tensorrt"));
        assert!(read(&[], "").unwrap().tensorrt.is_none());
        assert!(read(&[], "[tensorrt]\ncache = \"/tmp\"").is_err());
    }

    #[test]
    fn mistakes_are_named() {
        for (arguments, file, word) in [
            (&["--personality", "grumpy"][..], "", "grumpy"),
            (&[], "personality = \"grumpy\"", "grumpy"),
            (&["--camera", "webcam"], "", "scheme"),
            (&["--screen", "beamer:"], "", "beamer"),
            (&["--serial", "COM3"], "", "COM3"),
            (&[], "wall = \"black\"", "#rrggbb"),
            (&[], "trusted_keys = [\"RWQ\"]", ".pub"),
            (&[], "camara = \"synthetic:\"", "line 1, column 1"),
            (&[], "[display]\nbrightness = 170", "0 to 100 %"),
        ] {
            let message = read(arguments, file).unwrap_err().to_string();
            assert!(message.contains(word), "{arguments:?} {file}: {message}");
        }
    }

    #[test]
    fn the_file_to_begin_with_says_nothing_and_names_everything() {
        let file = config_file();
        let begun = read(&[], &file).unwrap();
        assert_eq!(begun.defaults, Settings::default());
        assert_eq!(begun.camera_text, "v4l2:/dev/video0");
        for name in NOT_SETTINGS.iter().filter(|name| **name != "tensorrt") {
            assert!(file.contains(&format!("# {name} = ")), "{name}");
        }
        // Every line can be taken as it is.
        let all: String = file
            .lines()
            .map(|line| {
                let setting = line.strip_prefix("# ").filter(|line| line.contains(" = "));
                setting
                    .or(line.strip_prefix('#').filter(|line| line.contains(" = ")))
                    .unwrap_or(line)
            })
            .fold(String::new(), |text, line| text + line + "\n");
        let all = read(&[], &all).unwrap();
        assert_eq!(all.watchdog, Some(PathBuf::from("/dev/watchdog")));
        assert_eq!(all.defaults, Settings::default());
    }

    #[test]
    fn seconds_are_positive() {
        assert_eq!(seconds("2.5"), Ok(2.5));
        for wrong in ["0", "-1", "nan", "inf", "soon"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
