//! `sfumato run`: opens everything that was asked for and starts the show.

use crate::controls::Controls;
use crate::display::{self, Line};
use crate::health::{Herald, Judge};
use crate::house::House;
use crate::link::{self, Board};
use crate::live::{self, Parts};
use crate::lockstep;
use crate::log::say;
use crate::options::{Installation, RunOptions};
use crate::outcome::{Limits, Outcome};
use crate::pulse::Pulse;
use crate::report::{Diary, MOST_FRAMES, Report};
use crate::show::Show;
use crate::starts::{End, Run};
use crate::watchdog::{self, Watchdog};
use crate::{paths, perception, record, supervisor, tensorrt};
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use sfumato_camera::{Mains, SystemClock};
use sfumato_core::drawing::Drawing;
use sfumato_core::motion::Motion;
use sfumato_core::time::Clock as _;
use sfumato_generator::{Generator, GeneratorError, Network, Rig};
use sfumato_link::{Conversation, Restart};
use sfumato_motion::Mover;
use sfumato_pack::Pack;
use sfumato_screen::{Rotation, Screen, ddc};
use sfumato_settings::record::{Loaded, Source};
use sfumato_settings::{Recorder, Settings, Staged, Store};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Decides blinks and glances where every run must be the same.
const SEED: u64 = 1;

/// Runs the show. `stop` ends it in order. Says what is to be started anew.
pub fn run(options: &RunOptions, stop: &AtomicBool) -> Result<Option<Restart>> {
    let installation = Installation::read(&options.devices)?;
    for mistake in &installation.mistakes {
        say!("{mistake}; left out");
    }
    tell_what_is_not_kept(&installation);
    let this = remembered(&installation, stop);
    let clock: Arc<SystemClock> = Arc::new(SystemClock::new());
    let every_frame = installation.camera.every_frame_counts();
    let mut all_loaded = true;
    let (recorder, saved) = if every_frame {
        (None, recorded(&installation))
    } else {
        let (recorder, loaded) = kept(&installation);
        all_loaded = loaded.source != Source::Defaults;
        (Some(recorder), loaded.settings)
    };
    let mut herald = Herald::of_service(Judge::new(all_loaded, clock.now()));
    let settings = installation.wishes().over(&saved);
    let Painting { pack, path, shown } = painting(&installation, &settings)?;
    let mut perception = perception::load()?;
    let engines = perception.engines();
    let size = (
        pack.portrait.painting.width() as usize,
        pack.portrait.painting.height() as usize,
    );
    let mut screen = open_screen(&installation, &settings, size, &clock)?;
    let mut set_up = set_up(&installation, &settings, &pack, &path, screen.as_ref());
    let title = pack.manifest.title.clone();
    let Generators { list, network } = generators(&pack, &installation)?;
    let generator = list.first().map_or("none", |first| first.name());
    set_up.insert("generator".into(), generator.into());
    if let Some(hash) = network {
        set_up.insert("network".into(), hash.into());
    }
    let seed = if every_frame { SEED } else { seed_of_the_day() };
    let house = House::new(
        Box::new(settings.clone()),
        installation.personalities.clone(),
    );
    let personality = house.personality().unwrap_or_default();
    let mover = Mover::new(personality, house.camera(), seed);
    let mut show = Show::new(pack.portrait, list, mover, house, screen.as_ref())?;
    if options.set_up {
        show = show.with_set_up();
    }
    let limits = Limits {
        frames: options.frames,
        seconds: options.seconds,
    };
    let diary = diary(options);
    say!(
        "{title} by its {generator}, {}, watching {} and shown on {}",
        settings.personality(),
        installation.camera_text,
        installation.screen_text
    );
    let (controls, pulse) = (Controls::default(), Pulse::default());
    let outcome = if every_frame {
        if installation.serial.is_some() {
            say!("frame by frame there is no serial line; leave pace=off out to have it");
        }
        let mut camera = sfumato_camera::open(&installation.camera, clock.clone())?;
        let outcome = lockstep::run(
            lockstep::Parts {
                camera: camera.as_mut(),
                perception: &mut perception,
                show: &mut show,
                screen: screen.as_mut(),
                clock: clock.as_ref(),
            },
            limits,
            diary,
            stop,
        )?;
        set_up.insert(
            "camera".into(),
            format!("{:?}", camera.description()).into(),
        );
        outcome
    } else {
        controls.set_camera(&settings, &installation.camera);
        let shared = (&controls, &pulse, stop);
        let watchdog = installation.watchdog.as_deref().and_then(guarded);
        let mut link = link_of(&installation, recorder, saved, shown, shared);
        let beat = clock.as_ref();
        let mut beside = link.as_mut().map(|(open, conversation, board)| {
            move |over: &dyn Fn() -> bool| link::run(open, conversation, board, beat, over)
        });
        let display = Line::default();
        let mut power = |over: &dyn Fn() -> bool| display::attend(&display, &mut ddc::open, over);
        let mut aside: Vec<&mut live::Beside<'_>> = vec![&mut power];
        aside.extend(
            beside
                .as_mut()
                .map(|beside| beside as &mut live::Beside<'_>),
        );
        live::run(Parts {
            open_camera: &mut || {
                let mains = controls.mains().unwrap_or(Mains::Off);
                let address = installation.camera.clone().or_mains(mains);
                sfumato_camera::open(&address, clock.clone())
            },
            perception: &mut perception,
            show: &mut show,
            screen: screen.as_mut(),
            clock: beat,
            limits,
            diary,
            stop,
            pulse: &pulse,
            controls: &controls,
            display: &display,
            beside: aside,
            watchdog: watchdog.as_ref(),
            herald: &mut herald,
            stuck: &|| std::process::exit(supervisor::STUCK_EXIT_CODE),
        })?
    };
    drop(screen);
    tell(&outcome);
    if let Some(path) = &options.report {
        write_report(path, set_up, engines, &outcome)?;
    }
    let restart = controls.restart();
    if let Some(this) = this {
        this.end(match restart {
            None => End::Ended,
            Some(Restart::Program) => End::Restart,
            Some(Restart::Board) => End::Reboot,
        });
    }
    Ok(restart)
}

/// Says so where nothing can be kept: the show goes on all the same. Without a serial line nobody wants to.
fn tell_what_is_not_kept(installation: &Installation) {
    if installation.serial.is_some()
        && let Err(error) = paths::keeps(&installation.state)
    {
        say!(
            "nothing can be kept in {}: {error}; settings, paintings and updates are lost with the next start; \
             is its disk there, is it full, is it read-only?",
            installation.state.display()
        );
    }
}

/// Why there was a start, said aloud, and the pause after bad ones. A recording is remembered nowhere.
fn remembered(installation: &Installation, stop: &AtomicBool) -> Option<Run> {
    if installation.camera.every_frame_counts() {
        return None;
    }
    let this = Run::begin(&installation.state, watchdog::has_bitten());
    say!("started {}", this.reason);
    if !this.pause.is_zero() {
        say!(
            "it has crashed soon after its start, again and again; waiting {} s",
            this.pause.as_secs()
        );
        let begun = Instant::now();
        while begun.elapsed() < this.pause && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    Some(this)
}

/// Settings for a recording that is looked at frame by frame: the same each time, and each pixel at its place.
fn recorded(installation: &Installation) -> Settings {
    let mut staged = Staged::default();
    // A name and a value of the registry's.
    let _ = staged.set("pixel_shift.on", "off");
    staged.over(&installation.defaults)
}

/// The settings that were kept, and what keeps them.
fn kept(installation: &Installation) -> (Recorder<record::Files>, Loaded) {
    let files = record::Files::new(&installation.state);
    let (recorder, loaded) = Recorder::open(files, &installation.defaults);
    if !loaded.is_clean() {
        say!("{loaded}");
    }
    (recorder, loaded)
}

/// The board's own watchdog; what cannot be had is said aloud.
fn guarded(path: &Path) -> Option<Watchdog> {
    match Watchdog::start(path) {
        Ok(watchdog) => Some(watchdog),
        Err(error) => {
            let path = path.display();
            say!(
                "watchdog {path}: {error}; is its driver loaded, does systemd hold it (RuntimeWatchdogSec)?"
            );
            None
        }
    }
}

/// The painting to be shown.
struct Painting {
    pack: Pack,
    path: PathBuf,
    /// Its name among those that came over the serial line; none: the installation's own.
    shown: Option<String>,
}

/// The painting that settings name. One that is not there, not signed or not readable is said aloud, and the
/// installation's own takes its place.
fn painting(installation: &Installation, settings: &Settings) -> Result<Painting> {
    if let Some(name) = settings.painting() {
        let read = |path: PathBuf| Ok((Pack::read(&path)?, path));
        match installation.store().trusted(name).and_then(read) {
            Ok((pack, path)) => {
                let shown = Some(name.to_owned());
                return Ok(Painting { pack, path, shown });
            }
            Err(error) => say!("painting {name}: {error}; the installed one is shown"),
        }
    }
    let path = paths::pack(installation.pack.as_deref())?;
    let pack = Pack::read(&path).with_context(|| format!("pack {}", path.display()))?;
    Ok(Painting {
        pack,
        path,
        shown: None,
    })
}

/// A link: how the port is opened, who talks there, and about what.
type Link<'a> = (Box<link::OpenPort<'a>>, Box<Conversation>, Board<'a>);

/// The link over the installation's serial port, if it has one.
fn link_of<'a>(
    installation: &'a Installation,
    recorder: Option<Recorder<record::Files>>,
    saved: Settings,
    shown: Option<String>,
    (controls, pulse, stop): (&'a Controls, &'a Pulse, &'a AtomicBool),
) -> Option<Link<'a>> {
    let (uri, baud) = (installation.serial.as_ref()?, saved.baud_rate());
    let open = move || sfumato_serial::open(uri, baud);
    let mut store = Store::new(installation.defaults.clone(), saved);
    // A personality is good whatever the other settings are: no rule is about it.
    let _ = store.commit(&mut installation.wishes());
    let settings = store.current().settings.clone();
    let board = Board::new(link::Parts {
        recorder: recorder?,
        settings,
        personalities: &installation.personalities,
        store: installation.store(),
        updates: installation.updates(),
        shown,
        camera: &installation.camera,
        controls,
        pulse,
        stop,
    });
    Some((Box::new(open), Box::new(Conversation::new(store)), board))
}

/// What can draw a pack's portrait.
struct Generators {
    /// Best first.
    list: Vec<Box<dyn Generator>>,
    /// The network's sha256, where there is one.
    network: Option<String>,
}

/// The pack's network and its rig, or the rig alone where the pack has no network.
///
/// A network that cannot be used is said aloud and counts as one that fails in the show.
fn generators(pack: &Pack, installation: &Installation) -> Result<Generators> {
    let rig = || Rig::decode(&pack.rig);
    let mut list: Vec<Box<dyn Generator>> = Vec::new();
    if let Some(onnx) = &pack.network {
        if let Some(wanted) = &installation.tensorrt {
            match tensorrt::network(wanted, onnx, rig()?) {
                Ok(network) => {
                    say!("{} draws", network.engine());
                    list.push(Box::new(network));
                }
                Err(error) => say!("{error:#}; our own engine runs the network"),
            }
        }
        match Network::load(onnx, rig()?) {
            Ok(network) => list.push(Box::new(network)),
            Err(error) => {
                say!("{error}; the rig draws instead");
                list.push(Box::new(Unusable(error)));
            }
        }
    }
    list.push(Box::new(rig()?));
    let hash = |onnx: &Vec<u8>| format!("{:x}", Sha256::digest(onnx));
    Ok(Generators {
        list,
        network: pack.network.as_ref().map(hash),
    })
}

/// A network that could not be loaded.
struct Unusable(GeneratorError);

impl Generator for Unusable {
    fn generate(&mut self, _: &Motion, _: &mut Drawing) -> Result<(), GeneratorError> {
        Err(self.0.clone())
    }

    fn name(&self) -> &'static str {
        "rig (the network is unusable)"
    }
}

/// Opens the screen. A live show goes on without a display that may come yet, for whoever asks on the serial line.
fn open_screen(
    installation: &Installation,
    settings: &Settings,
    size: (usize, usize),
    clock: &Arc<SystemClock>,
) -> Result<Box<dyn Screen>> {
    let mut uri = installation.screen.clone();
    if uri.rotation == Rotation::None {
        uri.rotation = Rotation::from_degrees(settings.rotation()).unwrap_or_default();
    }
    let opened = if installation.camera.every_frame_counts() {
        sfumato_screen::open(&uri, size, clock.clone())
    } else {
        sfumato_screen::open_when_there(&uri, size, clock.clone(), |error| {
            say!("screen: {error}; waiting for it");
        })
    };
    opened.context("screen")
}

/// Another one each time, so that the portrait does not blink at the same moments every morning.
fn seed_of_the_day() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(SEED, |since| since.as_secs())
}

/// Room for the frames of the run, where a report was asked for.
fn diary(options: &RunOptions) -> Diary {
    let room = match (&options.report, options.frames) {
        (None, _) => 0,
        (Some(_), Some(frames)) => usize::try_from(frames).unwrap_or(MOST_FRAMES),
        (Some(_), None) => MOST_FRAMES,
    };
    Diary::with_room_for(room)
}

fn set_up(
    installation: &Installation,
    settings: &Settings,
    pack: &Pack,
    path: &Path,
    screen: &dyn Screen,
) -> Map<String, Value> {
    let mode = screen.mode();
    let mut set_up = Map::new();
    let mut put = |name: &str, value: Value| {
        set_up.insert(name.into(), value);
    };
    put("camera_uri", installation.camera_text.clone().into());
    put("screen_uri", installation.screen_text.clone().into());
    put("screen", screen.description().into());
    put("screen_size", json!([mode.width, mode.height]));
    put("personality", settings.personality().into());
    put("title", pack.manifest.title.clone().into());
    put("pack", path.display().to_string().into());
    put("pack_made_by", pack.manifest.made_by.clone().into());
    put("source_sha256", pack.manifest.source_sha256.clone().into());
    put("generator", "rig".into());
    set_up
}

/// Two lines for whoever watches the terminal.
fn tell(outcome: &Outcome) {
    let latency = outcome.latency.summary();
    say!(
        "{} camera frames, {} pictures in {:.1} s ({:.1} a second), {} dropped, \
         latency {:.1} ms (95 of 100 below {:.1})",
        outcome.frames.arrived,
        outcome.frames.shown,
        outcome.seconds,
        outcome.frames.shown as f64 / outcome.seconds.max(1e-6),
        outcome.frames.dropped,
        latency.median as f64 / 1e3,
        latency.p95 as f64 / 1e3,
    );
    if outcome.faults != crate::report::Faults::default() {
        say!("survived {:?}", outcome.faults);
    }
}

fn write_report(
    path: &Path,
    set_up: Map<String, Value>,
    engines: Map<String, Value>,
    outcome: &Outcome,
) -> Result<()> {
    let mut versions = Map::new();
    versions.insert("sfumato".into(), env!("CARGO_PKG_VERSION").into());
    versions.insert("engine".into(), sfumato_infer::engine_version().into());
    let report = Report {
        set_up,
        versions,
        models: perception::hashes(),
        engines,
        seconds: outcome.seconds,
        frames: outcome.frames,
        faults: outcome.faults,
        ledger: &outcome.ledger,
        latency: &outcome.latency,
        diary: &outcome.diary,
    };
    report
        .write(path)
        .with_context(|| format!("cannot write the report {}", path.display()))
}
