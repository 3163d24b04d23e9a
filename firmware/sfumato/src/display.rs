//! Putting the display to sleep outside opening hours, and waking it.
//!
//! ```text
//! render thread --Display::follow--> the screen's signal (DPMS)
//!                        |  ^
//!                 wish   v  |  done, or refused: then the signal does it
//!                       Line <--attend-- a thread of its own: DDC/CI takes seconds
//! ```
//!
//! A display that is asked over its own line has to prove that it obeys; whatever fails there, its signal is stopped
//! instead, and a screen without a signal to stop is black.

use crate::fence::fenced;
use crate::log::say;
use sfumato_core::time::{Micros, Moment};
use sfumato_screen::ddc::{Bus, BusError, DdcError, DisplayControl};
use sfumato_screen::{Power, Screen};
use sfumato_settings::choices::DisplayPower;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a signal that could not be switched is left alone.
const AGAIN: Micros = Micros::from_secs(60);

/// How long the signal stays off so that a display which did not wake notices.
const BLINK: Micros = Micros::from_secs(2);

/// How often a wish is looked for.
const PATIENCE: Duration = Duration::from_millis(200);

/// A wish to a display's own switch, and what came of it.
#[derive(Debug, Default)]
pub struct Line(Mutex<Wish>);

#[derive(Debug, Default)]
struct Wish {
    /// Whether it shall be on, and the connector that it hangs on.
    wanted: Option<(bool, String)>,
    outcome: Option<bool>,
}

impl Line {
    fn ask(&self, on: bool, connector: String) {
        *self.lock() = Wish {
            wanted: Some((on, connector)),
            outcome: None,
        };
    }

    /// Whether it has obeyed, once that is known.
    fn outcome(&self) -> Option<bool> {
        self.lock().outcome
    }

    /// Held for a moment only, by either side.
    fn lock(&self) -> MutexGuard<'_, Wish> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the wires to the display on a connector.
pub type OpenBus<'a> = dyn FnMut(&str) -> Result<Box<dyn Bus>, BusError> + Send + 'a;

/// Does what is asked over the line, until it is over.
pub fn attend(line: &Line, open: &mut OpenBus<'_>, over: &dyn Fn() -> bool) {
    let mut control = None;
    while !over() {
        if !serve(line, open, &mut control) {
            std::thread::sleep(PATIENCE);
        }
    }
}

/// Does one wish, if there is one.
fn serve(line: &Line, open: &mut OpenBus<'_>, control: &mut Option<DisplayControl>) -> bool {
    let Some((on, connector)) = line.lock().wanted.take() else {
        return false;
    };
    let done = fenced(|| switch(on, &connector, open, control));
    let obeyed = match done {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            say!("display {connector}: {error}");
            false
        }
        Err(_) => false,
    };
    let mut wish = line.lock();
    // Somebody may have changed their mind meanwhile.
    if wish.wanted.is_none() {
        wish.outcome = Some(obeyed);
    }
    true
}

fn switch(
    on: bool,
    connector: &str,
    open: &mut OpenBus<'_>,
    control: &mut Option<DisplayControl>,
) -> Result<(), DdcError> {
    if !on {
        // Another display may hang there than yesterday: it has to prove itself.
        let fresh = control.insert(DisplayControl::new(open(connector)?));
        fresh.prove_power()?;
        return fresh.set_power(false);
    }
    let known = match control {
        Some(known) => known,
        None => control.insert(DisplayControl::new(open(connector)?)),
    };
    known.set_power(true)
}

/// The display's power, as the thread that draws sees it.
#[derive(Debug)]
pub struct Display<'a> {
    line: &'a Line,
    asleep: bool,
    /// What is being waited for: on, or off.
    waiting: Option<bool>,
    /// It was put to sleep over its line.
    by_line: bool,
    /// The connector of the one that was asked: asleep, it may look as if it were gone.
    connector: Option<String>,
    /// Its signal is stopped.
    stopped: bool,
    /// What the signal shall be, and when to try.
    due: Option<(Moment, bool)>,
    /// Whether the signal is stopped for a moment so that it wakes.
    blinked: bool,
}

impl<'a> Display<'a> {
    /// A display that shows what is presented, with a switch of its own at the end of `line`.
    pub fn new(line: &'a Line) -> Display<'a> {
        Display {
            line,
            asleep: false,
            waiting: None,
            by_line: false,
            connector: None,
            stopped: false,
            due: None,
            blinked: false,
        }
    }

    /// Whether no picture is to be seen.
    pub fn is_dark(&self) -> bool {
        self.stopped || self.by_line
    }

    /// Follows what is wanted at `now`, by the way that the settings name. Says whether buffers have lost what was in them.
    pub fn follow(
        &mut self,
        asleep: bool,
        by: DisplayPower,
        now: Moment,
        screen: &mut dyn Screen,
    ) -> bool {
        let was_stopped = self.stopped;
        let asleep = asleep && by != DisplayPower::None;
        if asleep != self.asleep {
            self.asleep = asleep;
            self.turn(asleep, by, now, screen);
        }
        self.hear(now);
        if let Some((when, on)) = self.due
            && now >= when
        {
            self.due = None;
            self.signal(on, now, screen);
        }
        self.stopped != was_stopped
    }

    /// Begins to put it to sleep, or to wake it.
    fn turn(&mut self, asleep: bool, by: DisplayPower, now: Moment, screen: &dyn Screen) {
        self.blinked = false;
        let asked = self.by_line || self.waiting.is_some();
        if asleep {
            self.connector = screen.connector();
        }
        match self.connector.clone() {
            Some(connector) if asleep && by == DisplayPower::Ddc => {
                self.line.ask(false, connector);
                self.waiting = Some(false);
            }
            Some(connector) if !asleep && asked => {
                self.line.ask(true, connector);
                self.waiting = Some(true);
                self.by_line = false;
                if self.stopped {
                    self.due = Some((now, true));
                }
            }
            _ => {
                self.waiting = None;
                self.by_line = false;
                self.due = Some((now, !asleep));
            }
        }
    }

    /// What has come of a wish over the line.
    fn hear(&mut self, now: Moment) {
        let Some(on) = self.waiting else { return };
        let Some(obeyed) = self.line.outcome() else {
            return;
        };
        self.waiting = None;
        match (on, obeyed) {
            (false, true) => {
                say!("the display sleeps, by its own switch");
                self.by_line = true;
            }
            (false, false) => self.due = Some((now, false)),
            (true, true) => say!("the display wakes, by its own switch"),
            // Its signal goes and comes: that wakes most.
            (true, false) if !self.blinked => {
                self.blinked = true;
                self.due = Some((now, false));
            }
            (true, false) => {}
        }
    }

    /// Stops the signal or starts it.
    fn signal(&mut self, on: bool, now: Moment, screen: &mut dyn Screen) {
        let blinking = self.blinked && !self.asleep;
        match fenced(|| screen.set_power(on)) {
            Ok(Ok(Power::Asleep | Power::Awake)) => {
                if self.stopped == on && !blinking {
                    say!("the display {}", if on { "wakes" } else { "sleeps" });
                }
                self.stopped = !on;
            }
            // It shows what is presented, which is black.
            Ok(Ok(Power::Fixed)) => self.stopped = false,
            Ok(Err(error)) => {
                say!("display power: {error}; trying again in a minute");
                self.due = Some((now + AGAIN, on));
                return;
            }
            Err(_) => {
                self.due = Some((now + AGAIN, on));
                return;
            }
        }
        if blinking && !on {
            self.due = Some((now + BLINK, true));
        } else if blinking && let Some(connector) = self.connector.clone() {
            self.line.ask(true, connector);
            self.waiting = Some(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::pixels::{PixelsMut, Xrgb};
    use sfumato_screen::ddc::{Faulty, Monitor, Trouble};
    use sfumato_screen::{Counters, Mode, Presented, ScreenError};

    /// A screen that has nothing but a signal.
    #[derive(Default)]
    struct Signal {
        connector: Option<&'static str>,
        switched: Vec<bool>,
        fails: bool,
        fixed: bool,
    }

    impl Screen for Signal {
        fn mode(&self) -> Mode {
            Mode::default()
        }

        fn draw(&mut self, _: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
            Ok(())
        }

        fn present(&mut self, _: Duration) -> Result<Presented, ScreenError> {
            Ok(Presented::TimedOut)
        }

        fn reprobe(&mut self) -> Result<bool, ScreenError> {
            Ok(false)
        }

        fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
            if self.fails {
                return Err(ScreenError::Closed);
            }
            self.switched.push(on);
            Ok(match (self.fixed, on) {
                (true, _) => Power::Fixed,
                (false, true) => Power::Awake,
                (false, false) => Power::Asleep,
            })
        }

        fn connector(&self) -> Option<String> {
            self.connector.map(str::to_owned)
        }

        fn description(&self) -> String {
            "a signal".into()
        }

        fn counters(&self) -> Counters {
            Counters::default()
        }
    }

    fn at(seconds: u64) -> Moment {
        Moment(0) + Micros::from_secs(seconds)
    }

    #[test]
    fn a_signal_is_stopped_and_started_once() {
        let line = Line::default();
        let (mut display, mut screen) = (Display::new(&line), Signal::default());
        for second in 0..10 {
            display.follow(second >= 5, DisplayPower::Dpms, at(second), &mut screen);
            assert_eq!(display.is_dark(), second >= 5);
        }
        assert!(display.follow(false, DisplayPower::Dpms, at(11), &mut screen));
        assert_eq!(screen.switched, [false, true]);
        // Only made black.
        display.follow(true, DisplayPower::None, at(12), &mut screen);
        assert!(!display.is_dark());
        assert_eq!(screen.switched.len(), 2);
        screen.fixed = true;
        display.follow(true, DisplayPower::Dpms, at(13), &mut screen);
        assert!(!display.is_dark());
    }

    #[test]
    fn one_that_fails_is_tried_again_a_minute_later() {
        let line = Line::default();
        let (mut display, mut screen) = (Display::new(&line), Signal::default());
        screen.fails = true;
        display.follow(true, DisplayPower::Dpms, at(0), &mut screen);
        screen.fails = false;
        display.follow(true, DisplayPower::Dpms, at(59), &mut screen);
        assert!(!display.is_dark());
        display.follow(true, DisplayPower::Dpms, at(60), &mut screen);
        assert!(display.is_dark());
    }

    /// A night with a display that has these troubles; what its signal went through.
    fn night(troubles: Vec<Trouble>) -> (Vec<bool>, bool) {
        let line = Line::default();
        let monitor = Monitor::new();
        let wires = monitor.clone();
        let mut open = move |connector: &str| -> Result<Box<dyn Bus>, BusError> {
            assert_eq!(connector, "card0-HDMI-A-1");
            Ok(Box::new(Faulty::new(wires.clone(), troubles.clone())))
        };
        let mut display = Display::new(&line);
        let mut screen = Signal {
            connector: Some("card0-HDMI-A-1"),
            ..Signal::default()
        };
        let mut control = None;
        let mut dark = false;
        for second in 0..200 {
            let asleep = (10..100).contains(&second);
            display.follow(asleep, DisplayPower::Ddc, at(second), &mut screen);
            serve(&line, &mut open, &mut control);
            if second == 99 {
                dark = display.is_dark();
            }
        }
        assert!(!display.is_dark(), "it is seen in the morning");
        (screen.switched, dark)
    }

    #[test]
    fn a_display_that_obeys_needs_no_other_way() {
        assert_eq!(night(vec![]), (vec![], true));
    }

    #[test]
    fn one_that_looks_gone_while_it_sleeps_is_woken_all_the_same() {
        let line = Line::default();
        let monitor = Monitor::new();
        let wires = monitor.clone();
        let mut open =
            move |_: &str| -> Result<Box<dyn Bus>, BusError> { Ok(Box::new(wires.clone())) };
        let mut display = Display::new(&line);
        let mut screen = Signal {
            connector: Some("card0-HDMI-A-1"),
            ..Signal::default()
        };
        let mut control = None;
        for second in 0..100 {
            let asleep = (10..50).contains(&second);
            // Many let go of the cable in their sleep.
            let power = monitor.value(0xd6);
            screen.connector = (power == Some(1)).then_some("card0-HDMI-A-1");
            display.follow(asleep, DisplayPower::Ddc, at(second), &mut screen);
            serve(&line, &mut open, &mut control);
            if second == 45 {
                assert_ne!(power, Some(1), "it sleeps");
            }
        }
        assert_eq!(monitor.value(0xd6), Some(1));
        assert!(!display.is_dark());
    }

    #[test]
    fn one_that_does_not_has_its_signal_stopped() {
        let (switched, dark) = night(vec![Trouble::Ignores(u32::MAX)]);
        assert!(dark);
        assert_eq!(switched.first(), Some(&false));
        assert_eq!(switched.last(), Some(&true));
    }
}
