//! Motion JPEG: JPEG pictures one after the other, as in `.mjpeg` files.
//!
//! Whatever stands between two pictures, for instance the part headers of a network camera's
//! stream, is passed over.

use super::{Facts, Read, Recording};
use crate::convert::Jpeg;
use crate::{CameraError, Frame};
use std::fs::File;
use std::io::{Read as _, Seek};
use std::path::{Path, PathBuf};

/// No picture of a clip is larger than this; more is taken for damage.
const LARGEST: usize = 64 << 20;

/// A file of JPEG pictures.
pub(super) struct MotionJpeg {
    path: PathBuf,
    file: File,
    splitter: Splitter,
    jpeg: Jpeg,
}

impl MotionJpeg {
    pub(super) fn open(path: &Path) -> Result<Self, CameraError> {
        let file = File::open(path)
            .map_err(|error| CameraError::io(format!("opening {}", path.display()), error))?;
        Ok(MotionJpeg {
            path: path.to_owned(),
            file,
            splitter: Splitter::default(),
            jpeg: Jpeg::default(),
        })
    }

    fn reading(&self, error: std::io::Error) -> CameraError {
        CameraError::io(format!("reading {}", self.path.display()), error)
    }
}

impl Recording for MotionJpeg {
    fn read(&mut self, frame: &mut Frame) -> Result<Read, CameraError> {
        loop {
            match self.splitter.split() {
                Split::Picture(length) => {
                    let decoded = self.jpeg.decode(self.splitter.taken(length), frame);
                    return Ok(match decoded {
                        Ok(()) => Read::Picture,
                        Err(_) => Read::Damaged,
                    });
                }
                Split::More => {
                    let read = self.splitter.fill(&mut self.file);
                    if read.map_err(|error| self.reading(error))? == 0 {
                        // A picture cut off by the end of the file.
                        let cut_off = self.splitter.holds_a_beginning();
                        self.splitter = Splitter::default();
                        return Ok(if cut_off { Read::Damaged } else { Read::End });
                    }
                }
            }
        }
    }

    fn rewind(&mut self) -> Result<(), CameraError> {
        self.splitter = Splitter::default();
        self.file.rewind().map_err(|error| self.reading(error))
    }

    fn facts(&self) -> Facts {
        Facts {
            format: "motion JPEG".into(),
            ..Facts::default()
        }
    }
}

/// Finds the pictures in a stream of bytes.
#[derive(Debug, Default)]
struct Splitter {
    bytes: Vec<u8>,
    /// Bytes before this were handed out or passed over.
    start: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Split {
    /// A picture of so many bytes comes next.
    Picture(usize),
    /// It is not all here yet.
    More,
}

impl Splitter {
    /// Reads on; returns the number of bytes read, 0 at the end.
    fn fill(&mut self, source: &mut impl std::io::Read) -> std::io::Result<usize> {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        source.take(1 << 18).read_to_end(&mut self.bytes)
    }

    /// The next `length` bytes, which count as handed out afterwards.
    fn taken(&mut self, length: usize) -> &[u8] {
        let start = self.start;
        self.start += length;
        self.bytes.get(start..start + length).unwrap_or(&[])
    }

    fn holds_a_beginning(&self) -> bool {
        self.bytes
            .get(self.start..)
            .is_some_and(|rest| rest.starts_with(&[0xff, 0xd8]))
    }

    /// Passes over what is no picture and finds the end of the next one.
    fn split(&mut self) -> Split {
        loop {
            let rest = self.bytes.get(self.start..).unwrap_or(&[]);
            let Some(begin) = rest.windows(3).position(|at| at == [0xff, 0xd8, 0xff]) else {
                // The last two bytes may be the beginning of one.
                self.start = self.bytes.len().saturating_sub(2).max(self.start);
                return Split::More;
            };
            self.start += begin;
            let rest = rest.get(begin..).unwrap_or(&[]);
            match picture_length(rest) {
                Length::Known(length) => return Split::Picture(length),
                Length::Unknown if rest.len() < LARGEST => return Split::More,
                // Not a picture after all: look on behind its first byte.
                Length::Unknown | Length::Wrong => self.start += 2,
            }
        }
    }
}

enum Length {
    Known(usize),
    Unknown,
    Wrong,
}

/// The length of the picture that `bytes` begins with.
fn picture_length(bytes: &[u8]) -> Length {
    let mut at = 2;
    loop {
        let Some(&[mark, marker]) = bytes.get(at..at + 2) else {
            return Length::Unknown;
        };
        match (mark, marker) {
            (0xff, 0xff) => at += 1,
            (0xff, 0xd9) => return Length::Known(at + 2),
            // Markers without a length, and restart markers.
            (0xff, 0x01 | 0xd0..=0xd7) => at += 2,
            (0xff, 0x02..=0xcf | 0xda..=0xfe) => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    return Length::Unknown;
                };
                let length = usize::from(u16::from_be_bytes([high, low]));
                if length < 2 {
                    return Length::Wrong;
                }
                at += 2 + length;
                if marker == 0xda {
                    match scan_length(bytes.get(at..).unwrap_or(&[])) {
                        Some(length) => at += length,
                        None => return Length::Unknown,
                    }
                }
            }
            _ => return Length::Wrong,
        }
    }
}

/// Compressed data up to the next marker that is none of its own.
fn scan_length(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(2)
        .position(|pair| matches!(pair, [0xff, 0x01..=0xcf | 0xd8..=0xfe]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The skeleton of a JPEG with `data` as its compressed part and a preview inside.
    fn skeleton(data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        // An application segment that holds a whole little JPEG.
        bytes.extend([0xff, 0xe1, 0, 8, 0xff, 0xd8, 0xff, 0xd9, 0, 0]);
        bytes.extend([0xff, 0xda, 0, 3, 0]);
        for byte in data {
            bytes.push(*byte);
            if *byte == 0xff {
                bytes.push(0);
            }
        }
        bytes.extend([0xff, 0xd9]);
        bytes
    }

    proptest! {
        /// Pictures come out whole and in order, however the stream is cut into reads and
        /// whatever stands between them.
        #[test]
        fn pictures_are_found(
            pictures in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..6),
            between in proptest::collection::vec(0u8..0xff, 0..20),
            chunk in 1usize..50,
        ) {
            let whole: Vec<Vec<u8>> = pictures.iter().map(|data| skeleton(data)).collect();
            let mut stream = Vec::new();
            for picture in &whole {
                stream.extend_from_slice(&between);
                stream.extend_from_slice(picture);
            }
            let mut splitter = Splitter::default();
            let mut found = Vec::new();
            let mut chunks = stream.chunks(chunk);
            loop {
                match splitter.split() {
                    Split::Picture(length) => found.push(splitter.taken(length).to_vec()),
                    Split::More => match chunks.next() {
                        Some(mut chunk) => {
                            splitter.fill(&mut chunk).unwrap();
                        }
                        None => break,
                    },
                }
            }
            prop_assert_eq!(found, whole);
        }

        #[test]
        fn garbage_ends(bytes in proptest::collection::vec(prop_oneof![Just(0xffu8), Just(0xd8), any::<u8>()], 0..400)) {
            let mut splitter = Splitter::default();
            splitter.fill(&mut &bytes[..]).unwrap();
            for _ in 0..=bytes.len() {
                match splitter.split() {
                    Split::Picture(length) => {
                        prop_assert!(length >= 4);
                        splitter.taken(length);
                    }
                    Split::More => break,
                }
            }
            prop_assert_eq!(splitter.split(), Split::More);
        }
    }
}
