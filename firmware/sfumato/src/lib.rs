//! The device program: threads, mailboxes, signals, supervisor; no logic of its own.
//!
//! What a visitor's face *means* is decided in the pure packages; what a camera or a screen *is*
//! in theirs. This one connects them:
//!
//! - [`options`] says what was asked for, [`run`] opens it all and starts the show, [`check`]
//!   probes it without a show, [`paths`] knows where things lie.
//! - [`show`] is the path from faces to a picture, [`perceive`] what it asks of the [`perception`],
//!   [`set_up`] what is shown over it while the work is set up.
//! - [`live`] runs it with threads at the display's beat; [`lockstep`] runs a recorded
//!   clip frame by frame, to the same bytes each time.
//! - [`ledger`], [`counting`] and [`report`] measure it; [`pulse`] and [`supervisor`]
//!   watch over it; [`fence`] keeps other people's panics from ending it.
//! - [`mailbox`] is how threads hand on the newest of something.

pub mod check;
pub mod counting;
pub mod fence;
pub mod ledger;
pub mod live;
pub mod lockstep;
pub mod mailbox;
pub mod options;
pub mod outcome;
pub mod paths;
pub mod perceive;
pub mod perception;
pub mod pulse;
pub mod report;
pub mod run;
pub mod set_up;
pub mod show;
pub mod supervisor;
pub mod tensorrt;
