//! What the network is told: a motion as a row of 16-bit numbers.

use sfumato_core::motion::{Blendshape, EXPRESSIONS, Motion, Real};

/// Numbers in a row.
pub const INPUTS: usize = 64;

/// Binary places of an input: numbers lie in [-2, 2).
pub const INPUT_BITS: u32 = 14;

/// Angles of the head come in units of so many degrees.
const HEAD_UNIT: f32 = 16.0;
/// Angles of the gaze come in units of so many degrees.
const GAZE_UNIT: f32 = 32.0;

/// Numbers before the expression coefficients.
const BEFORE: usize = 7;
/// Expression coefficients: all but the first, which says nothing.
const COEFFICIENTS: usize = EXPRESSIONS - 1;
/// Numbers of the motion itself: those before the products.
const ITSELF: usize = BEFORE + COEFFICIENTS;

/// Of which angles of the head the products are. A turning head's outline moves with their squares,
/// which a network of bends would have to piece together.
const PRODUCTS: [[usize; 2]; 6] = [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]];

const PRODUCT_NAMES: [&str; PRODUCTS.len()] = [
    "headYaw*headYaw",
    "headYaw*headPitch",
    "headYaw*headRoll",
    "headPitch*headPitch",
    "headPitch*headRoll",
    "headRoll*headRoll",
];

const NAMES: [&str; BEFORE] = [
    "headYaw",
    "headPitch",
    "headRoll",
    "gazeYaw",
    "gazePitch",
    "eyeOpennessRight",
    "eyeOpennessLeft",
];

/// Writes `motion` as the network reads it; all zeros at rest.
///
/// | numbers | what | unit |
/// |---|---|---|
/// | 0 to 2 | yaw, pitch and roll of the head | 16 degrees |
/// | 3, 4 | yaw and pitch of the gaze | 32 degrees |
/// | 5, 6 | openness of the right and the left eye, less 1 | 1 |
/// | 7 to 57 | expression coefficients but `_neutral` | 1 |
/// | 58 to 63 | products of numbers 0 to 2: 0 0, 0 1, 0 2, 1 1, 1 2, 2 2 | 1 |
///
/// Beyond [-2, 2) a number stays at the limit.
pub fn write(motion: &Motion, row: &mut [i16; INPUTS]) {
    let mut values = [0.0f32; INPUTS];
    let head = [motion.head.yaw, motion.head.pitch, motion.head.roll];
    let gaze = [motion.gaze.yaw, motion.gaze.pitch];
    let number = |value: Real| value.to_num::<f32>();
    for (slot, angle) in values[0..3].iter_mut().zip(head) {
        *slot = number(angle) / HEAD_UNIT;
    }
    for (slot, angle) in values[3..5].iter_mut().zip(gaze) {
        *slot = number(angle) / GAZE_UNIT;
    }
    for (slot, openness) in values[5..7].iter_mut().zip(motion.eye_openness) {
        *slot = number(openness - Real::ONE);
    }
    let coefficients = motion.expression.into_iter().skip(1);
    for (slot, coefficient) in values[BEFORE..ITSELF].iter_mut().zip(coefficients) {
        *slot = number(coefficient);
    }
    for (index, [a, b]) in PRODUCTS.into_iter().enumerate() {
        values[ITSELF + index] = values[a] * values[b];
    }
    for (slot, value) in row.iter_mut().zip(values) {
        let scaled = libm::roundf(value * (1 << INPUT_BITS) as f32);
        *slot = scaled.clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16;
    }
}

/// What an input holds: a blendshape's name or one of this crate's; nothing beyond the last.
pub fn name(index: usize) -> Option<&'static str> {
    if let Some(name) = NAMES.get(index) {
        return Some(name);
    }
    if index >= ITSELF {
        return PRODUCT_NAMES.get(index - ITSELF).copied();
    }
    let shape = Blendshape::ALL.get(1 + index - BEFORE)?;
    Some(shape.name())
}

const _: () = assert!(ITSELF + PRODUCTS.len() == INPUTS);

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::motion::Blendshape;

    #[test]
    fn rest_is_all_zeros_and_limits_hold() {
        let mut row = [1; INPUTS];
        write(&Motion::REST, &mut row);
        assert_eq!(row, [0; INPUTS]);
        let mut motion = Motion::REST;
        motion.head.yaw = Real::from_num(8);
        motion.gaze.yaw = Real::from_num(-5000);
        motion.eye_openness[1] = Real::ZERO;
        motion.set(Blendshape::NoseSneerRight, Real::ONE);
        write(&motion, &mut row);
        assert_eq!(row[0], 1 << 13);
        assert_eq!(row[3], i16::MIN);
        assert_eq!((row[5], row[6]), (0, -(1 << 14)));
        assert_eq!(row[57], 1 << 14);
        motion.head.pitch = Real::from_num(-4);
        write(&motion, &mut row);
        assert_eq!(row[58..], [1 << 12, -(1 << 11), 0, 1 << 10, 0, 0]);
    }

    #[test]
    fn every_number_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = (0..INPUTS).filter_map(name).collect();
        assert_eq!(names.len(), INPUTS);
        assert_eq!(name(7), Some("browDownLeft"));
        assert_eq!(name(57), Some("noseSneerRight"));
        assert_eq!(name(INPUTS), None);
    }
}
