//! A simulated monitor: it keeps its controls, and minds the pauses.

use super::control::{ASLEEP, LUMINANCE, ON, POWER};
use super::packet::{self, Answer, Command, Reading};
use super::{Bus, BusError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long it thinks about an answer, by the standard's table. Not the host's own numbers: this holds the
/// host to them.
const THINKING: Duration = Duration::from_millis(40);

/// How long it hears nothing after an exchange, by the standard's table.
const DEAF: Duration = Duration::from_millis(50);

/// How long its panel takes to switch; meanwhile it has nothing to say.
const SWITCHING: Duration = Duration::from_millis(1500);

/// A monitor with a backlight from 0 to 100 and a panel that is on. Clones are the same monitor, so
/// that a test can look while another owns the bus.
///
/// Waiting moves its own clock, so a night of seconds takes no time. What comes before a pause is over
/// is lost, as with real ones.
#[derive(Clone, Debug)]
pub struct Monitor(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    controls: BTreeMap<u8, Reading>,
    now: Duration,
    /// Until when it hears nothing.
    deaf: Duration,
    /// The answer to the last command, and from when on it can be read.
    answer: Option<(Duration, Answer)>,
    /// What the power becomes, and when.
    switching: Option<(Duration, u16)>,
    /// The backlight goes in steps of this.
    coarse: u16,
    deaf_asleep: bool,
    hasty: u32,
    commands: u32,
}

impl Default for Monitor {
    fn default() -> Self {
        Monitor::new()
    }
}

impl Monitor {
    /// An obedient monitor, at half its brightness.
    pub fn new() -> Self {
        let reading = |current, maximum| Reading { current, maximum };
        Monitor(Arc::new(Mutex::new(State {
            controls: BTreeMap::from([(LUMINANCE, reading(50, 100)), (POWER, reading(ON, 5))]),
            now: Duration::ZERO,
            deaf: Duration::ZERO,
            answer: None,
            switching: None,
            coarse: 1,
            deaf_asleep: false,
            hasty: 0,
            commands: 0,
        })))
    }

    /// The same with another value and maximum of the control, or without it.
    pub fn with(self, control: u8, values: Option<(u16, u16)>) -> Self {
        let mut state = self.state();
        state.controls.remove(&control);
        if let Some((current, maximum)) = values {
            let reading = Reading { current, maximum };
            state.controls.insert(control, reading);
        }
        drop(state);
        self
    }

    /// The same with a backlight that goes in steps of so many units.
    pub fn coarse(self, step: u16) -> Self {
        self.state().coarse = step.max(1);
        self
    }

    /// The same, but asleep it hears nothing, as if its button had been pressed.
    pub fn deaf_asleep(self) -> Self {
        self.state().deaf_asleep = true;
        self
    }

    /// What a control is set to; none where it has none such.
    pub fn value(&self, control: u8) -> Option<u16> {
        let mut state = self.state();
        state.pass(Duration::ZERO);
        Some(state.controls.get(&control)?.current)
    }

    /// The time on its clock, which only waiting moves.
    pub fn now(&self) -> Duration {
        self.state().now
    }

    /// How often the host did not keep a pause.
    pub fn hasty(&self) -> u32 {
        self.state().hasty
    }

    /// How many commands it heard.
    pub fn commands(&self) -> u32 {
        self.state().commands
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pass(&mut self, length: Duration) {
        self.now += length;
        if let Some((at, power)) = self.switching
            && self.now >= at
        {
            self.switching = None;
            if let Some(reading) = self.controls.get_mut(&POWER) {
                reading.current = power;
            }
        }
    }

    /// Whether nobody is at home.
    fn dead(&self) -> bool {
        let power = self.controls.get(&POWER);
        self.deaf_asleep && power.is_some_and(|power| power.current == ASLEEP)
    }

    fn obey(&mut self, command: Command) {
        self.commands += 1;
        match command {
            Command::Get(control) => {
                let known = self.controls.get(&control);
                let answer = match known {
                    _ if self.switching.is_some() => Answer::Null,
                    Some(reading) => Answer::Value {
                        control,
                        reading: *reading,
                    },
                    None => Answer::Unsupported(control),
                };
                self.answer = Some((self.now + THINKING, answer));
                self.deaf = self.now + THINKING;
            }
            Command::Set(control, value) => {
                self.deaf = self.now + DEAF;
                let coarse = self.coarse;
                let Some(reading) = self.controls.get_mut(&control) else {
                    return;
                };
                if value > reading.maximum {
                    return;
                }
                match control {
                    POWER if value == 0 => {}
                    // Told again on its way.
                    POWER if self.switching.is_some_and(|(_, to)| to == value) => {}
                    POWER if self.switching.is_none() && value == reading.current => {}
                    POWER => self.switching = Some((self.now + SWITCHING, value)),
                    LUMINANCE => reading.current = (value + coarse / 2) / coarse * coarse,
                    _ => reading.current = value,
                }
            }
        }
    }
}

impl Bus for Monitor {
    fn write(&mut self, bytes: &[u8]) -> Result<(), BusError> {
        let mut state = self.state();
        if state.dead() {
            return Err(BusError::NoAnswer);
        }
        if state.now < state.deaf {
            state.hasty += 1;
            return Ok(());
        }
        state.answer = None;
        if let Some(command) = packet::command(bytes) {
            state.obey(command);
        }
        Ok(())
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), BusError> {
        let mut state = self.state();
        if state.dead() {
            return Err(BusError::NoAnswer);
        }
        let answer = match state.answer.take() {
            Some((ready, answer)) if state.now >= ready => answer,
            Some(_) => {
                state.hasty += 1;
                Answer::Null
            }
            None => Answer::Null,
        };
        state.deaf = state.now + DEAF;
        bytes.fill(0);
        for (to, from) in bytes.iter_mut().zip(packet::encode(answer)) {
            *to = from;
        }
        Ok(())
    }

    fn wait(&mut self, length: Duration) {
        self.state().pass(length);
    }

    fn description(&self) -> String {
        "simulated monitor".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(monitor: &mut Monitor, pause: Duration) -> Answer {
        let mut bytes = [0; packet::ANSWER_LENGTH];
        monitor.write(&packet::get(LUMINANCE)).unwrap();
        monitor.wait(pause);
        monitor.read(&mut bytes).unwrap();
        packet::answer(&bytes).unwrap()
    }

    #[test]
    fn haste_loses_the_answer_and_the_next_command() {
        let mut monitor = Monitor::new();
        let value = Answer::Value {
            control: LUMINANCE,
            reading: Reading {
                current: 50,
                maximum: 100,
            },
        };
        assert_eq!(ask(&mut monitor, THINKING), value);
        monitor.wait(DEAF);
        assert_eq!(ask(&mut monitor, THINKING / 2), Answer::Null);
        monitor.wait(DEAF);
        assert_eq!(monitor.hasty(), 1);
        monitor.write(&packet::set(LUMINANCE, 60)).unwrap();
        monitor.write(&packet::set(LUMINANCE, 70)).unwrap();
        assert_eq!((monitor.value(LUMINANCE), monitor.hasty()), (Some(60), 2));
    }
}
