//! Rigid fit: which turn, size and shift carry one set of points onto another.
//!
//! The least-squares answer of Kabsch and Umeyama, found by Horn's way: the rotation is the
//! quaternion that belongs to the largest eigenvalue of a symmetric 4 by 4 matrix. It is always
//! a proper rotation, never a mirror image, so no singular values need patching.
//!
//! Source: B. K. P. Horn, "Closed-form solution of absolute orientation using unit
//! quaternions", J. Opt. Soc. Am. A 4 (1987).

/// A point or direction in space.
pub type Vector = [f32; 3];

/// `to = scale * rotation * (from - from_mean) + to_mean`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Rows of the rotation.
    pub rotation: [Vector; 3],
    /// Length in `to` of a length of one in `from`.
    pub scale: f32,
    /// Middle of the points carried.
    pub from_mean: Vector,
    /// Middle of the points reached.
    pub to_mean: Vector,
}

impl Similarity {
    /// Carries a point of `to` back to where it would lie in `from`.
    pub fn undo(&self, point: Vector) -> Vector {
        let d = subtract(point, self.to_mean);
        let mut back = self.from_mean;
        for (column, value) in back.iter_mut().enumerate() {
            let turned = self.rotation[0][column] * d[0]
                + self.rotation[1][column] * d[1]
                + self.rotation[2][column] * d[2];
            *value += turned / self.scale;
        }
        back
    }
}

/// `a - b`.
pub fn subtract(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// Fits `from` onto `to`, pair by pair. None when the points do not fix a rotation and a size.
pub fn fit<const N: usize>(from: &[Vector; N], to: &[Vector; N]) -> Option<Similarity> {
    let from_mean = mean(from);
    let to_mean = mean(to);
    // Covariance h[i][j] = sum of from_i * to_j, and both spreads.
    let mut h = [[0.0f32; 3]; 3];
    let (mut from_spread, mut to_spread) = (0.0, 0.0);
    for (a, b) in from.iter().zip(to) {
        let a = subtract(*a, from_mean);
        let b = subtract(*b, to_mean);
        for (row, x) in h.iter_mut().zip(a) {
            for (cell, y) in row.iter_mut().zip(b) {
                *cell += x * y;
            }
        }
        from_spread += a[0] * a[0] + a[1] * a[1] + a[2] * a[2];
        to_spread += b[0] * b[0] + b[1] * b[1] + b[2] * b[2];
    }
    let norm = libm::sqrtf(from_spread) * libm::sqrtf(to_spread);
    // `!(norm > tiny)` also refuses NaN.
    let usable = norm > f32::MIN_POSITIVE && norm < f32::MAX;
    if !usable {
        return None;
    }
    for cell in h.iter_mut().flatten() {
        *cell /= norm;
    }
    let rotation = rotation_of(&h);
    let mut trace = 0.0;
    for (i, row) in rotation.iter().enumerate() {
        for (j, r) in row.iter().enumerate() {
            trace += r * h[j][i];
        }
    }
    let scale = trace * norm / from_spread;
    (scale > 0.0 && scale.is_finite()).then_some(Similarity {
        rotation,
        scale,
        from_mean,
        to_mean,
    })
}

fn mean<const N: usize>(points: &[Vector; N]) -> Vector {
    let mut sum = [0.0; 3];
    for point in points {
        for (total, value) in sum.iter_mut().zip(point) {
            *total += value;
        }
    }
    sum.map(|total| total / N as f32)
}

/// The rotation that best carries `from` onto `to`, given their covariance.
fn rotation_of(h: &[Vector; 3]) -> [Vector; 3] {
    let [[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]] = *h;
    let n = [
        [xx + yy + zz, yz - zy, zx - xz, xy - yx],
        [yz - zy, xx - yy - zz, xy + yx, zx + xz],
        [zx - xz, xy + yx, yy - xx - zz, yz + zy],
        [xy - yx, zx + xz, yz + zy, zz - xx - yy],
    ];
    let [w, x, y, z] = dominant_eigenvector(n);
    [
        [
            w * w + x * x - y * y - z * z,
            2.0 * (x * y - w * z),
            2.0 * (x * z + w * y),
        ],
        [
            2.0 * (x * y + w * z),
            w * w - x * x + y * y - z * z,
            2.0 * (y * z - w * x),
        ],
        [
            2.0 * (x * z - w * y),
            2.0 * (y * z + w * x),
            w * w - x * x - y * y + z * z,
        ],
    ]
}

/// Unit eigenvector of the largest eigenvalue of a symmetric matrix, by Jacobi rotations.
fn dominant_eigenvector(mut a: [[f32; 4]; 4]) -> [f32; 4] {
    let mut vectors = [[0.0f32; 4]; 4];
    for (i, row) in vectors.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    // Five sweeps reach the last bit; Jacobi converges quadratically.
    for _ in 0..6 {
        for p in 0..3 {
            for q in p + 1..4 {
                if a[p][q].abs() < 1e-12 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let sign = if theta < 0.0 { -1.0 } else { 1.0 };
                let t = sign / (theta.abs() + libm::sqrtf(theta * theta + 1.0));
                let c = 1.0 / libm::sqrtf(t * t + 1.0);
                let s = t * c;
                for row in a.iter_mut() {
                    let (x, y) = (row[p], row[q]);
                    row[p] = c * x - s * y;
                    row[q] = s * x + c * y;
                }
                let (x, y) = (a[p], a[q]);
                a[p] = core::array::from_fn(|k| c * x[k] - s * y[k]);
                a[q] = core::array::from_fn(|k| s * x[k] + c * y[k]);
                for row in vectors.iter_mut() {
                    let (x, y) = (row[p], row[q]);
                    row[p] = c * x - s * y;
                    row[q] = s * x + c * y;
                }
            }
        }
    }
    let mut best = 0;
    for i in 1..4 {
        if a[i][i] > a[best][best] {
            best = i;
        }
    }
    let v = [
        vectors[0][best],
        vectors[1][best],
        vectors[2][best],
        vectors[3][best],
    ];
    let length = libm::sqrtf(v.iter().map(|x| x * x).sum());
    v.map(|x| x / length)
}
