//! Pictures of vectors: blurring and looking up.

use crate::maths::Vec3;

/// Blurs a picture with three boxes, near enough to a bell of this deviation in pixels.
pub(super) fn blur(picture: &[Vec3], width: usize, height: usize, deviation: f32) -> Vec<Vec3> {
    let radius = (deviation + 0.5) as usize;
    let mut out = picture.to_vec();
    if radius == 0 {
        return out;
    }
    let mut line = Vec::new();
    for _ in 0..3 {
        for row in out.chunks_mut(width) {
            line.clear();
            line.extend_from_slice(row);
            box_line(&line, radius, |i, value| row[i] = value);
        }
        for x in 0..width {
            line.clear();
            line.extend((0..height).map(|y| out[y * width + x]));
            box_line(&line, radius, |y, value| out[y * width + x] = value);
        }
    }
    out
}

fn box_line(line: &[Vec3], radius: usize, mut put: impl FnMut(usize, Vec3)) {
    let last = line.len() - 1;
    let at = |i: isize| line[i.clamp(0, last as isize) as usize];
    let r = radius as isize;
    let mut sum = Vec3::ZERO;
    for i in -r..=r {
        sum += at(i);
    }
    let share = 1.0 / (2 * radius + 1) as f32;
    for i in 0..line.len() as isize {
        put(i as usize, sum * share);
        sum += at(i + r + 1);
        sum = sum - at(i - r);
    }
}
