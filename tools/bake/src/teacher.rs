//! The teacher: the rig of the painting, asked for what a network shall learn.

use sfumato_core::drawing::Drawing;
use sfumato_core::motion::Motion;
use sfumato_generator::network::turning::Grid;
use sfumato_generator::network::{PARTS, Part, learned};
use sfumato_generator::rig::model::Model;
use sfumato_generator::{Generator, Rig};

/// A rig with its drawing at rest. Large and slow: one for each thread.
#[derive(Debug)]
pub struct Teacher {
    rig: Rig,
    drawing: Box<Drawing>,
    /// What the head's turn alone does.
    turn: Grid,
    drawn: Option<Motion>,
    rest: [Vec<f32>; PARTS],
    values: Vec<f32>,
}

impl Teacher {
    /// A teacher of the painting with this rig.
    pub fn new(model: Model) -> Teacher {
        let mut rig = Rig::new(model);
        let (rest, fixed) = (rig.at_rest(), rig.fixed(&Motion::REST));
        let turn = Grid::new();
        Teacher {
            rest: Part::ALL.map(|part| {
                let mut values = vec![0.0; part.numbers()];
                learned::read(part, &rest, &turn, &fixed, &mut values);
                values
            }),
            rig,
            turn,
            drawing: rest,
            drawn: None,
            values: Vec::new(),
        }
    }

    /// The change from rest of a part, `part.numbers()` numbers as [`learned::read`] has them.
    pub fn change(&mut self, motion: &Motion, part: Part) -> &[f32] {
        if self.drawn != Some(*motion) {
            self.rig.turn(motion, &mut self.drawing.field);
            self.turn = Grid::of(&self.drawing.field);
            // A rig draws any motion; it has no way to fail.
            let _ = self.rig.generate(motion, &mut self.drawing);
            self.drawn = Some(*motion);
        }
        self.values.resize(part.numbers(), 0.0);
        let fixed = self.rig.fixed(motion);
        learned::read(part, &self.drawing, &self.turn, &fixed, &mut self.values);
        for (value, rest) in self.values.iter_mut().zip(&self.rest[part as usize]) {
            *value -= rest;
        }
        &self.values
    }

    /// The motion that this head can make of another.
    pub fn bounded(&self, motion: &Motion) -> Motion {
        self.rig.bounded(motion)
    }

    /// What counts as drawn at rest, part by part.
    pub fn rest(&self) -> &[Vec<f32>; PARTS] {
        &self.rest
    }
}
