//! `frames:`: one PNG file per picture, for looking at and for comparing.

use crate::{Counters, Flip, Mode, Power, Presented, Screen, ScreenError, SharedClock};
use png::{BitDepth, ColorType, Compression, Encoder};
use sfumato_core::pixels::{PixelsMut, Xrgb, rgb};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Writes what it is shown into `000000.png`, `000001.png` … of a folder.
///
/// The number is the picture's, so with `every=10` the files are `000000.png`, `000010.png` ….
/// Asleep it writes nothing, and numbers go on where they were.
pub(crate) struct Frames {
    folder: PathBuf,
    every: u64,
    buffer: Vec<Xrgb>,
    bytes: Vec<u8>,
    mode: Mode,
    clock: SharedClock,
    age: u32,
    asleep: bool,
    counters: Counters,
}

impl Frames {
    /// Makes the folder where it is missing. Files of an earlier run are overwritten one by one.
    pub(crate) fn open(
        folder: &Path,
        every: u64,
        (width, height): (usize, usize),
        clock: SharedClock,
    ) -> Result<Self, ScreenError> {
        std::fs::create_dir_all(folder)
            .map_err(|error| ScreenError::io(format!("making {}", folder.display()), error))?;
        Ok(Frames {
            folder: folder.to_owned(),
            every: every.max(1),
            buffer: vec![0; width.saturating_mul(height)],
            bytes: Vec::new(),
            mode: Mode {
                width,
                height,
                refresh_millihertz: 0,
            },
            clock,
            age: 0,
            asleep: false,
            counters: Counters::default(),
        })
    }

    fn write(&mut self, number: u64) -> Result<(), ScreenError> {
        let path = self.folder.join(format!("{number:06}.png"));
        let writing =
            |error: std::io::Error| ScreenError::io(format!("writing {}", path.display()), error);
        self.bytes.clear();
        for pixel in &self.buffer {
            self.bytes.extend_from_slice(&rgb(*pixel));
        }
        let mut file = BufWriter::new(File::create(&path).map_err(writing)?);
        let mut encoder = Encoder::new(
            &mut file,
            u32::try_from(self.mode.width).unwrap_or(0),
            u32::try_from(self.mode.height).unwrap_or(0),
        );
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Fast);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.bytes))
            .map_err(|error| writing(error.into()))?;
        file.flush().map_err(writing)
    }
}

impl Screen for Frames {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
        let Mode { width, height, .. } = self.mode;
        let age = std::mem::take(&mut self.age);
        if let Ok(pixels) = PixelsMut::new(&mut self.buffer, width, height, width) {
            paint(pixels, age);
        }
        Ok(())
    }

    fn present(&mut self, _timeout: Duration) -> Result<Presented, ScreenError> {
        if self.asleep {
            return Ok(Presented::Asleep(self.clock.now()));
        }
        let sequence = self.counters.flips;
        if sequence.is_multiple_of(self.every) {
            self.write(sequence)?;
        }
        self.age = 1;
        self.counters.flips += 1;
        Ok(Presented::Flipped(Flip {
            at: self.clock.now(),
            sequence,
        }))
    }

    fn reprobe(&mut self) -> Result<bool, ScreenError> {
        Ok(false)
    }

    fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
        if self.asleep == on {
            self.asleep = !on;
            self.age = 0;
        }
        Ok(if on { Power::Awake } else { Power::Asleep })
    }

    fn description(&self) -> String {
        format!(
            "PNG files in {}, {} x {}",
            self.folder.display(),
            self.mode.width,
            self.mode.height
        )
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}
