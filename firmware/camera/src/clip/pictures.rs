//! A picture, or a folder of them in the order of their names.

use super::{Facts, Read, Recording, broken};
use crate::{CameraError, Frame};
use image::{DynamicImage, ImageDecoder, ImageReader};
use std::path::{Path, PathBuf};

/// Still pictures, one after the other.
pub(super) struct Pictures {
    files: Vec<PathBuf>,
    next: usize,
}

impl Pictures {
    /// One picture.
    pub(super) fn single(path: &Path) -> Self {
        Pictures {
            files: vec![path.to_owned()],
            next: 0,
        }
    }

    /// Every JPEG and PNG file of a folder, sorted by name; other files are left alone.
    pub(super) fn folder(path: &Path) -> Result<Self, CameraError> {
        let reading = |error| CameraError::io(format!("reading {}", path.display()), error);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(reading)? {
            let file = entry.map_err(reading)?.path();
            let extension = file
                .extension()
                .map(|extension| extension.to_string_lossy().to_ascii_lowercase());
            if matches!(extension.as_deref(), Some("jpg" | "jpeg" | "png")) {
                files.push(file);
            }
        }
        if files.is_empty() {
            return Err(broken(path, "the folder holds no .jpg, .jpeg or .png file"));
        }
        files.sort();
        Ok(Pictures { files, next: 0 })
    }
}

impl Recording for Pictures {
    fn read(&mut self, frame: &mut Frame) -> Result<Read, CameraError> {
        let Some(path) = self.files.get(self.next) else {
            return Ok(Read::End);
        };
        self.next += 1;
        let picture = match load(path) {
            Ok(picture) => picture.into_rgb8(),
            // A single picture that cannot be read is an error with its reason; in a folder one
            // bad file does not stop the show.
            Err(error) if self.files.len() == 1 => {
                return Err(broken(path, format!("not a readable picture: {error}")));
            }
            Err(_) => return Ok(Read::Damaged),
        };
        frame.resize(picture.width() as usize, picture.height() as usize);
        frame.bytes_mut().copy_from_slice(picture.as_raw());
        Ok(Read::Picture)
    }

    fn rewind(&mut self) -> Result<(), CameraError> {
        self.next = 0;
        Ok(())
    }

    fn facts(&self) -> Facts {
        Facts {
            format: "pictures".into(),
            frames: Some(self.files.len() as u64),
            ..Facts::default()
        }
    }
}

/// Decodes a picture, whatever its extension says, upright as its camera was held.
fn load(path: &Path) -> image::ImageResult<DynamicImage> {
    let mut decoder = ImageReader::open(path)?
        .with_guessed_format()?
        .into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}
