//! What a board must be able to do for those who talk to it.

use core::fmt;
use sfumato_settings::{Settings, Snapshot};
use sfumato_wire::DateTime;
use sfumato_wire::requests::image::{HASH, ImageState, Upload, Uploaded};
use sfumato_wire::requests::os::{Field, Task};
use sfumato_wire::status::{FilesError, ImageError};

/// Something that the board cannot or will not do; the text says why and what would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied(pub &'static str);

/// Why a part of a file was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unstored {
    /// The protocol has a number for it.
    Error(FilesError),
    /// It has none: not allowed, for this reason.
    Denied(Denied),
}

/// What is started anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// The program.
    Program,
    /// The board.
    Board,
}

/// What the screen shows on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// The portrait.
    Portrait,
    /// A picture by which a display is set up: edges, greys, colours.
    TestPattern,
}

impl Picture {
    /// All of them.
    pub const ALL: [Picture; 2] = [Picture::Portrait, Picture::TestPattern];

    /// The word in a command.
    pub const fn name(self) -> &'static str {
        match self {
            Picture::Portrait => "portrait",
            Picture::TestPattern => "test-pattern",
        }
    }
}

/// Counters that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterGroup<'a> {
    /// Name of the group.
    pub name: &'a str,
    /// Name and value of each.
    pub counters: &'a [(&'a str, u64)],
}

/// A thread of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is told of it.
    pub task: Task,
}

/// The board.
pub trait Device: Files {
    /// The museum's date and time; none while the clock has not been set.
    fn clock(&mut self) -> Option<DateTime>;

    /// Sets the clock. Without a zone the time is the museum's.
    fn set_clock(&mut self, time: DateTime) -> Result<(), Denied>;

    /// Starts anew, a moment later: the answer still goes out.
    fn restart(&mut self, what: Restart) -> Result<(), Denied>;

    /// Writes a fact about what runs here, without line ends; nothing where it is not known.
    fn fact(&mut self, field: Field, out: &mut dyn fmt::Write) -> fmt::Result;

    /// Writes how the portrait does: lines of `name: words`.
    fn status(&mut self, out: &mut dyn fmt::Write) -> fmt::Result;

    /// Writes what changes from second to second: lines of `name = value`, of which [`crate::vitals`] has the list.
    fn vitals(&mut self, out: &mut dyn fmt::Write) -> fmt::Result;

    /// Writes the newest `most` lines of what the program has said since its start.
    fn log(&mut self, most: usize, out: &mut dyn fmt::Write) -> fmt::Result;

    /// Writes the packs on the board: lines of `name: words`.
    fn packs(&mut self, out: &mut dyn fmt::Write) -> fmt::Result;

    /// Removes a pack.
    fn remove_pack(&mut self, name: &str) -> Result<(), Denied>;

    /// Hands all groups of counters to `take`, at once.
    fn counters(&mut self, take: &mut dyn FnMut(&[CounterGroup<'_>]));

    /// Hands all threads to `take`, at once.
    fn threads(&mut self, take: &mut dyn FnMut(&[Thread<'_>]));

    /// Fills `bytes` so that nobody can guess them; false if that is not possible.
    fn random(&mut self, bytes: &mut [u8]) -> bool;

    /// What only the board knows of settings that shall come into force: whether it has such a personality and
    /// knows the time zone.
    fn check(&mut self, settings: &Settings) -> Result<(), Denied>;

    /// Takes settings that are in force from now on.
    fn apply(&mut self, snapshot: &Snapshot);

    /// Saves settings so that they survive a power cut.
    fn save(&mut self, settings: &Settings, defaults: &Settings) -> Result<(), Denied>;

    /// Shows a picture.
    fn show(&mut self, picture: Picture) -> Result<(), Denied>;

    /// The system's two images; none where the board has no updates.
    fn images(&mut self) -> Option<&mut dyn Images>;
}

/// A hash that files can be checked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashKind {
    /// The check sum of IEEE 802.3.
    Crc32,
    /// SHA-256.
    Sha256,
}

/// The value of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// See [`HashKind::Crc32`].
    Crc32(u32),
    /// See [`HashKind::Sha256`].
    Sha256([u8; 32]),
}

/// Files that can be fetched and stored: of the board's few, by name.
pub trait Files {
    /// Length of a file in bytes.
    fn size(&mut self, name: &str) -> Result<u64, FilesError>;

    /// Reads from `offset` on as much as there is, at most the buffer; says how many bytes.
    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, FilesError>;

    /// Stores a part. `length` is the whole file's, there with offset 0. Says where to go on: at an
    /// offset that was not asked for, this is where the board wants to.
    ///
    /// # Errors
    /// [`Unstored`]: by number where the protocol has one, else in words.
    fn store(
        &mut self,
        name: &str,
        offset: u64,
        data: &[u8],
        length: Option<u64>,
    ) -> Result<u64, Unstored>;

    /// Hashes a file from `offset` on, at most `length` bytes; says how many there were.
    fn hash(
        &mut self,
        name: &str,
        kind: HashKind,
        offset: u64,
        length: Option<u64>,
    ) -> Result<(Hash, u64), FilesError>;

    /// Forgets what is open.
    fn close(&mut self);
}

/// Why an image was not touched or told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untouched {
    /// The protocol has a number for it; the words are for lines of text, and for version one of the protocol.
    Error(ImageError, Denied),
    /// It has none: not allowed, for this reason.
    Denied(Denied),
}

impl Untouched {
    /// The reason in words.
    pub const fn words(self) -> Denied {
        match self {
            Untouched::Error(_, words) | Untouched::Denied(words) => words,
        }
    }
}

/// The two system images.
pub trait Images {
    /// Hands the valid images to `take`, at once.
    fn states(&mut self, take: &mut dyn FnMut(&[ImageState<'_>])) -> Result<(), Untouched>;

    /// Size of each slot in bytes.
    fn slots(&mut self) -> Result<[u64; 2], Untouched>;

    /// Starts an image next, once or for good; the running one where there is no hash.
    fn mark(&mut self, hash: Option<&[u8; HASH]>, confirm: bool) -> Result<(), Untouched>;

    /// Starts the image next that does not run.
    fn back(&mut self) -> Result<(), Untouched>;

    /// Stores a part; says where to go on, and at the end whether all is as announced.
    fn upload(&mut self, part: &Upload<'_>) -> Result<Uploaded, Untouched>;

    /// Erases a slot.
    fn erase(&mut self, slot: u32) -> Result<(), Untouched>;

    /// Writes how updates are: lines of `name: words`.
    fn tell(&mut self, out: &mut dyn fmt::Write) -> Result<(), Untouched>;
}
