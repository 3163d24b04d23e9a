//! What can be wrong with a pack, and what to do about it.

use sfumato_compositor::PortraitError;

/// Why a pack could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file could not be opened, read or written.
    #[error("{path}: {source}; check the path, the permissions and the free space")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not a zip archive, or a damaged one.
    #[error("this is no pack, or the file is damaged ({0}); copy it again from its source")]
    Archive(String),
    /// An entry is larger, or there are more of them, than any pack needs.
    #[error("the pack is larger than allowed ({0}); make it again with `atelier prepare`")]
    TooLarge(String),
    /// An entry that must be there is not.
    #[error("the pack lacks `{0}`; make it again with `atelier prepare`")]
    Missing(String),
    /// An entry is not what the manifest says.
    #[error("`{0}` in the pack is damaged or was changed; copy the pack again from its source")]
    Hash(String),
    /// The manifest cannot be read.
    #[error("the pack's manifest is damaged ({0}); make the pack again with `atelier prepare`")]
    Manifest(String),
    /// The pack was made for another version of the program.
    #[error(
        "the pack has format {found}, this program reads {expected}; make the pack again with \
         `atelier prepare`, or update the program"
    )]
    Format {
        /// The pack's format.
        found: u32,
        /// The program's format.
        expected: u32,
    },
    /// A picture in the pack cannot be read.
    #[error("picture `{name}` in the pack cannot be read ({reason}); make the pack again")]
    Picture {
        /// The entry.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The parts do not fit together.
    #[error("{0}; make the pack again with `atelier prepare`")]
    Portrait(#[from] PortraitError),
}
