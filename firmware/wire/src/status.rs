//! What can go wrong, by number: of the protocol itself and of each group.
//!
//! A refusal by the protocol is `{"rc": n}` in both versions. A refusal by a group is
//! `{"err": {"group": g, "rc": n}}` in version two; version one has no groups of errors, so it is
//! told the nearest [`Status`], as Zephyr's `…_translate_error_code` functions have it.
//!
//! Sources: `mcumgr_err_t` in `include/zephyr/mgmt/mcumgr/mgmt/mgmt_defines.h`; each group's
//! `…_err_code_t` in `include/zephyr/mgmt/mcumgr/grp/…/…_mgmt.h`; the translations in
//! `subsys/mgmt/mcumgr/grp/…/src/…_mgmt.c`, all of Zephyr. The image errors from 30 on are as the
//! clients `smp` 4.2.0 and mcumgr-toolkit 0.20.0 know them.

use crate::header::group;

/// Errors of the protocol itself (`mcumgr_err_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Status {
    /// Something went wrong that has no number of its own.
    Unknown = 1,
    /// No memory left; on our side the reply's buffer.
    NoMemory = 2,
    /// A value is missing, of the wrong type or out of range. Look up the range, send another.
    InvalidValue = 3,
    /// It took too long. Try again.
    TimedOut = 4,
    /// There is no such thing. Look up its name.
    NotFound = 5,
    /// Not in this state; do first what must come first.
    BadState = 6,
    /// The reply does not fit a packet. Ask for less at a time.
    TooLarge = 7,
    /// There is no such command here.
    NotSupported = 8,
    /// What is stored is damaged.
    Corrupt = 9,
    /// Something else is under way. Wait and try again, or force.
    Busy = 10,
    /// Not allowed.
    Denied = 11,
    /// The client's protocol is older than any we speak.
    TooOld = 12,
    /// The client's protocol is newer than any we speak. Use version two.
    TooNew = 13,
}

/// Errors of group 0 (`os_mgmt_err_code_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum OsError {
    /// Something went wrong that has no number of its own.
    Unknown = 1,
    /// A letter of the format is none of `snrvbmpioa`.
    InvalidFormat = 2,
    /// The boot loader does not know that question.
    NoAnswer = 3,
    /// The clock has never been set. Set it.
    ClockNotSet = 4,
    /// The clock could not be read or set.
    ClockFailed = 5,
    /// The question is known, but there is nothing to say now.
    NoValidAnswer = 6,
    /// The heap could not be looked at.
    HeapFailed = 7,
}

/// Errors of group 1 (`img_mgmt_err_code_t`); slots here are the two system images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ImageError {
    /// Something went wrong that has no number of its own.
    Unknown = 1,
    /// The layout of the slots could not be read.
    LayoutFailed = 2,
    /// The slot is empty.
    NoImage = 3,
    /// The image has no description.
    NoDescription = 4,
    /// The image's description has a wrong entry.
    InvalidDescription = 5,
    /// The image's description has more than one hash.
    ManyHashes = 6,
    /// The image's description has the wrong size.
    InvalidDescriptionSize = 7,
    /// No image has that hash.
    HashNotFound = 8,
    /// No slot is free. Confirm or erase first.
    NoFreeSlot = 9,
    /// The slot could not be opened.
    OpenFailed = 10,
    /// The slot could not be read.
    ReadFailed = 11,
    /// The slot could not be written.
    WriteFailed = 12,
    /// The slot could not be erased.
    EraseFailed = 13,
    /// There is no such slot.
    InvalidSlot = 14,
    /// No memory left.
    NoMemory = 15,
    /// An upload is under way.
    AlreadyOpen = 16,
    /// No upload is under way. Begin at offset 0.
    NotOpen = 17,
    /// The slot's device is away.
    NoDevice = 18,
    /// An offset within the slot is wrong.
    InvalidPageOffset = 19,
    /// The offset is missing or wrong.
    InvalidOffset = 20,
    /// The length is missing or wrong; it must come with offset 0.
    InvalidLength = 21,
    /// The image is too short to be one.
    InvalidHeader = 22,
    /// The image does not begin as one must.
    InvalidMagic = 23,
    /// The hash is not one.
    InvalidHash = 24,
    /// The image was made for another address.
    InvalidAddress = 25,
    /// The version that runs could not be told.
    VersionFailed = 26,
    /// What runs is newer, and only an upgrade was asked for.
    RunningIsNewer = 27,
    /// An image already waits for the next start. Restart first.
    AlreadyPending = 28,
    /// The image's table of vectors is wrong.
    InvalidVectors = 29,
    /// The image does not fit its slot.
    TooLarge = 30,
    /// More came than was announced. Begin again.
    Overrun = 31,
    /// Confirming was denied: the image has not proved itself yet.
    ConfirmDenied = 32,
    /// The image that runs cannot be put to the test.
    TestOfRunningDenied = 33,
    /// Which slot runs could not be told.
    RunningSlotUnknown = 34,
}

/// Errors of group 2 (`stat_mgmt_err_code_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum StatisticsError {
    /// Something went wrong that has no number of its own.
    Unknown = 1,
    /// No group of counters has that name. List them.
    InvalidGroup = 2,
    /// No counter has that name.
    InvalidName = 3,
    /// A counter's size cannot be told.
    InvalidSize = 4,
    /// Counting was cut short.
    Aborted = 5,
}

/// Errors of group 3 (`settings_mgmt_ret_code_t`).
///
/// There is none for a value out of range: say [`Status::InvalidValue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum SettingsError {
    /// Something went wrong that has no number of its own.
    Unknown = 1,
    /// The name is longer than any setting's.
    KeyTooLong = 2,
    /// No setting has that name. List them.
    KeyNotFound = 3,
    /// The setting cannot be read.
    ReadNotSupported = 4,
    /// No settings begin with that name.
    RootNotFound = 5,
    /// The setting cannot be written.
    WriteNotSupported = 6,
    /// The setting cannot be deleted.
    DeleteNotSupported = 7,
}

/// Errors of group 8 (`fs_mgmt_err_code_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum FilesError {
    /// Something went wrong that has no number of its own.
    Unknown = 1,
    /// That cannot be the name of a file.
    InvalidName = 2,
    /// There is no such file.
    NotFound = 3,
    /// It is a folder.
    IsFolder = 4,
    /// The file could not be opened.
    OpenFailed = 5,
    /// The offset could not be reached.
    SeekFailed = 6,
    /// The file could not be read.
    ReadFailed = 7,
    /// The file could not be cut to length.
    TruncateFailed = 8,
    /// The file could not be deleted.
    DeleteFailed = 9,
    /// The file could not be written.
    WriteFailed = 10,
    /// The offset is not where the last part ended. Ask for the status and go on from there.
    InvalidOffset = 11,
    /// The offset lies behind the end.
    OffsetBehindEnd = 12,
    /// There is no such hash. List them.
    HashNotFound = 13,
    /// There is no such file system.
    NotMounted = 14,
    /// The file system cannot be written.
    ReadOnly = 15,
    /// The file is empty.
    Empty = 16,
    /// The file could not be closed.
    CloseFailed = 17,
}

/// Errors of group 9 (`shell_mgmt_err_code_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ShellError {
    /// Something went wrong that has no number of its own.
    Unknown = 1,
    /// The command is longer than any.
    TooLong = 2,
    /// There was no command.
    Empty = 3,
}

/// Errors of group 10 (`enum_mgmt_err_code_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum EnumerationError {
    /// Something went wrong that has no number of its own.
    Unknown = 1,
    /// More groups were named than there are.
    TooMany = 2,
    /// No memory left.
    NoMemory = 3,
    /// There are fewer groups than that. Count them.
    IndexTooLarge = 4,
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// By the protocol itself.
    Status(Status),
    /// By group 0.
    Os(OsError),
    /// By group 1.
    Image(ImageError),
    /// By group 2.
    Statistics(StatisticsError),
    /// By group 3.
    Settings(SettingsError),
    /// By group 8.
    Files(FilesError),
    /// By group 9.
    Shell(ShellError),
    /// By group 10.
    Enumeration(EnumerationError),
}

impl Refusal {
    /// Group and number, for version two; none if it is the protocol's own.
    pub const fn group(self) -> Option<(u16, u16)> {
        Some(match self {
            Refusal::Status(_) => return None,
            Refusal::Os(error) => (group::OS, error as u16),
            Refusal::Image(error) => (group::IMAGE, error as u16),
            Refusal::Statistics(error) => (group::STATISTICS, error as u16),
            Refusal::Settings(error) => (group::SETTINGS, error as u16),
            Refusal::Files(error) => (group::FILES, error as u16),
            Refusal::Shell(error) => (group::SHELL, error as u16),
            Refusal::Enumeration(error) => (group::ENUMERATION, error as u16),
        })
    }

    /// The nearest error of the protocol itself, for version one.
    pub const fn status(self) -> Status {
        match self {
            Refusal::Status(status) => status,
            Refusal::Os(error) => match error {
                OsError::InvalidFormat => Status::InvalidValue,
                OsError::NoAnswer | OsError::ClockNotSet => Status::NotFound,
                _ => Status::Unknown,
            },
            Refusal::Image(error) => match error {
                ImageError::NoImage | ImageError::NoDescription => Status::NotFound,
                ImageError::NoFreeSlot
                | ImageError::RunningIsNewer
                | ImageError::AlreadyPending => Status::BadState,
                ImageError::NoMemory => Status::NoMemory,
                ImageError::InvalidSlot
                | ImageError::InvalidPageOffset
                | ImageError::InvalidOffset
                | ImageError::InvalidLength
                | ImageError::InvalidHeader
                | ImageError::InvalidHash
                | ImageError::InvalidAddress => Status::InvalidValue,
                _ => Status::Unknown,
            },
            Refusal::Statistics(error) => match error {
                StatisticsError::InvalidGroup | StatisticsError::InvalidName => Status::NotFound,
                StatisticsError::InvalidSize => Status::InvalidValue,
                _ => Status::Unknown,
            },
            // Zephyr tells the last three as unknown; a client is better served with a reason.
            Refusal::Settings(error) => match error {
                SettingsError::Unknown => Status::Unknown,
                SettingsError::KeyTooLong => Status::InvalidValue,
                SettingsError::KeyNotFound
                | SettingsError::ReadNotSupported
                | SettingsError::RootNotFound => Status::NotFound,
                SettingsError::WriteNotSupported | SettingsError::DeleteNotSupported => {
                    Status::Denied
                }
            },
            Refusal::Files(error) => match error {
                FilesError::InvalidName | FilesError::HashNotFound => Status::InvalidValue,
                FilesError::NotFound | FilesError::NotMounted => Status::NotFound,
                _ => Status::Unknown,
            },
            Refusal::Shell(error) => match error {
                ShellError::TooLong | ShellError::Empty => Status::InvalidValue,
                ShellError::Unknown => Status::Unknown,
            },
            Refusal::Enumeration(error) => match error {
                EnumerationError::TooMany | EnumerationError::IndexTooLarge => Status::InvalidValue,
                EnumerationError::NoMemory => Status::NoMemory,
                EnumerationError::Unknown => Status::Unknown,
            },
        }
    }
}

macro_rules! into_refusal {
    ($($variant:ident($error:ty)),*) => {$(
        impl From<$error> for Refusal {
            fn from(error: $error) -> Refusal {
                Refusal::$variant(error)
            }
        }
    )*};
}

into_refusal!(
    Status(Status),
    Os(OsError),
    Image(ImageError),
    Statistics(StatisticsError),
    Settings(SettingsError),
    Files(FilesError),
    Shell(ShellError),
    Enumeration(EnumerationError)
);
