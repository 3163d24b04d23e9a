//! The mains.

use std::cell::Cell;
use std::rc::Rc;

/// A power switch that everything on a simulated board hangs on. Cloned, it is the same switch.
#[derive(Clone, Debug, Default)]
pub struct Power(Rc<Switch>);

#[derive(Debug, Default)]
struct Switch {
    done: Cell<u64>,
    cut_at: Cell<Option<u64>>,
    off: Cell<bool>,
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is done.
    Done,
    /// The power is cut while it is done.
    Cut,
    /// The power is off.
    Off,
}

impl Power {
    /// Cuts the power at this operation from now, counted from 0; never, if there are fewer.
    pub fn cut_after(&self, operations: u64) {
        self.0.cut_at.set(Some(self.0.done.get() + operations));
    }

    /// Switches it on again, for as long as nobody asks for a cut.
    pub fn on(&self) {
        self.0.off.set(false);
        self.0.cut_at.set(None);
    }

    /// Whether it was cut.
    pub fn is_off(&self) -> bool {
        self.0.off.get()
    }

    /// Operations done in all.
    pub fn operations(&self) -> u64 {
        self.0.done.get()
    }

    /// One more operation.
    pub(crate) fn spend(&self) -> Fate {
        if self.0.off.get() {
            return Fate::Off;
        }
        if self.0.cut_at.get() == Some(self.0.done.get()) {
            self.0.off.set(true);
            return Fate::Cut;
        }
        self.0.done.set(self.0.done.get() + 1);
        Fate::Done
    }

    /// An operation of something that is done at once or not at all, like writing a slot's next part.
    pub fn step(&self) -> bool {
        self.spend() == Fate::Done
    }
}
