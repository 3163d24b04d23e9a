//! `.y4m`: uncompressed video with a line of text before each frame.
//!
//! Taken: 8 bits, 4:2:0, 4:2:2, 4:4:4 and grey. The format does not say which colour matrix was
//! used; as in broadcasting, BT.709 is assumed from 720 rows up and BT.601 below, both in the
//! limited range unless the header says `XCOLORRANGE=FULL`.

use super::{Facts, Read, Recording, broken};
use crate::convert::{Colour, Layout, Raw, to_rgb};
use crate::{CameraError, Frame};
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read as _, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A y4m file.
pub(super) struct Y4m {
    path: PathBuf,
    reader: BufReader<File>,
    header: Header,
    /// Where the first frame begins.
    start: u64,
    picture: Vec<u8>,
    /// The line before a frame.
    line: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
struct Header {
    width: usize,
    height: usize,
    fps: Option<f64>,
    layout: Layout,
    colour: Colour,
    chroma: String,
}

impl Y4m {
    pub(super) fn open(path: &Path) -> Result<Self, CameraError> {
        let opening = |error| CameraError::io(format!("opening {}", path.display()), error);
        let mut reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(opening)?);
        let mut line = Vec::new();
        read_line(&mut reader, &mut line).map_err(opening)?;
        let header = parse_header(&line).map_err(|cause| broken(path, cause))?;
        let start = line.len() as u64 + 1;
        let bytes = header.layout.picture_bytes(header.width, header.height);
        Ok(Y4m {
            path: path.to_owned(),
            reader,
            header,
            start,
            picture: vec![0; bytes],
            line,
        })
    }
}

/// Reads up to a line feed, which is left out; refuses endless lines.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    line.clear();
    reader.take(4096).read_until(b'\n', line)?;
    if line.pop_if(|last| *last == b'\n').is_none() && !line.is_empty() {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            "a line does not end",
        ));
    }
    Ok(())
}

fn parse_header(line: &[u8]) -> Result<Header, String> {
    const CURE: &str = "make one with: ffmpeg -i INPUT -pix_fmt yuv420p OUTPUT.y4m";
    let line = str::from_utf8(line).unwrap_or("");
    let mut words = line.split(' ');
    if words.next() != Some("YUV4MPEG2") {
        return Err(format!("this is not a y4m file; {CURE}"));
    }
    let (mut width, mut height, mut fps) = (0, 0, None);
    let mut chroma = "420";
    let mut full_range = false;
    for word in words {
        let Some((key, value)) = word.split_at_checked(1) else {
            continue;
        };
        match key {
            "W" => width = value.parse().unwrap_or(0),
            "H" => height = value.parse().unwrap_or(0),
            "F" => fps = parse_rate(value),
            "C" => chroma = value,
            "X" if value == "COLORRANGE=FULL" => full_range = true,
            _ => {}
        }
    }
    if !(1..=16_384).contains(&width) || !(1..=16_384).contains(&height) {
        return Err(format!("the header names no usable size; {CURE}"));
    }
    let layout = match chroma {
        "420" | "420jpeg" | "420mpeg2" | "420paldv" => Layout::Planar420,
        "422" => Layout::Planar422,
        "444" => Layout::Planar444,
        "mono" => Layout::Luma,
        other => return Err(format!("the chroma format {other} is not taken; {CURE}")),
    };
    Ok(Header {
        width,
        height,
        fps,
        layout,
        colour: Colour {
            bt709: height >= 720,
            full_range,
        },
        chroma: chroma.to_owned(),
    })
}

/// A rate as `numerator:denominator`.
fn parse_rate(value: &str) -> Option<f64> {
    let (over, under) = value.split_once(':')?;
    let rate = over.parse::<f64>().ok()? / under.parse::<f64>().ok()?;
    (0.01..=1000.0).contains(&rate).then_some(rate)
}

impl Recording for Y4m {
    fn read(&mut self, frame: &mut Frame) -> Result<Read, CameraError> {
        let reading = |error| CameraError::io(format!("reading {}", self.path.display()), error);
        let mut head = [0; 5];
        match self.reader.read_exact(&mut head) {
            Ok(()) if &head == b"FRAME" => {}
            Ok(()) => {
                return Err(broken(
                    &self.path,
                    "a frame does not begin where it should: the file is damaged",
                ));
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Read::End),
            Err(error) => return Err(reading(error)),
        }
        // Frame parameters, if any, do not matter here.
        read_line(&mut self.reader, &mut self.line).map_err(reading)?;
        match self.reader.read_exact(&mut self.picture) {
            Ok(()) => {}
            // Cut off in the middle of a frame: what came before was whole.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Read::Damaged),
            Err(error) => return Err(reading(error)),
        }
        let raw = Raw {
            layout: self.header.layout,
            colour: self.header.colour,
            width: self.header.width,
            height: self.header.height,
            stride: self.header.width,
            bytes: &self.picture,
        };
        to_rgb(raw, frame).map_err(|damaged| broken(&self.path, damaged.0))?;
        Ok(Read::Picture)
    }

    fn rewind(&mut self) -> Result<(), CameraError> {
        self.reader
            .seek(SeekFrom::Start(self.start))
            .map_err(|error| CameraError::io(format!("reading {}", self.path.display()), error))?;
        Ok(())
    }

    fn facts(&self) -> Facts {
        Facts {
            format: format!("y4m {}", self.header.chroma),
            width: self.header.width as u32,
            height: self.header.height as u32,
            fps: self.header.fps,
            frames: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers() {
        let header = parse_header(b"YUV4MPEG2 W352 H288 F30000:1001 Ip A1:1 C420jpeg").unwrap();
        assert_eq!((header.width, header.height), (352, 288));
        assert!((header.fps.unwrap() - 29.97).abs() < 0.001);
        assert_eq!(header.layout, Layout::Planar420);
        assert_eq!(header.colour, Colour::BT601);
        let header = parse_header(b"YUV4MPEG2 W1280 H720 Cmono XCOLORRANGE=FULL").unwrap();
        assert!(header.colour.bt709 && header.colour.full_range);
        assert_eq!(header.fps, None);
    }

    #[test]
    fn wrong_headers_name_the_cure() {
        for wrong in [
            &b"RIFF"[..],
            b"YUV4MPEG2 W0 H3",
            b"YUV4MPEG2 W352 H288 C420p10",
            b"\xff\xfe",
        ] {
            assert!(parse_header(wrong).unwrap_err().contains("ffmpeg"));
        }
    }

    proptest! {
        #[test]
        fn any_line_is_a_header_or_an_error(line in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse_header(&line);
            let text = [b"YUV4MPEG2 ", &line[..]].concat();
            let _ = parse_header(&text);
        }
    }
}
