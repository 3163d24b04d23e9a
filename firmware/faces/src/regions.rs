//! Lips and eyes, looked at more closely: where they are cut out, and the way back.
//!
//! MediaPipe's attention mesh (Grishchenko et al. 2020, "Attention Mesh: High-fidelity Face Mesh Prediction in
//! Real-time") finds 468 landmarks of a picture of 192 x 192 pixels and keeps 32 features of every fourth pixel. Lips
//! and eyes are cut out of these features, upright and each at a size of its own, and a small network for each says where
//! their points are. In the makers' file the cutting is part of the network, as three operators that nobody else has
//! (`Landmarks2TransformMatrix`, `TransformTensorBilinear` and `TransformLandmarks`, each version 2); here it stands between
//! networks.

use sfumato_core::face::IRIS;

/// Features of a place.
pub const FEATURES: usize = 32;
/// Places along a side of the features.
pub const ACROSS: usize = 48;
/// Places along a side of what is cut out.
pub const SIDE: usize = 16;

/// Pixels of the network's input from one place to the next.
const STEP: f32 = 4.0;
/// How much larger than the box of its points a window is.
const MARGIN: f32 = 1.5;
/// Points of an eye that lie on its lids' edges.
const LIDS: usize = 16;

/// A part of the face that has a network of its own.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// The landmarks that its network finds, in its order.
    pub points: &'static [usize],
    /// The two that are level in its window, from left to right in a picture of an upright face.
    level: [usize; 2],
    /// Whether its network finds an iris, too.
    pub iris: bool,
}

/// Mouth.
pub const LIPS: Region = Region {
    points: &[
        61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
        78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
        76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
        62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
    ],
    level: [61, 291],
    iris: false,
};

/// The subject's right eye, its surroundings and brow; the edges of the lids come first.
pub const RIGHT_EYE: Region = Region {
    points: &[
        33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25, 110,
        24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232,
        233, 244, 113, 225, 224, 223, 222, 221, 189, 35, 124, 46, 53, 52, 65, 143, 111, 117, 118,
        119, 120, 121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193,
    ],
    level: [33, 133],
    iris: true,
};

/// The subject's left eye, its surroundings and brow; the edges of the lids come first.
pub const LEFT_EYE: Region = Region {
    points: &[
        263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255,
        339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449,
        450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413, 265, 353, 276, 283, 282, 295,
        372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417,
    ],
    level: [362, 263],
    iris: true,
};

/// How what is cut out lies in the features: `place = turn * own + shift`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    turn: [[f32; 2]; 2],
    shift: [f32; 2],
}

impl Window {
    /// Around a region of `raw` landmarks: x, y, z of each in pixels of the network's input.
    ///
    /// None if they are missing, not finite, or lie on a point.
    pub fn around(region: &Region, raw: &[f32]) -> Option<Window> {
        let point = |index: usize| match raw.get(3 * index..3 * index + 2) {
            Some(&[x, y]) => Some([x / STEP, y / STEP]),
            _ => None,
        };
        let [left, right] = [point(region.level[0])?, point(region.level[1])?];
        let angle = libm::atan2f(right[1] - left[1], right[0] - left[0]);
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for &index in region.points {
            let [x, y] = point(index)?;
            let upright = [cos * x + sin * y, cos * y - sin * x];
            for axis in 0..2 {
                low[axis] = low[axis].min(upright[axis]);
                high[axis] = high[axis].max(upright[axis]);
            }
        }
        let middle = [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])];
        let scale = [0, 1].map(|axis| MARGIN * (high[axis] - low[axis]) / SIDE as f32);
        let turn = [
            [cos * scale[0], -sin * scale[1]],
            [sin * scale[0], cos * scale[1]],
        ];
        let half = 0.5 * SIDE as f32;
        let centre = [
            cos * middle[0] - sin * middle[1],
            sin * middle[0] + cos * middle[1],
        ];
        let shift = [0, 1].map(|axis| centre[axis] - half * (turn[axis][0] + turn[axis][1]));
        let usable = scale.iter().all(|scale| (1e-3..1e3).contains(scale))
            && shift.iter().all(|shift| shift.abs() < 1e6);
        usable.then_some(Window { turn, shift })
    }

    /// Cuts the window out of the `features`, linearly between places; both are planes, one for each feature.
    ///
    /// What lies outside is 0. Slices that are too short are left as they are.
    pub fn cut(&self, features: &[f32], out: &mut [f32]) {
        const PLACES: usize = ACROSS * ACROSS;
        if features.len() < FEATURES * PLACES || out.len() < FEATURES * SIDE * SIDE {
            return;
        }
        for row in 0..SIDE {
            for column in 0..SIDE {
                // Places are counted by their middles.
                let own = [column as f32 + 0.5, row as f32 + 0.5];
                let [x, y] = self.place(own).map(|at| at - 0.5);
                let to = row * SIDE + column;
                let last = (ACROSS - 1) as f32;
                if !((0.0..=last).contains(&x) && (0.0..=last).contains(&y)) {
                    for plane in out.chunks_exact_mut(SIDE * SIDE) {
                        plane[to] = 0.0;
                    }
                    continue;
                }
                let (left, top) = (x as usize, y as usize);
                let (right, below) = (x - left as f32, y - top as f32);
                let from = top * ACROSS + left;
                // The last row and column have no neighbours, and need none.
                let across = usize::from(left + 1 < ACROSS);
                let down = if top + 1 < ACROSS { ACROSS } else { 0 };
                let planes = features.chunks_exact(PLACES);
                for (plane, out) in planes.zip(out.chunks_exact_mut(SIDE * SIDE)) {
                    let upper = (1.0 - right) * plane[from] + right * plane[from + across];
                    let lower =
                        (1.0 - right) * plane[from + down] + right * plane[from + down + across];
                    out[to] = below * lower + (1.0 - below) * upper;
                }
            }
        }
    }

    fn place(&self, own: [f32; 2]) -> [f32; 2] {
        [0, 1].map(|axis| {
            self.turn[axis][0] * own[0] + self.turn[axis][1] * own[1] + self.shift[axis]
        })
    }

    /// From a region's network's numbers, quarters of a place, to pixels of the whole network's input.
    fn back(&self, own: [f32; 2]) -> [f32; 2] {
        self.place(own.map(|own| own / STEP)).map(|at| STEP * at)
    }
}

impl Region {
    /// Puts what the region's network found into `raw` and its iris into `iris`, x, y, z of each in pixels of the whole
    /// network's input. Depths stay, an iris has its lids' on average.
    pub fn refine(
        &self,
        window: &Window,
        found: [&[f32]; 2],
        raw: &mut [f32],
        iris: &mut [f32; 3 * IRIS],
    ) {
        let [points, rim] = found.map(|found| found.as_chunks::<2>().0);
        for (&index, &found) in self.points.iter().zip(points) {
            if let Some(to) = raw.get_mut(3 * index..3 * index + 2) {
                to.copy_from_slice(&window.back(found));
            }
        }
        let depth = self.mean(raw, 2);
        for (to, &found) in iris.as_chunks_mut::<3>().0.iter_mut().zip(rim) {
            let [x, y] = window.back(found);
            *to = [x, y, depth];
        }
    }

    /// Where the iris is when its network cannot be asked: in the middle of the lids.
    pub fn guess(&self, raw: &[f32], iris: &mut [f32; 3 * IRIS]) {
        iris.as_chunks_mut::<3>()
            .0
            .fill([0, 1, 2].map(|axis| self.mean(raw, axis)));
    }

    /// The mean of an eye's lids along an axis.
    fn mean(&self, raw: &[f32], axis: usize) -> f32 {
        let lids = self.points.iter().take(LIDS);
        let numbers = lids.filter_map(|&index| raw.get(3 * index + axis));
        numbers.sum::<f32>() / LIDS as f32
    }
}
