//! A portrait: the painting and its layers, as the pack holds them, in painting pixels.

use crate::picture::Picture;
use sfumato_core::geometry::{Point, Rect};

/// The largest side of a painting in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// What lies behind the lids of one painted eye.
///
/// An eye that the painting does not show has an empty `rect` and empty pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EyeLayers {
    /// The eye patch's rectangle in painting pixels, rest coordinates; inside the painting.
    pub rect: Rect,
    /// The eyeball without its iris, over `rect`, inpainted under the lids as well. The top byte
    /// says how much of the eyeball the painting itself shows there: 255 between the painted
    /// lids, 0 on painted skin. A layer that is 255 throughout says nothing about it.
    pub sclera: Picture,
    /// The iris and pupil at rest, over `rect`, completed to a whole disc. The top byte is
    /// coverage: 255 inside the disc, 0 outside; the colours are not premultiplied.
    pub iris: Picture,
    /// Middle of the painted iris, painting pixels.
    pub iris_centre: Point,
    /// Radius of the painted iris, painting pixels.
    pub iris_radius: f32,
}

/// Everything the compositor draws from, in painting pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Portrait {
    /// The full-resolution source picture.
    pub painting: Picture,
    /// The square that may move; inside the painting.
    pub region: Rect,
    /// The background without the sitter, over the region; none where nothing is ever uncovered.
    /// The top byte says how much of the painting is ground there: 255 where it is nothing else
    /// (the plate then has the painting's colour), 0 on the sitter and wherever it is not known.
    pub plate: Option<Picture>,
    /// The eyes, `[right, left]` of the subject.
    pub eyes: [EyeLayers; 2],
    /// Width and height of the mouth patch's rectangle in region sides.
    pub mouth_size: [f32; 2],
    /// A tile of the paint's texture in painting pixels: grey 128 is even, brighter and darker
    /// is what brush and craquelure add. None: the compositor takes one from the region.
    pub grain: Option<Picture>,
}

/// Why a portrait cannot be shown. The cure is always to prepare the painting again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortraitError {
    /// The painting is empty or larger than [`MAX_SIDE`].
    #[error("painting of {0} x {1} pixels: each side must have 16 to {MAX_SIDE} pixels")]
    PaintingSize(u32, u32),
    /// The region is no square of at least 16 pixels inside the painting.
    #[error("region {0:?} is no square of 16 pixels or more inside the painting")]
    Region(Rect),
    /// The background plate does not have the region's size.
    #[error("background plate of {0} x {1} pixels does not cover the region")]
    Plate(u32, u32),
    /// An eye's rectangle leaves the painting, or its layers do not have the rectangle's size.
    #[error("layers of eye {0} (0 right, 1 left) do not fit their rectangle or the painting")]
    Eye(usize),
    /// The mouth's size is not in (0, 1].
    #[error("mouth patch's size is not within the region")]
    Mouth,
    /// The grain tile has no pixels, or more than [`MAX_SIDE`] on a side.
    #[error("grain tile has no usable size")]
    Grain,
}

impl Portrait {
    /// Whether the parts fit together.
    pub fn check(&self) -> Result<(), PortraitError> {
        let (width, height) = (self.painting.width(), self.painting.height());
        let good = 16..=MAX_SIDE;
        if !good.contains(&width) || !good.contains(&height) {
            return Err(PortraitError::PaintingSize(width, height));
        }
        let region = self.region;
        if region.width != region.height || region.width < 16 || !self.holds(&region) {
            return Err(PortraitError::Region(region));
        }
        if let Some(plate) = &self.plate
            && (plate.width(), plate.height()) != (region.width, region.height)
        {
            return Err(PortraitError::Plate(plate.width(), plate.height()));
        }
        for (index, eye) in self.eyes.iter().enumerate() {
            let size = (eye.rect.width, eye.rect.height);
            let fits = |layer: &Picture| (layer.width(), layer.height()) == size;
            let shown = eye.rect.width > 0 && eye.rect.height > 0;
            if !fits(&eye.sclera) || !fits(&eye.iris) || (shown && !self.holds(&eye.rect)) {
                return Err(PortraitError::Eye(index));
            }
        }
        if !self
            .mouth_size
            .iter()
            .all(|&size| size > 0.0 && size <= 1.0)
        {
            return Err(PortraitError::Mouth);
        }
        if let Some(grain) = &self.grain
            && (grain.is_empty() || grain.width().max(grain.height()) > MAX_SIDE)
        {
            return Err(PortraitError::Grain);
        }
        Ok(())
    }

    fn holds(&self, rect: &Rect) -> bool {
        let ends = |start: u32, length: u32, limit: u32| {
            start.checked_add(length).is_some_and(|end| end <= limit)
        };
        ends(rect.x, rect.width, self.painting.width())
            && ends(rect.y, rect.height, self.painting.height())
    }
}
