//! Caches of talking-head video: what a network learns from, made once from many clips.
//!
//! ```text
//! ROOT/id00012/VIDEO/00001.mp4 --decode, follow, measure--> Record --+
//!                              --align, cut out----------> crops  --+--> Cache --merge--> Corpus
//! ```
//!
//! A *clip* is a file below ROOT; its *path*, relative to ROOT, is its name everywhere. A *record* is what was
//! seen of the clip's main face in every frame: landmarks, motion, pose. A *crop* is a picture of
//! that face, laid upright and of one size. A *recipe* says how both were made; the same clip and the same recipe give
//! the same bytes. A *shard* is the part of all clips that one machine takes.
//!
//! - [`layout`]: which files below ROOT are clips, and whose;
//! - [`shard`]: which machine takes which;
//! - [`align`], [`crop`]: where the face is cut out, and cutting it out;
//! - [`cuts`]: where somebody else may follow at the same place;
//! - [`record`]: the format of a record, version 1;
//! - [`cache`]: the folder: what lies where, and how it gets there whole or not at all;
//! - [`index`]: the list of all that is there, with hashes;
//! - [`merge()`]: many caches into one, exactly;
//! - [`Corpus`]: reading, for whoever trains.
//!
//! Decoding video and finding faces is the caller's: `atelier corpus` does both. Faces of people are personal data: a
//! cache is made for its owner's eyes only, and never belongs into a repository.

#![forbid(unsafe_code)]

pub mod align;
pub mod cache;
mod corpus;
pub mod crop;
pub mod cuts;
mod digest;
mod error;
pub mod index;
pub mod layout;
mod merge;
pub mod recipe;
pub mod record;
pub mod shard;
pub mod skip;
mod varint;

pub use cache::Cache;
pub use corpus::{Corpus, Crop, Crops};
pub use digest::{Digest, Sum};
pub use error::CorpusError;
pub use layout::Clip;
pub use merge::{Merged, check, merge};
pub use recipe::Recipe;
pub use record::Record;
pub use shard::Shard;
pub use skip::{Reason, Skip};
