//! What the network is told: a motion as a row of 16-bit numbers.

use sfumato_core::motion::{Blendshape, EXPRESSIONS, Motion, Real};

/// Numbers in a row.
pub const INPUTS: usize = TURN_INPUTS + REST;

/// The first numbers, from which the head's turn follows: its angles and their products.
pub const TURN_INPUTS: usize = ANGLES + PRODUCTS;

/// Binary places of an input: numbers lie in [-2, 2).
pub const INPUT_BITS: u32 = 14;

/// Angles of the head come in units of so many degrees.
const HEAD_UNIT: f32 = 16.0;
/// Angles of the gaze come in units of so many degrees.
const GAZE_UNIT: f32 = 32.0;

/// Angles of the head.
const ANGLES: usize = 3;
/// Products of two, three and four of them: 6, 10 and 15. What a turn does is a smooth function of the angles,
/// of which these are the series' next terms; a network of bends would have to piece them together.
const PRODUCTS: usize = 31;
/// The most angles of a product.
const DEGREE: usize = 4;
/// Two angles of the gaze, two lids, and the expression coefficients but the first, which says nothing.
const REST: usize = 4 + EXPRESSIONS - 1;

const ANGLE_NAMES: [&str; ANGLES] = ["headYaw", "headPitch", "headRoll"];
const EYE_NAMES: [&str; 4] = [
    "gazeYaw",
    "gazePitch",
    "eyeOpennessRight",
    "eyeOpennessLeft",
];

/// Which angles make up each of the first numbers, the angles themselves first; unused places hold [`ANGLES`].
const TERMS: [[usize; DEGREE]; TURN_INPUTS] = terms();

const fn terms() -> [[usize; DEGREE]; TURN_INPUTS] {
    let mut terms = [[ANGLES; DEGREE]; TURN_INPUTS];
    let mut at = 0;
    // Each is one before it times an angle not below its last: so that none comes twice.
    while at < ANGLES {
        terms[at][0] = at;
        at += 1;
    }
    let mut from = 0;
    while at < TURN_INPUTS {
        let mut length = 0;
        while length < DEGREE && terms[from][length] < ANGLES {
            length += 1;
        }
        let mut angle = terms[from][length - 1];
        while angle < ANGLES {
            terms[at] = terms[from];
            terms[at][length] = angle;
            at += 1;
            angle += 1;
        }
        from += 1;
    }
    terms
}

/// Writes `motion` as the network reads it; all zeros at rest.
///
/// The head's angles must be those that it can make ([`Rig::bounded`](crate::Rig::bounded)).
///
/// | numbers | what | unit |
/// |---|---|---|
/// | 0 to 2 | yaw, pitch and roll of the head | 16 degrees |
/// | 3 to 33 | products of two, of three and of four of these: 0 0, 0 1, 0 2, 1 1, …, 2 2 2 2 | 1 |
/// | 34, 35 | yaw and pitch of the gaze | 32 degrees |
/// | 36, 37 | openness of the right and the left eye, less 1 | 1 |
/// | 38 to 88 | expression coefficients but `_neutral` | 1 |
///
/// Beyond [-2, 2) a number stays at the limit.
pub fn write(motion: &Motion, row: &mut [i16; INPUTS]) {
    let mut values = [0.0f32; INPUTS];
    let number = |value: Real| value.to_num::<f32>();
    let head = [motion.head.yaw, motion.head.pitch, motion.head.roll];
    // What is beyond the angles counts as one.
    let mut angles = [1.0; ANGLES + 1];
    for (slot, angle) in angles.iter_mut().zip(head) {
        *slot = number(angle) / HEAD_UNIT;
    }
    let (turn, rest) = values.split_at_mut(TURN_INPUTS);
    for (slot, term) in turn.iter_mut().zip(TERMS) {
        *slot = term.into_iter().map(|angle| angles[angle]).product();
    }
    let gaze = [motion.gaze.yaw, motion.gaze.pitch].map(|angle| number(angle) / GAZE_UNIT);
    let lids = motion.eye_openness;
    let lids = lids.map(|openness| number(openness - Real::ONE));
    let coefficients = motion.expression.into_iter().skip(1).map(number);
    let others = gaze.into_iter().chain(lids).chain(coefficients);
    for (slot, value) in rest.iter_mut().zip(others) {
        *slot = value;
    }
    for (slot, value) in row.iter_mut().zip(values) {
        let scaled = libm::roundf(value * (1 << INPUT_BITS) as f32);
        *slot = scaled.clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16;
    }
}

/// What an input holds: a blendshape's name or one of this crate's; nothing beyond the last.
///
/// Products are named by their factors: `headYaw*headYaw`.
pub fn name(index: usize) -> Option<String> {
    if let Some(term) = TERMS.get(index) {
        let factors = term.iter().filter_map(|&angle| ANGLE_NAMES.get(angle));
        return Some(factors.copied().collect::<Vec<_>>().join("*"));
    }
    let index = index - TURN_INPUTS;
    if let Some(name) = EYE_NAMES.get(index) {
        return Some((*name).to_owned());
    }
    let shape = Blendshape::ALL.get(1 + index - EYE_NAMES.len())?;
    Some(shape.name().to_owned())
}

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
        motion.head.pitch = Real::from_num(-4);
        motion.gaze.yaw = Real::from_num(-5000);
        motion.eye_openness[1] = Real::ZERO;
        motion.set(Blendshape::NoseSneerRight, Real::ONE);
        write(&motion, &mut row);
        assert_eq!(
            row[..9],
            [
                1 << 13,
                -(1 << 12),
                0,
                1 << 12,
                -(1 << 11),
                0,
                1 << 10,
                0,
                0
            ]
        );
        assert_eq!(row[34], i16::MIN);
        assert_eq!((row[36], row[37]), (0, -(1 << 14)));
        assert_eq!(row[88], 1 << 14);
    }

    #[test]
    fn products_are_what_their_names_say() {
        let mut motion = Motion::REST;
        motion.head.yaw = Real::from_num(12);
        motion.head.pitch = Real::from_num(-8);
        motion.head.roll = Real::from_num(4);
        let mut row = [0; INPUTS];
        write(&motion, &mut row);
        for (index, &found) in row[..TURN_INPUTS].iter().enumerate() {
            let name = name(index).unwrap();
            let product: f32 = name
                .split('*')
                .map(|factor| match factor {
                    "headYaw" => 0.75,
                    "headPitch" => -0.5,
                    "headRoll" => 0.25,
                    other => panic!("{other}"),
                })
                .product();
            assert_eq!(found, (product * 16384.0).round() as i16, "{name}");
        }
    }

    #[test]
    fn every_number_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = (0..INPUTS).filter_map(name).collect();
        assert_eq!(names.len(), INPUTS);
        let named = |index| name(index).unwrap();
        assert_eq!(named(3), "headYaw*headYaw");
        assert_eq!(named(33), "headRoll*headRoll*headRoll*headRoll");
        assert_eq!(named(38), "browDownLeft");
        assert_eq!(named(88), "noseSneerRight");
        assert_eq!(name(INPUTS), None);
    }
}
