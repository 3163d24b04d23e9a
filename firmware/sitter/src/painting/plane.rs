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
        box_down(&mut out, width, height, radius);
    }
    out
}

/// The same box down the columns, all columns at once so that memory is read in rows.
fn box_down(picture: &mut [Vec3], width: usize, height: usize, radius: usize) {
    let source = picture.to_vec();
    let row = |y: isize| {
        let y = y.clamp(0, height as isize - 1) as usize;
        &source[y * width..(y + 1) * width]
    };
    let r = radius as isize;
    let share = 1.0 / (2 * radius + 1) as f32;
    let mut sums = vec![Vec3::ZERO; width];
    for y in -r..=r {
        for (sum, &value) in sums.iter_mut().zip(row(y)) {
            *sum += value;
        }
    }
    for (y, out) in picture.chunks_mut(width).enumerate() {
        let y = y as isize;
        let (enter, leave) = (row(y + r + 1), row(y - r));
        for (((out, sum), &enter), &leave) in out.iter_mut().zip(&mut sums).zip(enter).zip(leave) {
            *out = *sum * share;
            *sum = *sum + enter - leave;
        }
    }
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
