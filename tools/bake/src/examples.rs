//! Examples: motions and what the teacher draws of them, kept in memory.

use crate::branch::halve;
use crate::motions;
use crate::random::Random;
use crate::teacher::Teacher;
use core::ops::Range;
use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;
use sfumato_core::motion::{Motion, Real};
use sfumato_generator::network::inputs::{self, INPUT_BITS, INPUTS};
use sfumato_generator::network::{Grain, Head, PARTS, Part};

/// Examples that belong together: one, or three of which the outer two lie a moment before and
/// after the middle one.
pub const TRIPLE: usize = 3;

/// How many groups there are to one of three. Its examples are nearly alike: they tell about
/// smoothness, and little else.
const RARELY: usize = 10;

/// What a part's numbers are multiplied by so that they are of a size with 1.
pub fn unit(part: Part, channel: usize) -> f32 {
    const FLOW: f32 = 40.0;
    const OPENING: f32 = 4.0;
    const LIGHT: f32 = 2.0;
    match (part, channel) {
        (_, 0 | 1) => FLOW,
        (_, 2 | 3) => OPENING,
        _ => LIGHT,
    }
}

/// One motion and the change from rest that the teacher draws.
#[derive(Clone, Debug)]
pub struct Example {
    /// What the network is told.
    pub input: [f32; INPUTS],
    /// What it shall say, in the order of [`Part::ALL`], in units of [`unit`].
    parts: [Vec<f16>; PARTS],
}

impl Example {
    /// Nothing yet.
    pub fn empty() -> Example {
        Example {
            input: [0.0; INPUTS],
            parts: Part::ALL.map(|part| vec![f16::ZERO; part.numbers()]),
        }
    }

    /// The wished output of a part, written to `out`.
    pub fn wish(&self, part: Part, out: &mut [f32]) {
        self.parts[part as usize].convert_to_f32_slice(out);
    }

    /// What a head would best say if it were the only one of its part, written to `out`.
    pub fn said(&self, head: Head, out: &mut [f32]) {
        match head.grain {
            Grain::Fine => self.wish(head.part, out),
            Grain::Broad => {
                let mut wish = vec![0.0; head.part.numbers()];
                self.wish(head.part, &mut wish);
                halve(&mut wish, head.part.shape(), out);
            }
        }
    }

    fn draw(&mut self, motion: &Motion, teacher: &mut Teacher) {
        self.input = input(&teacher.bounded(motion));
        for (part, wish) in Part::ALL.into_iter().zip(&mut self.parts) {
            let drawn = teacher.change(motion, part);
            let channels = part.shape()[2];
            for (index, (wish, value)) in wish.iter_mut().zip(drawn).enumerate() {
                *wish = f16::from_f32(value * unit(part, index % channels));
            }
        }
    }
}

/// What the network is told of a motion that the head can make, as numbers.
pub fn input(motion: &Motion) -> [f32; INPUTS] {
    let mut row = [0; INPUTS];
    inputs::write(motion, &mut row);
    row.map(|number| f32::from(number) / (1u32 << INPUT_BITS) as f32)
}

/// Examples in groups; see [`TRIPLE`].
#[derive(Debug)]
pub struct Examples {
    list: Vec<Example>,
    oldest: usize,
}

/// Groups that are renewed together: one of them a triple.
pub const BLOCK: usize = RARELY - 1 + TRIPLE;

/// How many groups so many blocks have.
pub fn groups_in(blocks: usize) -> usize {
    blocks * RARELY
}

/// Where the examples of a group are, blocks after one another.
pub fn group(index: usize) -> Range<usize> {
    let start = index / RARELY * BLOCK;
    match index % RARELY {
        0 => start..start + TRIPLE,
        single => start + TRIPLE + single - 1..start + TRIPLE + single,
    }
}

impl Examples {
    /// Draws about `count` examples. `recorded` motions of visitors, if any, make up a third.
    pub fn new(
        count: usize,
        teachers: &mut [Teacher],
        recorded: &[Motion],
        random: &mut Random,
    ) -> Examples {
        let blocks = count.div_ceil(BLOCK);
        let mut examples = Examples {
            list: vec![Example::empty(); BLOCK * blocks],
            oldest: 0,
        };
        examples.renew(BLOCK * blocks, teachers, recorded, random);
        examples
    }

    /// All of them.
    pub fn list(&self) -> &[Example] {
        &self.list
    }

    /// The groups.
    pub fn groups(&self) -> Vec<&[Example]> {
        (0..groups_in(self.list.len() / BLOCK))
            .map(|index| &self.list[group(index)])
            .collect()
    }

    /// Replaces the oldest examples, about `count`, by new ones; says where these are.
    pub fn renew(
        &mut self,
        count: usize,
        teachers: &mut [Teacher],
        recorded: &[Motion],
        random: &mut Random,
    ) -> Vec<usize> {
        let blocks = count.div_ceil(BLOCK).min(self.list.len() / BLOCK);
        let mut wanted = Vec::with_capacity(BLOCK * blocks);
        for _ in 0..blocks {
            let [from, to] = [one(recorded, random), one(recorded, random)];
            wanted.extend(motions::passing(random, &from, &to));
            wanted.extend((1..RARELY).map(|_| one(recorded, random)));
        }
        let total = self.list.len();
        let start = self.oldest;
        self.oldest = (start + wanted.len()) % total;
        self.list.rotate_left(start);
        let share = wanted.len().div_ceil(teachers.len().max(1)).max(1);
        let room = self.list.chunks_mut(share).zip(wanted.chunks(share));
        room.zip(teachers)
            .par_bridge()
            .for_each(|((room, motions), teacher)| {
                for (example, motion) in room.iter_mut().zip(motions) {
                    example.draw(motion, teacher);
                }
            });
        self.list.rotate_right(start);
        (0..wanted.len()).map(|at| (start + at) % total).collect()
    }
}

/// A motion: recorded, lively or extreme, a third each; at times nearly at rest.
fn one(recorded: &[Motion], random: &mut Random) -> Motion {
    let motion = match random.below(6) {
        0 | 1 if !recorded.is_empty() => recorded[random.below(recorded.len())],
        0..=3 => motions::lively(random),
        _ => motions::extreme(random),
    };
    if random.happens(0.2) {
        let share = random.even();
        Motion::REST.between(&motion, Real::from_num(share * share))
    } else {
        motion
    }
}
