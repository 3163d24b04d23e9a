//! The whole command, for a person or a script: look, refuse, ask, flash, tell.

use crate::crew::{self, Habits, Work};
use crate::devices::{Device, Refusal, refusals};
use crate::image::{Image, ImageError, Reading};
use crate::meter::Meter;
use crate::record::{self, Forgetful, Keeper, Record};
use crate::show;
use crate::survey::Survey;
use crate::target::Target;
use crate::target::disk::Disk;
use crate::writer::{Phase, Standing};
use rustix::io::Errno;
use serde_json::json;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Time between two lines about a device in a log.
const PLAIN_EVERY: Duration = Duration::from_secs(10);

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The image.
    pub image: PathBuf,
    /// The devices.
    pub devices: Vec<PathBuf>,
    /// How the image is read.
    pub reading: Reading,
    /// Nobody is asked. Refusals stay.
    pub yes: bool,
    /// One JSON object a line instead of text.
    pub json: bool,
    /// Regular files may be devices, too.
    pub files: bool,
    /// Begin anew, whatever an interrupted run has stored.
    pub fresh: bool,
    /// Where records of interrupted runs are; nothing: nowhere.
    pub records: Option<PathBuf>,
}

/// Why not all devices were flashed. What speaks against each of them was said before.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The image is no good.
    #[error("the image cannot be used: {0}")]
    Image(#[from] ImageError),
    /// Some device is refused, so none was touched.
    #[error("nothing was written: {0} refused")]
    Refused(String),
    /// There is nobody to ask.
    #[error(
        "nothing was written: there is nobody to ask; say --yes if the devices are the right ones"
    )]
    NobodyToAsk,
    /// The answer was no.
    #[error("nothing was written")]
    Declined,
    /// Some failed.
    #[error("{failed} of {all} not flashed; what was begun does not boot")]
    Failed {
        /// How many.
        failed: usize,
        /// Of how many.
        all: usize,
    },
}

/// Where answers come from and where text goes.
pub struct Console<'a> {
    /// Answers; nothing where there is nobody to ask.
    pub answers: Option<&'a mut dyn BufRead>,
    /// Text. What cannot be written is lost: a closed pipe is no reason to stop flashing.
    pub out: &'a mut dyn Write,
    /// The width of the terminal, in letters; nothing where there is none and lines are only added.
    pub width: Option<usize>,
}

impl std::fmt::Debug for Console<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Console {{ width: {:?} }}", self.width)
    }
}

impl Console<'_> {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
        let _ = self.out.flush();
    }
}

/// Runs a request at this process's terminal.
pub fn at_terminal(request: &Request) -> Result<(), CommandError> {
    let (stdin, stdout) = (io::stdin(), io::stdout());
    let width = stdout.is_terminal().then(|| {
        rustix::termios::tcgetwinsize(&stdout)
            .map_or(80, |size| usize::from(size.ws_col))
            .max(20)
    });
    let mut answers = stdin.lock();
    run(
        request,
        &Survey::default(),
        Console {
            answers: io::stdin()
                .is_terminal()
                .then_some(&mut answers as &mut dyn BufRead),
            out: &mut stdout.lock(),
            width,
        },
    )
}

/// The folder of records that this process's environment names.
pub fn records() -> Option<PathBuf> {
    record::folder(|name| std::env::var(name).ok())
}

/// Runs a request.
pub fn run(
    request: &Request,
    survey: &Survey,
    mut console: Console<'_>,
) -> Result<(), CommandError> {
    let image = Image::open(&request.image, &request.reading)?;
    let lies_on = image.device().ok();
    let mut refused = Refused::default();
    let mut devices: Vec<Device> = Vec::new();
    for path in &request.devices {
        match survey.describe(path, lies_on) {
            Ok(mut device) => {
                device.has_image |= image.is(path);
                let mut found = refusals(&device, image.length, request.files);
                if devices.iter().any(|other| other.name == device.name) {
                    found.insert(0, Refusal::Twice);
                }
                refused.add(&device.path, found);
                devices.push(device);
            }
            Err(error) => refused.add(
                &path.display().to_string(),
                vec![Refusal::Closed(match error.kind() {
                    io::ErrorKind::NotFound => {
                        "there is no such device; `lsblk -o NAME,SIZE,MODEL,TRAN` lists those that there are".to_owned()
                    }
                    _ => error.to_string(),
                })],
            ),
        }
    }
    refused.tell(request, &mut console)?;
    if !request.json {
        introduce(&image, &devices, &mut console);
    }
    if !request.yes {
        ask(request, &devices, &mut console)?;
    }
    // Held from here on: nobody can mount them any more.
    let mut disks = Vec::new();
    for device in &devices {
        match open(device) {
            Ok(disk) => disks.push(disk),
            Err(why) => refused.add(&device.path, vec![Refusal::Closed(why)]),
        }
    }
    refused.tell(request, &mut console)?;
    if image.bmap.is_none() && !request.json {
        console.line("Reading the image once, to know it again after an interruption …");
    }
    let identity = image.identity()?;
    let work = devices
        .iter()
        .zip(disks)
        .map(|(device, disk)| {
            let mut keeper: Box<dyn Keeper> = match &request.records {
                Some(folder) => Box::new(Record::open(folder, identity, &device.identity())),
                None => Box::new(Forgetful::default()),
            };
            if request.fresh {
                keeper.forget();
                keeper = match &request.records {
                    Some(folder) => Box::new(Record::open(folder, identity, &device.identity())),
                    None => keeper,
                };
            }
            let before = keeper.before().bytes();
            if before > 0 && !request.json {
                console.line(&format!(
                    "{}: an interrupted run stored {}; they are read back and kept where they are right",
                    device.path,
                    show::bytes(before)
                ));
            }
            Work {
                target: Box::new(disk),
                keeper,
            }
        })
        .collect();
    let paths: Vec<&str> = devices.iter().map(|device| device.path.as_str()).collect();
    let habits = Habits {
        memory: memory(),
        ..Habits::default()
    };
    let mut teller = Teller::new(&paths, request.json, console.width);
    let results = crew::flash(Arc::new(image), work, habits, |now, standings| {
        teller.tell(now, standings, &mut console);
    });
    if !request.json {
        console.line("");
    }
    for (path, result) in paths.iter().zip(&results) {
        console.line(&match request.json {
            true => show::outcome_json(path, result).to_string(),
            false => format!("{path}: {}", show::outcome(result)),
        });
    }
    match results.iter().filter(|result| result.is_err()).count() {
        0 => Ok(()),
        failed => Err(CommandError::Failed {
            failed,
            all: results.len(),
        }),
    }
}

/// Opens a device, or says why not.
fn open(device: &Device) -> Result<Disk, String> {
    let disk = Disk::open(Path::new(&device.path)).map_err(|error| {
        match Errno::from_io_error(&error) {
            Some(Errno::BUSY) => {
                "the kernel says that it is in use; close what uses it (`lsblk` and `fuser` tell)"
                    .to_owned()
            }
            Some(Errno::ACCESS | Errno::PERM) => {
                "you may not write to it; run the command with sudo".to_owned()
            }
            Some(Errno::NOMEDIUM) => Refusal::NoMedium.to_string(),
            Some(Errno::ROFS) => Refusal::ReadOnly.to_string(),
            _ => error.to_string(),
        }
    })?;
    match disk.size() == device.size {
        true => Ok(disk),
        false => Err("another device has taken its place just now; look again".to_owned()),
    }
}

/// Devices that are refused, and why.
#[derive(Default)]
struct Refused(Vec<(String, Vec<Refusal>)>);

impl Refused {
    fn add(&mut self, path: &str, why: Vec<Refusal>) {
        if !why.is_empty() {
            self.0.push((path.to_owned(), why));
        }
    }

    fn tell(&self, request: &Request, console: &mut Console<'_>) -> Result<(), CommandError> {
        for (path, why) in &self.0 {
            for why in why {
                console.line(&match request.json {
                    true => json!({"event": "refused", "device": path, "reason": why.to_string()})
                        .to_string(),
                    false => format!("{path} is refused: {why}"),
                });
            }
        }
        match self.0.as_slice() {
            [] => Ok(()),
            [(path, _)] => Err(CommandError::Refused(format!("{path} is"))),
            several => Err(CommandError::Refused(format!(
                "{} devices are",
                several.len()
            ))),
        }
    }
}

fn introduce(image: &Image, devices: &[Device], console: &mut Console<'_>) {
    let mut line = format!("Image  {} ({}", image.path.display(), image.packing.word());
    if let Some(bytes) = image.length.exact() {
        line.push_str(&format!(", {}", show::bytes(bytes)));
    }
    match (&image.bmap, image.map.bytes(image.length)) {
        (Some((path, _)), Some(bytes)) => line.push_str(&format!(
            ", {} of it matter by {}",
            show::bytes(bytes),
            path.file_name().unwrap_or_default().to_string_lossy()
        )),
        (None, Some(bytes)) if Some(bytes) != image.length.exact() => {
            line.push_str(&format!(", {} of it are no holes", show::bytes(bytes)));
        }
        _ => line.push_str(", no block map: all of it is written"),
    }
    console.line(&format!("{line})"));
    console.line("Everything on this will be lost:");
    for device in devices {
        let _ = write!(console.out, "{}", show::device(device));
    }
}

fn ask(
    request: &Request,
    devices: &[Device],
    console: &mut Console<'_>,
) -> Result<(), CommandError> {
    if request.json || console.answers.is_none() {
        return Err(CommandError::NobodyToAsk);
    }
    let wanted: Vec<&str> = match devices {
        [device] => vec![device.path.as_str(), device.name.as_str()],
        _ => vec!["yes"],
    };
    let word = wanted.last().unwrap_or(&"yes");
    let _ = write!(console.out, "Type {word} to overwrite: ");
    let _ = console.out.flush();
    let mut answer = String::new();
    if let Some(answers) = &mut console.answers {
        // What cannot be read is no consent.
        let _ = answers.read_line(&mut answer);
    }
    match wanted.contains(&answer.trim()) {
        true => Ok(()),
        false => Err(CommandError::Declined),
    }
}

/// Half of the memory that is free, at most 1 GiB.
fn memory() -> u64 {
    let most = Habits::default().memory;
    std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("MemAvailable:"))?;
            let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
            Some((kilobytes * 1024 / 2).min(most))
        })
        .unwrap_or(most / 4)
}

/// What was told of a device.
#[derive(Default)]
struct Told {
    meter: Meter,
    /// The phase that the meter measures.
    phase: Phase,
    /// The phase that the last line told, and when.
    last: Option<(Phase, Duration)>,
}

/// Tells how far the devices are.
struct Teller<'a> {
    paths: &'a [&'a str],
    json: bool,
    width: Option<usize>,
    told: Vec<Told>,
    drawn: bool,
}

impl<'a> Teller<'a> {
    fn new(paths: &'a [&'a str], json: bool, width: Option<usize>) -> Teller<'a> {
        Teller {
            paths,
            json,
            width: width.filter(|_| !json),
            told: paths.iter().map(|_| Told::default()).collect(),
            drawn: false,
        }
    }

    fn tell(&mut self, now: Duration, standings: &[Standing], console: &mut Console<'_>) {
        if self.drawn && self.width.is_some() {
            let _ = write!(console.out, "\x1b[{}A", self.paths.len());
        }
        self.drawn = true;
        let widest = self.paths.iter().map(|path| path.len()).max().unwrap_or(0);
        for ((path, standing), told) in self.paths.iter().zip(standings).zip(&mut self.told) {
            if told.phase != standing.phase {
                told.meter = Meter::default();
                told.phase = standing.phase;
            }
            let meter = &mut told.meter;
            meter.note(now, standing.done);
            if let Some(width) = self.width {
                let line = format!("{path:<widest$}  {}", show::standing(standing, meter));
                let _ = writeln!(console.out, "\x1b[2K{}", show::fit(&line, width));
                continue;
            }
            let every = if self.json {
                Duration::from_secs(1)
            } else {
                PLAIN_EVERY
            };
            let over = matches!(standing.phase, Phase::Done | Phase::Failed);
            let due = told.last.is_none_or(|(phase, when)| {
                phase != standing.phase || (!over && now >= when + every)
            });
            if due {
                told.last = Some((standing.phase, now));
                console.line(&match self.json {
                    true => show::standing_json(path, standing, meter).to_string(),
                    false => format!("{path:<widest$}  {}", show::standing(standing, meter)),
                });
            }
        }
        let _ = console.out.flush();
    }
}
