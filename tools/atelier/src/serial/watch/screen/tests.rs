use super::super::rehearsal::Board;
use super::*;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, OptionalActions, Winsize, tcgetattr, tcsetattr, tcsetwinsize};
use sfumato_serial::{Port, PseudoTerminal};
use std::collections::VecDeque;
use std::fs::File;
use std::process::{Child, Command};

/// Presses keys, each once the board has heard what they wait for.
struct Hands<'a> {
    board: &'a Board,
    steps: VecDeque<(&'static str, usize, Vec<KeyCode>)>,
    pressed: VecDeque<KeyCode>,
}

impl Hands<'_> {
    fn next(&mut self, patience: Duration) -> Option<Event> {
        if let Some(code) = self.pressed.pop_front() {
            return Some(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
        // What was heard is answered and drawn only after the next wait.
        std::thread::sleep(patience);
        let (line, times, _) = self.steps.front()?;
        let heard = self.board.heard();
        if heard.iter().filter(|heard| heard == line).count() >= *times {
            std::thread::sleep(Duration::from_millis(300));
            let (_, _, keys) = self.steps.pop_front()?;
            self.pressed.extend(keys);
        }
        None
    }
}

fn typed(text: &str) -> Vec<KeyCode> {
    let erase = std::iter::repeat_n(KeyCode::Backspace, 5);
    erase
        .chain(text.chars().map(KeyCode::Char))
        .chain([KeyCode::Enter])
        .collect()
}

/// Somebody turns the brightness down, is asked for the PIN, saves and leaves.
#[test]
fn a_visit_from_looking_to_leaving() {
    let board = Board::start(true, Some("4711"));
    let courier = Courier::start(board.finder()).unwrap();
    let mut model = Model::new("/dev/ttyUSB0".to_owned(), None);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut hands = Hands {
        board: &board,
        steps: VecDeque::from([
            ("counters", 1, vec![KeyCode::Down, KeyCode::Enter]),
            ("range display.brightness", 1, typed("170")),
            ("display.brightness 170", 1, typed("4711")),
            ("display.brightness 170", 2, typed("35")),
            ("display.brightness 35", 1, vec![KeyCode::Char('s')]),
            ("save", 1, vec![KeyCode::Char('q')]),
        ]),
        pressed: VecDeque::new(),
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    let ended = turn(
        &mut terminal,
        &mut model,
        &courier,
        Palette::new(true),
        &AtomicBool::new(false),
        &mut |patience| {
            assert!(Instant::now() < deadline, "{:?}", board.heard());
            Ok(hands.next(patience.min(Duration::from_millis(20))))
        },
    );
    ended.unwrap();
    let screen = terminal.backend().to_string();
    for shown in [
        "Saal 3 · the port",
        "living, engaged with a visitor",
        "saved; 2 not at their defaults",
        "display.brightness 35 %",
        "1 not saved: s",
        "pictures 59.9 /s",
        "● 1.8 m answered",
        "cpu 54 °C",
        "picture.shown",
    ] {
        assert!(screen.contains(shown), "{shown} is missing:\n{screen}");
    }
    courier.leave(model.is_unlocked());
    board.wait_for("lock", 1);
}

#[test]
fn a_signal_ends_it() {
    let board = Board::start(true, None);
    let courier = Courier::start(board.finder()).unwrap();
    let mut model = Model::new("x".to_owned(), None);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let stop = AtomicBool::new(false);
    let ended = turn(
        &mut terminal,
        &mut model,
        &courier,
        Palette::new(true),
        &stop,
        &mut |_| {
            stop.store(true, Ordering::Relaxed);
            Ok(None)
        },
    );
    assert!(ended.is_ok());
    courier.leave(false);
}

#[test]
fn a_terminal_that_is_gone_ends_it_with_an_error() {
    let board = Board::start(true, None);
    let courier = Courier::start(board.finder()).unwrap();
    let mut model = Model::new("x".to_owned(), None);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let stop = AtomicBool::new(false);
    let ended = turn(
        &mut terminal,
        &mut model,
        &courier,
        Palette::new(true),
        &stop,
        &mut |_| Err(io::Error::other("gone")),
    );
    assert!(format!("{:#}", ended.unwrap_err()).contains("keys cannot be read: gone"));
    courier.leave(false);
}

/// A terminal of its own for a process.
struct Desk {
    port: PseudoTerminal,
    screen: String,
}

impl Desk {
    fn new() -> Desk {
        let port = PseudoTerminal::open(None).unwrap();
        let desk = Desk {
            port,
            screen: String::new(),
        };
        let end = desk.end();
        // As a shell leaves it: lines are edited and echoed.
        let mut modes = tcgetattr(&end).unwrap();
        modes.local_modes |= LocalModes::ICANON | LocalModes::ECHO;
        tcsetattr(&end, OptionalActions::Now, &modes).unwrap();
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&end, size).unwrap();
        desk
    }

    fn end(&self) -> File {
        File::options()
            .read(true)
            .write(true)
            .open(self.port.path())
            .unwrap()
    }

    /// Runs [`in_a_terminal`] of this very program there.
    fn run(&self, how: &str) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "--test-threads=1"])
            .arg(format!(
                "{}::in_a_terminal",
                module_path!().split_once("::").unwrap().1
            ))
            .env("SFUMATO_IN_A_TERMINAL", how)
            .stdin(self.end())
            .stdout(self.end())
            .stderr(self.end())
            .spawn()
            .unwrap()
    }

    /// Reads the screen until something stands there.
    fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.screen.contains(text) {
            assert!(
                Instant::now() < deadline,
                "{text:?} did not come: {:?}",
                self.screen
            );
            self.read();
        }
    }

    fn read(&mut self) {
        let mut buffer = [0; 4096];
        let count = self
            .port
            .read(&mut buffer, Duration::from_millis(20))
            .unwrap();
        self.screen
            .push_str(&String::from_utf8_lossy(&buffer[..count]));
    }

    /// Waits for the end; the terminal is as it was. Whether it ended well.
    fn expect_restored(&mut self, child: &mut Child) -> bool {
        let deadline = Instant::now() + Duration::from_secs(20);
        let status = loop {
            assert!(Instant::now() < deadline, "it goes on: {:?}", self.screen);
            self.read();
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
        };
        self.wait_for(LEFT);
        let modes = tcgetattr(self.end()).unwrap().local_modes;
        assert!(
            modes.contains(LocalModes::ICANON | LocalModes::ECHO),
            "{modes:?}"
        );
        assert!(
            self.screen.rfind(SHOWN) > self.screen.rfind("\u{1b}[?25l"),
            "no cursor"
        );
        status.success()
    }
}

/// What a terminal is told: another screen, back, the cursor shown.
const ENTERED: &str = "\u{1b}[?1049h";
const LEFT: &str = "\u{1b}[?1049l";
const SHOWN: &str = "\u{1b}[?25h";

/// What runs in a terminal of its own; not by itself.
#[test]
#[ignore = "run by the tests below"]
fn in_a_terminal() {
    let Ok(how) = std::env::var("SFUMATO_IN_A_TERMINAL") else {
        return;
    };
    let model = Model::new("nowhere".to_owned(), None);
    if how == "panic" {
        let _guard = Guard;
        let mut terminal = ratatui::try_init().unwrap();
        let palette = Palette::new(true);
        terminal
            .draw(|frame| draw(&model, palette, frame.area(), frame.buffer_mut()))
            .unwrap();
        panic!("on purpose");
    }
    run(model, Box::new(|| Err(anyhow!("nothing is plugged in")))).unwrap();
}

#[test]
fn keys_and_signals_give_the_terminal_back() {
    for end in ["q", "\u{3}", "TERM", "HUP", "INT"] {
        let mut desk = Desk::new();
        let mut child = desk.run("watch");
        desk.wait_for(ENTERED);
        desk.wait_for("plugged");
        let pid = Pid::from_child(&child);
        match end {
            "TERM" => kill_process(pid, Signal::TERM).unwrap(),
            "HUP" => kill_process(pid, Signal::HUP).unwrap(),
            "INT" => kill_process(pid, Signal::INT).unwrap(),
            key => desk
                .port
                .write(key.as_bytes(), Duration::from_secs(1))
                .unwrap(),
        }
        assert!(
            desk.expect_restored(&mut child),
            "{end:?}: {:?}",
            desk.screen
        );
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_read_there() {
    let mut desk = Desk::new();
    let mut child = desk.run("panic");
    desk.wait_for(ENTERED);
    assert!(!desk.expect_restored(&mut child));
    desk.wait_for("on purpose");
    assert!(desk.screen.find("on purpose") > desk.screen.find(LEFT));
}
