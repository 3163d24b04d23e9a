//! Reading and writing packs.

use crate::archive::{self, Archive};
use crate::manifest::{Document, EyeGeometry};
use crate::picture::{Kind, MAX_PIXELS, decode, encode};
use crate::{FORMAT, Manifest, PackError};
use sfumato_compositor::{EyeLayers, Picture, Portrait};
use sfumato_core::geometry::{Point, Rect};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

const MANIFEST: &str = "manifest.json";
const PAINTING: &str = "painting.png";
const PLATE: &str = "layers/plate.png";
const GRAIN: &str = "layers/grain.png";
const SCLERA: [&str; 2] = ["layers/eye-right-sclera.png", "layers/eye-left-sclera.png"];
const IRIS: [&str; 2] = ["layers/eye-right-iris.png", "layers/eye-left-iris.png"];
const RIG: &str = "rig.bin";
const NETWORK: &str = "network.onnx";
const SIGNATURE: &str = "signature";

/// Bytes that all entries, uncompressed, and the pixels of all pictures may take together.
const MAX_UNPACKED: u64 = 1 << 30;

/// Everything a board needs to show one painting.
#[derive(Clone, Debug, PartialEq)]
pub struct Pack {
    /// What the pack is.
    pub manifest: Manifest,
    /// What the compositor draws from.
    pub portrait: Portrait,
    /// The generator's rig, encoded by `sfumato-generator`.
    pub rig: Vec<u8>,
    /// The generator's network as ONNX, when the pack was baked.
    pub network: Option<Vec<u8>>,
}

impl Pack {
    /// Reads a pack from a file.
    pub fn read(path: &Path) -> Result<Pack, PackError> {
        let failed = |source| file_error(path, source);
        let file = File::open(path).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(archive::MAX_PACK + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        Pack::from_bytes(&bytes)
    }

    /// Reads a pack from memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Pack, PackError> {
        Pack::unpack(bytes, MAX_UNPACKED)
    }

    /// Reads a pack whose entries and pixels take at most `limit` bytes together.
    fn unpack(bytes: &[u8], limit: u64) -> Result<Pack, PackError> {
        let mut archive = Archive::open(bytes)?;
        let document = Document::parse(&archive.read(MANIFEST, archive::MAX_MANIFEST)?)?;
        let mut reader = Reader {
            archive: &mut archive,
            manifest: &document.manifest,
            left: limit,
        };
        reader.check_names()?;

        let painting = reader.picture(PAINTING, Kind::Colour, None)?;
        let region = rect(document.region);
        let size = Some((region.width, region.height));
        let plate = reader.picture_if_named(PLATE, Kind::Layer, size)?;
        let grain = reader.picture_if_named(GRAIN, Kind::Grey, None)?;
        let mut eyes = [EyeLayers::default(), EyeLayers::default()];
        for (side, (eye, geometry)) in eyes.iter_mut().zip(&document.eyes).enumerate() {
            eye.rect = rect(geometry.rect);
            let [x, y] = geometry.iris_centre;
            eye.iris_centre = Point { x, y };
            eye.iris_radius = geometry.iris_radius;
            if eye.rect.width > 0 && eye.rect.height > 0 {
                let size = Some((eye.rect.width, eye.rect.height));
                eye.sclera = reader.picture(SCLERA[side], Kind::Layer, size)?;
                eye.iris = reader.picture(IRIS[side], Kind::Layer, size)?;
            }
        }
        let rig = reader.read(RIG)?;
        let network = reader.read_if_named(NETWORK)?;
        let portrait = Portrait {
            painting,
            region,
            plate,
            eyes,
            mouth_size: document.mouth_size,
            grain,
        };
        portrait.check()?;
        Ok(Pack {
            manifest: document.manifest,
            portrait,
            rig,
            network,
        })
    }

    /// Writes a pack to memory. The manifest's format and hashes are filled in here.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PackError> {
        let portrait = &self.portrait;
        portrait.check()?;
        let mut entries: Vec<(String, Vec<u8>, bool)> = Vec::new();
        // Pictures are compressed in themselves: stored. The rest is deflated.
        let mut picture = |name: &str, picture, kind| -> Result<(), PackError> {
            entries.push((name.to_owned(), encode(name, picture, kind)?, false));
            Ok(())
        };
        picture(PAINTING, &portrait.painting, Kind::Colour)?;
        if let Some(plate) = &portrait.plate {
            picture(PLATE, plate, Kind::Layer)?;
        }
        if let Some(grain) = &portrait.grain {
            picture(GRAIN, grain, Kind::Grey)?;
        }
        for (side, eye) in portrait.eyes.iter().enumerate() {
            if !eye.sclera.is_empty() {
                picture(SCLERA[side], &eye.sclera, Kind::Layer)?;
                picture(IRIS[side], &eye.iris, Kind::Layer)?;
            }
        }
        entries.push((RIG.to_owned(), self.rig.clone(), true));
        if let Some(network) = &self.network {
            entries.push((NETWORK.to_owned(), network.clone(), true));
        }

        let mut manifest = self.manifest.clone();
        manifest.format = FORMAT;
        manifest.entries = entries
            .iter()
            .map(|(name, bytes, _)| (name.clone(), archive::hash(bytes)))
            .collect();
        let region = portrait.region;
        let document = Document {
            manifest,
            region: [region.x, region.y, region.width, region.height],
            eyes: [0, 1].map(|side: usize| {
                let eye = &portrait.eyes[side];
                EyeGeometry {
                    rect: [eye.rect.x, eye.rect.y, eye.rect.width, eye.rect.height],
                    iris_centre: [eye.iris_centre.x, eye.iris_centre.y],
                    iris_radius: eye.iris_radius,
                }
            }),
            mouth_size: portrait.mouth_size,
        };
        entries.insert(0, (MANIFEST.to_owned(), document.to_json()?, true));
        archive::write(&entries)
    }

    /// Writes a pack to a file: whole or not at all, also when the power fails meanwhile.
    pub fn write(&self, path: &Path) -> Result<(), PackError> {
        let bytes = self.to_bytes()?;
        write_whole(path, &bytes).map_err(|source| file_error(path, source))
    }
}

/// Writes beside the target, then renames: a reader sees the old file or the new one.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.partial", std::process::id()));
    let partial = path.with_file_name(name);
    let written = File::create(&partial)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // Best effort: the error that led here says more than one about tidying up.
        let _ = fs::remove_file(&partial);
        return written;
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // The rename itself lives in the folder. Not every system can sync one: no error then.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn file_error(path: &Path, source: io::Error) -> PackError {
    PackError::File {
        path: path.display().to_string(),
        source,
    }
}

fn rect([x, y, width, height]: [u32; 4]) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

struct Reader<'a, 'b> {
    archive: &'a mut Archive<'b>,
    manifest: &'a Manifest,
    /// Bytes that entries and pixels may still take.
    left: u64,
}

impl Reader<'_, '_> {
    /// Nothing rides along that the manifest does not vouch for.
    fn check_names(&self) -> Result<(), PackError> {
        for name in self.archive.names()? {
            let known = name == MANIFEST || name == SIGNATURE;
            if !known && !self.manifest.entries.contains_key(&name) {
                return Err(PackError::Hash(name));
            }
        }
        Ok(())
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, PackError> {
        let Some(hash) = self.manifest.entries.get(name) else {
            return Err(PackError::Missing(name.to_owned()));
        };
        let limit = archive::MAX_ENTRY.min(self.left);
        let bytes = self.archive.read(name, limit)?;
        self.left -= bytes.len() as u64;
        if archive::hash(&bytes) == *hash {
            Ok(bytes)
        } else {
            Err(PackError::Hash(name.to_owned()))
        }
    }

    fn picture(
        &mut self,
        name: &str,
        kind: Kind,
        size: Option<(u32, u32)>,
    ) -> Result<Picture, PackError> {
        let file = self.read(name)?;
        let picture = decode(name, &file, kind, size, MAX_PIXELS.min(self.left / 4))?;
        self.left -= picture.pixels().len() as u64 * 4;
        Ok(picture)
    }

    fn picture_if_named(
        &mut self,
        name: &str,
        kind: Kind,
        size: Option<(u32, u32)>,
    ) -> Result<Option<Picture>, PackError> {
        if self.manifest.entries.contains_key(name) {
            self.picture(name, kind, size).map(Some)
        } else {
            Ok(None)
        }
    }

    fn read_if_named(&mut self, name: &str) -> Result<Option<Vec<u8>>, PackError> {
        if self.manifest.entries.contains_key(name) {
            self.read(name).map(Some)
        } else {
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_entries_and_pixels_take_together_is_bounded() {
        let mut pack = Pack {
            manifest: Manifest::new("Test"),
            portrait: Portrait {
                painting: Picture::new(40, 30, 0xff10_2030),
                region: rect([4, 4, 20, 20]),
                plate: Some(Picture::new(20, 20, 0xff40_5060)),
                mouth_size: [0.3, 0.2],
                ..Portrait::default()
            },
            // A bomb: nothing of this is left when it is deflated.
            rig: vec![0; 300_000],
            network: Some(vec![0; 200_000]),
        };
        pack.portrait.grain = Some(Picture::new(5, 4, 0xff80_8080));
        let bytes = pack.to_bytes().unwrap();
        assert!(bytes.len() < 4000, "{}", bytes.len());
        let portrait = &pack.portrait;
        let files = [
            encode(PAINTING, &portrait.painting, Kind::Colour).unwrap(),
            encode(PLATE, portrait.plate.as_ref().unwrap(), Kind::Layer).unwrap(),
            encode(GRAIN, portrait.grain.as_ref().unwrap(), Kind::Grey).unwrap(),
        ];
        let files: usize = files.iter().map(Vec::len).sum();
        let pixels = 40 * 30 + 20 * 20 + 5 * 4;
        let needed = (files + 4 * pixels + 300_000 + 200_000) as u64;
        assert!(Pack::unpack(&bytes, needed).is_ok());
        for limit in [needed - 1, needed - 200_001, 4000, 100, 0] {
            let error = Pack::unpack(&bytes, limit).map(drop).unwrap_err();
            assert!(matches!(error, PackError::TooLarge(_)), "{limit}: {error}");
        }
    }
}
