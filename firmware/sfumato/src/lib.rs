//! The device program: threads, mailboxes, signals, supervisor; no logic of its own.
//!
//! What a visitor's face *means* is decided in the pure packages; what a camera or a screen *is*
//! in theirs. This one connects them:
//!
//! - [`options`] says what was asked for, [`run`] opens it all and starts the show, [`check`]
//!   probes it without a show, [`privacy`] says what is kept of visitors, [`paths`] knows where things lie.
//! - [`show`] is the path from faces to a picture, [`perceive`] what it asks of the [`perception`],
//!   [`set_up`] what is shown over it while the work is set up.
//! - [`house`] is what settings ask of the picture, personalities are in `sfumato-personalities`,
//!   [`display`] switches the display's power, [`notice`] is what visitors are told, [`test_pattern`] what a display is set up by. [`link`] talks
//!   over the serial line, [`controls`] carry wishes from there to the picture, [`record`] keeps settings,
//!   [`civil`] knows the museum's time.
//! - [`live`] runs it with threads at the display's beat; [`lockstep`] runs a recorded
//!   clip frame by frame, to the same bytes each time.
//! - [`log`] keeps what is said. [`ledger`], [`counting`] and [`report`] measure it; [`pulse`] and [`supervisor`]
//!   watch over it, [`health`] judges this version; [`watchdog`] is the board's own, [`starts`] knows why
//!   there was a start; [`fence`] keeps other people's panics from ending it.
//! - [`mailbox`] is how threads hand on the newest of something.

pub mod check;
pub mod civil;
pub mod controls;
pub mod counting;
pub mod display;
pub mod fence;
pub mod health;
pub mod house;
pub mod ledger;
pub mod link;
pub mod live;
pub mod lockstep;
pub mod log;
pub mod mailbox;
pub mod notice;
pub mod options;
pub mod outcome;
pub mod paths;
pub mod perceive;
pub mod perception;
pub mod privacy;
pub mod pulse;
pub mod record;
pub mod report;
pub mod run;
pub mod set_up;
pub mod show;
pub mod starts;
pub mod supervisor;
pub mod tensorrt;
pub mod test_pattern;
pub mod watchdog;
