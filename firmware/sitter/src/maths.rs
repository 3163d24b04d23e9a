//! Vectors, smooth steps and seeded noise: arithmetic that is the same on every machine.
//!
//! Only additions, multiplications, divisions and square roots of the processor are used, which
//! IEEE 754 pins to the bit; everything transcendental comes from `libm`.

use core::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// A position, direction or linear colour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Vec3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

/// Shorthand for a [`Vec3`].
pub(crate) const fn v(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3 { x, y, z }
}

impl Vec3 {
    pub const ZERO: Vec3 = v(0.0, 0.0, 0.0);
    pub const ONE: Vec3 = v(1.0, 1.0, 1.0);

    pub fn dot(self, o: Vec3) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    pub fn cross(self, o: Vec3) -> Vec3 {
        v(
            self.y * o.z - self.z * o.y,
            self.z * o.x - self.x * o.z,
            self.x * o.y - self.y * o.x,
        )
    }

    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// The same direction with length one; straight at the viewer when there is none.
    pub fn unit(self) -> Vec3 {
        let length = self.length();
        if length > 1e-12 {
            self * (1.0 / length)
        } else {
            v(0.0, 0.0, 1.0)
        }
    }

    /// Component by component.
    pub fn times(self, o: Vec3) -> Vec3 {
        v(self.x * o.x, self.y * o.y, self.z * o.z)
    }

    pub fn mix(self, o: Vec3, share: f32) -> Vec3 {
        self * (1.0 - share) + o * share
    }

    pub fn map(self, f: impl Fn(f32) -> f32) -> Vec3 {
        v(f(self.x), f(self.y), f(self.z))
    }

    pub fn luma(self) -> f32 {
        0.2126 * self.x + 0.7152 * self.y + 0.0722 * self.z
    }
}

impl Add for Vec3 {
    type Output = Vec3;
    fn add(self, o: Vec3) -> Vec3 {
        v(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl AddAssign for Vec3 {
    fn add_assign(&mut self, o: Vec3) {
        *self = *self + o;
    }
}

impl Sub for Vec3 {
    type Output = Vec3;
    fn sub(self, o: Vec3) -> Vec3 {
        v(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f32> for Vec3 {
    type Output = Vec3;
    fn mul(self, k: f32) -> Vec3 {
        v(self.x * k, self.y * k, self.z * k)
    }
}

impl Div<f32> for Vec3 {
    type Output = Vec3;
    fn div(self, k: f32) -> Vec3 {
        self * (1.0 / k)
    }
}

impl Neg for Vec3 {
    type Output = Vec3;
    fn neg(self) -> Vec3 {
        v(-self.x, -self.y, -self.z)
    }
}

/// A rotation, as three rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rotation(pub [Vec3; 3]);

impl Rotation {
    /// Turn, nod and lean in degrees with the signs of `sfumato_core::motion`.
    pub fn from_degrees(yaw: f32, pitch: f32, roll: f32) -> Rotation {
        let (sy, cy) = sin_cos(yaw.to_radians());
        let (sp, cp) = sin_cos(pitch.to_radians());
        let (sr, cr) = sin_cos(roll.to_radians());
        Rotation([
            v(cy * cr + sy * sp * sr, sy * sp * cr - cy * sr, sy * cp),
            v(cp * sr, cp * cr, -sp),
            v(cy * sp * sr - sy * cr, sy * sr + cy * sp * cr, cy * cp),
        ])
    }

    pub fn apply(&self, p: Vec3) -> Vec3 {
        v(self.0[0].dot(p), self.0[1].dot(p), self.0[2].dot(p))
    }

    /// The rotation undone.
    pub fn undo(&self, p: Vec3) -> Vec3 {
        self.0[0] * p.x + self.0[1] * p.y + self.0[2] * p.z
    }
}

pub(crate) fn sin_cos(angle: f32) -> (f32, f32) {
    (libm::sinf(angle), libm::cosf(angle))
}

pub(crate) fn sin(angle: f32) -> f32 {
    libm::sinf(angle)
}

pub(crate) fn cos(angle: f32) -> f32 {
    libm::cosf(angle)
}

pub(crate) fn exp(x: f32) -> f32 {
    libm::expf(x)
}

pub(crate) fn pow(x: f32, y: f32) -> f32 {
    libm::powf(x, y)
}

pub(crate) fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

/// 0 below `from`, 1 above `to`, smooth between; `from` may be the larger.
pub(crate) fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A bell of height one around zero: `exp(-(x / width)^2)`.
pub(crate) fn bell(x: f32, width: f32) -> f32 {
    let t = x / width;
    exp(-t * t)
}

/// Reads a table of `(x, y)` by smooth (monotone cubic-like) interpolation, ends held.
pub(crate) fn curve(table: &[(f32, f32)], x: f32) -> f32 {
    let Some(&(x0, y0)) = table.first() else {
        return 0.0;
    };
    if x <= x0 {
        return y0;
    }
    for i in 0..table.len() - 1 {
        let ((xa, ya), (xb, yb)) = (table[i], table[i + 1]);
        if x < xb {
            let slope = |j: usize| -> f32 {
                if j == 0 || j + 1 >= table.len() {
                    let k = if j == 0 { 0 } else { j - 1 };
                    (table[k + 1].1 - table[k].1) / (table[k + 1].0 - table[k].0)
                } else {
                    (table[j + 1].1 - table[j - 1].1) / (table[j + 1].0 - table[j - 1].0)
                }
            };
            let (h, t) = (xb - xa, (x - xa) / (xb - xa));
            let (t2, t3) = (t * t, t * t * t);
            return (2.0 * t3 - 3.0 * t2 + 1.0) * ya
                + (t3 - 2.0 * t2 + t) * h * slope(i)
                + (3.0 * t2 - 2.0 * t3) * yb
                + (t3 - t2) * h * slope(i + 1);
        }
    }
    table[table.len() - 1].1
}

/// Mixes bits so that neighbouring numbers give unrelated ones.
pub(crate) fn hash(mut x: u32) -> u32 {
    x = x.wrapping_add(0x9e37_79b9);
    x ^= x >> 16;
    x = x.wrapping_mul(0x21f0_aaad);
    x ^= x >> 15;
    x = x.wrapping_mul(0x735a_2d97);
    x ^ (x >> 15)
}

/// A seeded stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(u32);

impl Random {
    pub fn new(seed: u32) -> Random {
        Random(hash(seed))
    }

    pub fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        hash(self.0)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Uniform in [-1, 1).
    pub fn signed(&mut self) -> f32 {
        2.0 * self.unit() - 1.0
    }

    /// About normal with deviation one: the sum of four uniforms.
    pub fn normal(&mut self) -> f32 {
        (self.unit() + self.unit() + self.unit() + self.unit() - 2.0) * 1.732
    }
}

fn lattice(x: i32, y: i32, z: i32, seed: u32) -> f32 {
    let h = hash((x as u32) ^ hash((y as u32) ^ hash((z as u32) ^ hash(seed))));
    (h >> 8) as f32 * (2.0 / 16_777_216.0) - 1.0
}

fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// Smooth value noise in about [-1, 1], one cell per unit.
pub(crate) fn noise3(p: Vec3, seed: u32) -> f32 {
    let (fx, fy, fz) = (p.x.floor(), p.y.floor(), p.z.floor());
    let (ix, iy, iz) = (fx as i32, fy as i32, fz as i32);
    let (tx, ty, tz) = (fade(p.x - fx), fade(p.y - fy), fade(p.z - fz));
    let plane = |z: i32| {
        let row = |y: i32| {
            mix(
                lattice(ix, y, z, seed),
                lattice(ix.wrapping_add(1), y, z, seed),
                tx,
            )
        };
        mix(row(iy), row(iy.wrapping_add(1)), ty)
    };
    mix(plane(iz), plane(iz.wrapping_add(1)), tz)
}

/// Smooth value noise in about [-1, 1] on the plane.
pub(crate) fn noise2(x: f32, y: f32, seed: u32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (ix, iy) = (fx as i32, fy as i32);
    let (tx, ty) = (fade(x - fx), fade(y - fy));
    let row = |y: i32| {
        mix(
            lattice(ix, y, 0, seed),
            lattice(ix.wrapping_add(1), y, 0, seed),
            tx,
        )
    };
    mix(row(iy), row(iy.wrapping_add(1)), ty)
}

/// Noise of several sizes, each half as large and `gain` as strong as the one before.
pub(crate) fn fractal2(x: f32, y: f32, octaves: u32, gain: f32, seed: u32) -> f32 {
    let (mut sum, mut size, mut weight, mut total) = (0.0, 1.0, 1.0, 0.0);
    for octave in 0..octaves {
        sum += weight * noise2(x * size, y * size, seed.wrapping_add(octave));
        total += weight;
        size *= 2.03;
        weight *= gain;
    }
    sum / total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_has_the_signs_of_motion() {
        let nose = v(0.0, 0.0, 1.0);
        assert!(Rotation::from_degrees(20.0, 0.0, 0.0).apply(nose).x > 0.3);
        assert!(Rotation::from_degrees(0.0, 20.0, 0.0).apply(nose).y < -0.3);
        assert!(
            Rotation::from_degrees(0.0, 0.0, 20.0)
                .apply(v(1.0, 0.0, 0.0))
                .y
                > 0.3
        );
    }

    #[test]
    fn rotation_undoes_itself() {
        let turn = Rotation::from_degrees(31.0, -12.0, 7.0);
        let p = v(0.3, -2.0, 5.0);
        assert!((turn.undo(turn.apply(p)) - p).length() < 1e-5);
    }

    #[test]
    fn curves_pass_through_their_points() {
        let table = [(0.0, 1.0), (1.0, 3.0), (4.0, -1.0)];
        for (x, y) in table {
            assert!((curve(&table, x) - y).abs() < 1e-5);
        }
        assert_eq!(curve(&table, -9.0), 1.0);
        assert_eq!(curve(&table, 9.0), -1.0);
    }

    #[test]
    fn noise_is_smooth_and_bounded() {
        for i in 0..1000 {
            let x = i as f32 * 0.037 - 12.0;
            let (a, b) = (noise2(x, 1.5, 7), noise2(x + 0.01, 1.5, 7));
            assert!(a.abs() <= 1.0 && (a - b).abs() < 0.06);
        }
    }
}
