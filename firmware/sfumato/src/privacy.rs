//! `sfumato privacy`: what the program keeps of visitors, and what not.
//!
//! Every sentence here is held by `tests/tests/privacy.rs`, which watches the program's calls to the system.

use crate::options::Installation;
use std::fmt;

/// What is printed.
#[derive(Debug)]
pub struct Statement<'a>(pub &'a Installation);

impl fmt::Display for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let installation = self.0;
        writeln!(f, "What this program sees")?;
        writeln!(f, "  pictures of the camera {}", installation.camera_text)?;
        writeln!(f)?;
        writeln!(f, "What it makes of them")?;
        writeln!(
            f,
            "  where faces are, and how they move: numbers, of which the newest replace the ones before"
        )?;
        writeln!(
            f,
            "  no face is recognised, compared with another, or given a name; no age, no sex, no mood is guessed"
        )?;
        writeln!(f)?;
        writeln!(f, "What it keeps")?;
        writeln!(
            f,
            "  of pictures: nothing; the last few lie in memory until the next ones take their place"
        )?;
        writeln!(
            f,
            "  of faces: how the last four visitors look at rest, some numbers each, in memory until others come or the program ends"
        )?;
        writeln!(
            f,
            "  settings, in {}: nothing of visitors is among them",
            installation.state.display()
        )?;
        writeln!(
            f,
            "  in the same folder: when the program was started last, and how it ended; packs that came over the line"
        )?;
        writeln!(
            f,
            "  what it has said, in memory: 500 lines about cameras, displays and faults, none about visitors"
        )?;
        writeln!(
            f,
            "  counters, in memory: how many frames and faces there were, until the program ends"
        )?;
        writeln!(f)?;
        writeln!(f, "What leaves the board")?;
        writeln!(
            f,
            "  no network is used: the program opens no network socket"
        )?;
        match &installation.serial {
            None => writeln!(f, "  no serial line is set up")?,
            Some(_) => writeln!(
                f,
                "  over the serial line, to whoever asks: settings, counters, what the program said last, and where in the room somebody stands now, as points without names; no picture, no landmark"
            )?,
        }
        writeln!(
            f,
            "  the screen shows the painting; with --set-up also the camera's picture, which a sign should tell"
        )?;
        writeln!(f)?;
        writeln!(
            f,
            "What is written when somebody asks for it at the command line"
        )?;
        writeln!(
            f,
            "  --report FILE: counters, times and the portrait's motion, frame by frame; no picture"
        )?;
        write!(f, "  --screen frames:FOLDER: what the screen would show")
    }
}
