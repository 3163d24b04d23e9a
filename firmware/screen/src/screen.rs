//! The screen trait: paint a buffer, then present it.

use crate::ScreenError;
use sfumato_core::pixels::{PixelsMut, Xrgb};
use sfumato_core::time::Moment;
use std::time::Duration;

/// A surface that shows one picture after another.
///
/// Every implementation keeps these promises, and a conformance suite checks them: what was
/// painted last is what `present` shows, `present` returns within its time-out and a little, the
/// buffer's age is true, the mode is what `draw` hands out, and a display that was put to sleep
/// stays dark until it is woken.
pub trait Screen: Send {
    /// The size and rate in force. It may change when [`Screen::reprobe`] finds another display, and
    /// when [`Screen::set_power`] wakes one.
    fn mode(&self) -> Mode;

    /// Hands the next buffer to `paint`, with its age.
    ///
    /// *Age* counts presented pictures: 1 means that the buffer holds the picture presented last,
    /// 2 the one before it, 0 that its content is undefined and all of it must be painted. Treat the
    /// buffer as write-only: on some displays reading it back is very slow.
    ///
    /// Drawing again before `present` hands out the same buffer, with age 0.
    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError>;

    /// Shows what was drawn last and waits until it is visible, at most `timeout`.
    ///
    /// Without a draw in between the same picture is presented again. A display that sleeps shows
    /// nothing and this waits for about a beat only: [`Presented::Asleep`].
    fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError>;

    /// Looks whether the display is there, and adapts to it when it came back or changed.
    ///
    /// Call it after [`ScreenError::Disconnected`] every half second or so, and now and then
    /// otherwise. `Ok(true)` means that the mode changed or that the content was lost: buffers
    /// have age 0 again. Costs milliseconds at most when nothing changed.
    ///
    /// While the display sleeps its absence may go unnoticed: many displays let go of the cable for
    /// a while when they lose the signal.
    fn reprobe(&mut self) -> Result<bool, ScreenError>;

    /// Puts the display to sleep (`false`) or wakes it (`true`); asking for what is so already
    /// changes nothing.
    ///
    /// - *Asleep*, drawing goes on as ever, presenting shows nothing and counts nothing, and a display
    ///   that is unplugged and plugged in again stays dark. The picture must be painted anew each
    ///   time: buffers have age 0.
    /// - *Woken*, the display lights with the next picture presented, so that nothing old is seen.
    ///   Buffers have age 0 until then, and the mode may be another one. A display takes seconds to
    ///   show a signal again; that is not waited for, and nobody can tell when it is over.
    /// - Without a display the wish is kept for the one that comes.
    /// - A screen that cannot sleep says [`Power::Fixed`] and goes on showing. That is no error: whoever
    ///   asks shows black instead.
    ///
    /// An error leaves the power as it was: ask again, or show black. Costs up to some hundred
    /// milliseconds, so do it between two pictures, not with each.
    fn set_power(&mut self, _on: bool) -> Result<Power, ScreenError> {
        Ok(Power::Fixed)
    }

    /// The system's name of the connector that the display is on, such as `card0-HDMI-A-1`; none
    /// without a display or a connector. [`crate::ddc`] finds the display's own line by it.
    fn connector(&self) -> Option<String> {
        None
    }

    /// What this screen is, for status lines.
    fn description(&self) -> String;

    /// Events counted since it was opened.
    fn counters(&self) -> Counters;
}

/// Size and rate of a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Pictures a second in thousandths of a hertz; zero where the screen has no beat of its own.
    pub refresh_millihertz: u32,
}

/// How presenting a picture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// It is visible.
    Flipped(Flip),
    /// It was handed over, but the display did not confirm it in time; it may appear yet.
    TimedOut,
    /// Nothing was shown, since the display sleeps as it was told to. The moment is when the picture's
    /// turn was over: where the screen has a beat, about a beat after the last.
    ///
    /// Not a fault, and no evidence of a picture: a supervisor counts it as neither.
    Asleep(Moment),
}

/// What became of the wish to switch a display's power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It shows what is presented.
    Awake,
    /// It is dark until it is woken.
    Asleep,
    /// It cannot be switched from here and shows what is presented, always.
    Fixed,
}

/// The moment a picture became visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flip {
    /// When, on the clock the screen was opened with.
    pub at: Moment,
    /// The number of this picture, counted from 0 by successful presents.
    pub sequence: u64,
}

/// Counted events of one screen since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Pictures that became visible.
    pub flips: u64,
    /// Beats of the display that passed between two flips without a new picture.
    pub missed: u64,
    /// Presents that were not confirmed in time.
    pub timeouts: u64,
    /// Times the display went away.
    pub lost: u64,
    /// Times it came back or changed.
    pub found: u64,
}
