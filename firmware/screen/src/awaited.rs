//! A screen that may come yet: opened as soon as it can be, and away until then.
//!
//! A display that is unplugged when the program starts is a display that is unplugged: the show goes on for whoever asks
//! on the serial line, and appears when the cable is in.

use crate::{Counters, Mode, Power, Presented, Screen, ScreenError};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use std::time::Duration;

/// Opens the screen, or says why it cannot be.
type Open = dyn FnMut() -> Result<Box<dyn Screen>, ScreenError> + Send;

/// What is told of a display before it is there.
const USUAL: Mode = Mode {
    width: 1920,
    height: 1080,
    refresh_millihertz: 0,
};

/// A screen that is opened by its first successful look.
pub(crate) struct Awaited {
    open: Box<Open>,
    screen: Option<Box<dyn Screen>>,
    /// Whether it is to sleep when it comes.
    asleep: bool,
    found: u64,
}

impl Awaited {
    /// Waits for what `open` opens.
    pub(crate) fn new(open: Box<Open>) -> Awaited {
        Awaited {
            open,
            screen: None,
            asleep: false,
            found: 0,
        }
    }

    fn screen(&mut self) -> Result<&mut Box<dyn Screen>, ScreenError> {
        self.screen.as_mut().ok_or(ScreenError::Disconnected)
    }
}

impl Screen for Awaited {
    fn mode(&self) -> Mode {
        self.screen.as_ref().map_or(USUAL, |screen| screen.mode())
    }

    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
        self.screen()?.draw(paint)
    }

    fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError> {
        self.screen()?.present(timeout)
    }

    fn reprobe(&mut self) -> Result<bool, ScreenError> {
        if let Some(screen) = &mut self.screen {
            return screen.reprobe();
        }
        let mut screen = (self.open)()?;
        if self.asleep {
            screen.set_power(false)?;
        }
        self.screen = Some(screen);
        self.found = 1;
        Ok(true)
    }

    fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
        if let Some(screen) = &mut self.screen {
            return screen.set_power(on);
        }
        self.asleep = !on;
        Ok(if on { Power::Awake } else { Power::Asleep })
    }

    fn connector(&self) -> Option<String> {
        self.screen.as_ref()?.connector()
    }

    fn description(&self) -> String {
        match &self.screen {
            Some(screen) => screen.description(),
            None => "a display that is not there yet".into(),
        }
    }

    fn counters(&self) -> Counters {
        let counters = self.screen.as_ref().map(|screen| screen.counters());
        let counters = counters.unwrap_or_default();
        Counters {
            found: counters.found + self.found,
            ..counters
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Act, Faulty, SharedClock, conformance};
    use sfumato_core::time::{Clock, Moment};
    use std::sync::Arc;

    /// Time does not matter here.
    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Moment {
            Moment(1)
        }
    }

    /// One that comes at the look after so many in vain.
    fn awaited(mut looks: u32, acts: Vec<Act>) -> Awaited {
        let clock: SharedClock = Arc::new(Stopped);
        Awaited::new(Box::new(move || {
            if looks > 0 {
                looks -= 1;
                return Err(ScreenError::Disconnected);
            }
            let screen = Faulty::new(acts.clone(), (64, 48), clock.clone());
            Ok(Box::new(screen) as Box<dyn Screen>)
        }))
    }

    #[test]
    fn away_until_it_is_found_and_then_a_screen_like_any_other() {
        let mut screen = awaited(2, Vec::new());
        let away = |result: Result<(), ScreenError>| {
            assert!(matches!(result, Err(ScreenError::Disconnected)));
        };
        away(screen.draw(&mut |_, _| panic!("there is nothing to paint")));
        away(screen.present(Duration::from_secs(1)).map(drop));
        assert_eq!(screen.mode(), USUAL);
        assert_eq!(screen.connector(), None);
        away(screen.reprobe().map(drop));
        away(screen.reprobe().map(drop));
        assert!(screen.reprobe().unwrap(), "its mode is another one");
        assert_eq!((screen.mode().width, screen.mode().height), (64, 48));
        assert_eq!(screen.counters().found, 1);
        assert!(!screen.reprobe().unwrap());
        conformance::check(&mut screen, 8).unwrap();
    }

    #[test]
    fn one_that_is_to_sleep_comes_asleep() {
        let mut screen = awaited(0, Vec::new());
        assert_eq!(screen.set_power(false).unwrap(), Power::Asleep);
        assert!(screen.reprobe().unwrap());
        screen.draw(&mut |_, _| {}).unwrap();
        let shown = screen.present(Duration::from_secs(1)).unwrap();
        assert!(matches!(shown, Presented::Asleep(_)), "{shown:?}");
        assert_eq!(screen.counters().flips, 0);
        assert_eq!(screen.set_power(true).unwrap(), Power::Awake);
        screen.draw(&mut |_, _| {}).unwrap();
        let shown = screen.present(Duration::from_secs(1)).unwrap();
        assert!(matches!(shown, Presented::Flipped(_)), "{shown:?}");
    }

    #[test]
    fn one_that_cannot_be_put_to_sleep_is_looked_for_again() {
        let mut screen = awaited(0, vec![Act::PowerIo(5)]);
        screen.set_power(false).unwrap();
        assert!(matches!(screen.reprobe(), Err(ScreenError::Io { .. })));
        assert!(screen.draw(&mut |_, _| {}).is_err(), "it may not show");
    }
}
