//! A board for tests, at the other end of a pseudo-terminal.

use super::courier::{Finder, Found};
use super::line::Line;
use sfumato_serial::{Device, Port, PseudoTerminal};
use sfumato_settings::pin::{CHALLENGE, Challenge, SALT, Verifier};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

/// A board, as long as it is not dropped.
pub struct Board {
    /// Where it is.
    pub path: PathBuf,
    heard: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Board {
    /// A board that knows `vitals` or does not, with a PIN or without.
    pub fn start(knows_vitals: bool, pin: Option<&str>) -> Board {
        let port = PseudoTerminal::open(None).unwrap();
        let path = port.path().to_owned();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let state = State {
            knows_vitals,
            brightness: "70 %".to_owned(),
            pin: pin.map(|pin| Verifier::new(pin, [7; SALT]).unwrap()),
            is_unlocked: false,
        };
        let thread = spawn({
            let (heard, is_over) = (Arc::clone(&heard), Arc::clone(&is_over));
            move || talk(port, state, &heard, &is_over)
        });
        Board {
            path,
            heard,
            is_over,
            thread: Some(thread),
        }
    }

    /// The lines that came so far.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until a line has come so often.
    pub fn wait_for(&self, line: &str, times: usize) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.heard().iter().filter(|heard| *heard == line).count() < times {
            assert!(
                Instant::now() < deadline,
                "{line} did not come: {:?}",
                self.heard()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Finds it.
    pub fn finder(&self) -> Finder {
        let path = self.path.clone();
        Box::new(move || {
            let mut line = Line::new(Device::open(&path, 115_200)?);
            line.find()?;
            let port = "the port".to_owned();
            Ok(Found { line, port })
        })
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct State {
    knows_vitals: bool,
    brightness: String,
    pin: Option<Verifier>,
    is_unlocked: bool,
}

const VITALS: &str = "level = living\nstate = engaged\npicture_rate = 59.9\nuptime = 100\n\
                      temperature.cpu = 54.0\nvisitor.1 = 0.31 -0.10 1.8 answered\nfan = 1200\n";

impl State {
    fn answer(&mut self, line: &str) -> String {
        if let Some(text) = line.strip_prefix("echo ") {
            return format!("OK {text}\n");
        }
        match line {
            "" => String::new(),
            "terminal off" => "OK terminal off\n".to_owned(),
            "vitals" if self.knows_vitals => format!("{VITALS}OK\n"),
            "status" => "portrait: living\nsettings: 1 not saved, 0 prepared\nOK\n".to_owned(),
            "counters" => "picture.shown = 12\nOK 1 counters\n".to_owned(),
            "list" => format!(
                "name = Saal 3 *\ndisplay.brightness = {} *\nOK 2 settings; * is not the default\n",
                self.brightness
            ),
            "range display.brightness" => {
                "OK display.brightness: 0 to 100 %, default 100 %. How bright.\n".to_owned()
            }
            "save" if self.may_write() => "OK saved; 2 not at their defaults\n".to_owned(),
            "lock" => {
                self.is_unlocked = false;
                "OK locked\n".to_owned()
            }
            "unlock" => match &self.pin {
                Some(pin) => format!("OK challenge {}\n", pin.challenge([5; CHALLENGE])),
                None => "OK open, no PIN is set\n".to_owned(),
            },
            line => self.change(line),
        }
    }

    fn may_write(&self) -> bool {
        self.pin.is_none() || self.is_unlocked
    }

    fn change(&mut self, line: &str) -> String {
        if let Some(response) = line.strip_prefix("unlock ") {
            let pin = self.pin.as_ref();
            self.is_unlocked = pin.is_some_and(|pin| pin.accepts(&[5; CHALLENGE], response));
            return match self.is_unlocked {
                true => "OK unlocked\n".to_owned(),
                false => "ERR 31 wrong answer; ask for another challenge with unlock\n".to_owned(),
            };
        }
        let value = line.strip_prefix("display.brightness ");
        match value.map(str::parse::<u32>) {
            _ if line == "save" || value.is_some() && !self.may_write() => {
                "ERR 30 locked by a PIN; unlock first\n".to_owned()
            }
            Some(Ok(percent)) if percent <= 100 => {
                self.brightness = format!("{percent} %");
                format!("OK display.brightness = {}\n", self.brightness)
            }
            Some(_) => "ERR 21 display.brightness: 0 to 100 %, not that\n".to_owned(),
            None => "ERR 10 no such command; help lists them\n".to_owned(),
        }
    }
}

fn talk(
    mut port: PseudoTerminal,
    mut state: State,
    heard: &Mutex<Vec<String>>,
    is_over: &AtomicBool,
) {
    let mut line = Vec::new();
    let mut buffer = [0; 256];
    while !is_over.load(Ordering::Relaxed) {
        let count = port.read(&mut buffer, Duration::from_millis(5)).unwrap();
        for &byte in &buffer[..count] {
            if byte != b'\r' {
                line.push(byte);
                continue;
            }
            let text = String::from_utf8(std::mem::take(&mut line)).unwrap();
            let answer = state.answer(&text).replace('\n', "\r\n");
            heard.lock().unwrap().push(text);
            port.write(answer.as_bytes(), Duration::from_secs(1))
                .unwrap();
        }
    }
}

/// The challenge that is sent is the one that is checked.
#[test]
fn the_board_of_the_tests_knows_its_pin() {
    let mut state = State {
        knows_vitals: true,
        brightness: String::new(),
        pin: Verifier::new("4711", [7; SALT]).ok(),
        is_unlocked: false,
    };
    let asked = state.answer("unlock");
    let challenge = Challenge::parse(asked.trim().strip_prefix("OK challenge ").unwrap()).unwrap();
    assert!(
        state
            .answer(&format!("unlock {}", challenge.answer("4712")))
            .starts_with("ERR 31")
    );
    assert!(
        state
            .answer(&format!("unlock {}", challenge.answer("4711")))
            .starts_with("OK")
    );
}
