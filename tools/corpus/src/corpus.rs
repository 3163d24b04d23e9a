//! Reading a cache, for whoever trains.

use crate::CorpusError;
use crate::align::SIDE;
use crate::cache::{crops_file, read_recipe, read_record};
use crate::index::{self, Entry, INDEX, Outcome};
use crate::recipe::Recipe;
use crate::record::{Content, Damage, Frame, Record};
use sfumato_core::pixels::Rgb;
use std::fs;
use std::path::{Path, PathBuf};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// A finished cache.
///
/// Any number of programs and threads may read one at the same time.
#[derive(Clone, Debug)]
pub struct Corpus {
    folder: PathBuf,
    recipe: Recipe,
    entries: Vec<Entry>,
}

impl Corpus {
    /// Opens a cache that has its index.
    ///
    /// Takes about 400 bytes of memory a clip. Clips are proved when they are read, not here.
    pub fn open(folder: &Path) -> Result<Corpus, CorpusError> {
        Ok(Corpus {
            folder: folder.to_owned(),
            recipe: read_recipe(folder)?,
            entries: index::read(folder)?,
        })
    }

    /// How it was made.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// All clips, skipped ones too, sorted by path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The clips that have a record, sorted by path.
    pub fn clips(&self) -> impl Iterator<Item = &Entry> {
        let has = |entry: &&Entry| matches!(entry.outcome, Outcome::Recorded(_));
        self.entries.iter().filter(has)
    }

    /// The record of a clip; proved, and so are its crops.
    pub fn read(&self, entry: &Entry) -> Result<Record, CorpusError> {
        let (record, _) = read_record(&self.folder, &entry.clip)?;
        let listed = match &entry.outcome {
            Outcome::Recorded(recorded) => record.encode().1 == recorded.sha256,
            Outcome::Skipped { .. } => false,
        };
        if !listed {
            return Err(CorpusError::Index {
                path: self.folder.join(INDEX),
            });
        }
        Ok(record)
    }

    /// The crops of a record.
    pub fn crops(&self, record: &Record) -> Result<Crops, CorpusError> {
        let path = crops_file(&self.folder, &record.path);
        let bytes = fs::read(&path).map_err(|source| CorpusError::io(&path, "reading", source))?;
        Crops::new(record, bytes).map_err(|damage| CorpusError::Damaged { path, damage })
    }
}

/// All crops of a clip.
#[derive(Clone, Debug)]
pub struct Crops {
    bytes: Vec<u8>,
    /// Number of the frame, and where its picture lies.
    places: Vec<(usize, std::ops::Range<usize>)>,
}

impl Crops {
    /// The crops of a record from their file's bytes.
    pub fn new(record: &Record, bytes: Vec<u8>) -> Result<Crops, Damage> {
        if Content::of(&bytes) != record.head().crops {
            return Err(Damage::Crops);
        }
        let mut start = 0;
        let place = |(index, frame): (usize, &Frame)| {
            let end = start + frame.crop? as usize;
            let place = start..end;
            start = end;
            Some((index, place))
        };
        let places = record.frames.iter().enumerate().filter_map(place).collect();
        Ok(Crops { bytes, places })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Crop<'_>> {
        let crop = |(frame, place): &(usize, std::ops::Range<usize>)| Crop {
            frame: *frame,
            jpeg: self.bytes.get(place.clone()).unwrap_or_default(),
        };
        self.places.iter().map(crop)
    }
}

/// A picture of a face, laid upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop<'a> {
    /// The number of its frame in [`Record::frames`].
    pub frame: usize,
    /// The picture as JPEG.
    pub jpeg: &'a [u8],
}

impl Crop<'_> {
    /// Its pixels, [`SIDE`] rows of [`SIDE`]; [`Damage`] when it is no such picture.
    pub fn pixels(&self) -> Result<Vec<Rgb>, Damage> {
        let damage = || Damage::Content("crop");
        let options = DecoderOptions::default()
            .jpeg_set_out_colorspace(ColorSpace::RGB)
            .set_max_width(SIDE)
            .set_max_height(SIDE);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(self.jpeg), options);
        let bytes = decoder.decode().map_err(|_| damage())?;
        let (pixels, []) = bytes.as_chunks() else {
            return Err(damage());
        };
        match decoder.dimensions() {
            Some((SIDE, SIDE)) if pixels.len() == SIDE * SIDE => Ok(pixels.to_vec()),
            _ => Err(damage()),
        }
    }
}
