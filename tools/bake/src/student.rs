//! The student: what has been learned so far, in floating point, as a generator.

use crate::branch::Branch;
use crate::chain::forward::Run;
use crate::examples::{input, unit};
use crate::learner::{Learner, add_said};
use sfumato_core::drawing::{Drawing, amount};
use sfumato_core::motion::Motion;
use sfumato_generator::network::learned::Room;
use sfumato_generator::network::{PARTS, Part, learned};
use sfumato_generator::{Generator, GeneratorError, Rig};

/// Draws as a network with these parameters would, without rounding anything.
#[derive(Debug)]
pub struct Student {
    rig: Rig,
    rest: Box<Drawing>,
    branches: Vec<(Branch, Run)>,
    at_rest: [Vec<i32>; PARTS],
    room: Room,
}

impl Student {
    /// What `learners` have learned, in the order of [`Part::ALL`].
    pub fn new(learners: &[Learner], mut rig: Rig) -> Result<Student, GeneratorError> {
        let rest = rig.at_rest();
        let branches = learners.iter().flat_map(|learner| &learner.branches);
        let with_room = |branch: &Branch| {
            let mut branch = branch.copy();
            branch.steps = None;
            let run = Run::new(&branch.chain, 1);
            (branch, run)
        };
        let mut student = Student {
            rig,
            rest,
            branches: branches.map(with_room).collect(),
            at_rest: Default::default(),
            room: Room::default(),
        };
        student.at_rest = student.ask(&Motion::REST);
        Ok(student)
    }

    /// What is said of each part, as amounts' bits.
    fn ask(&mut self, motion: &Motion) -> [Vec<i32>; PARTS] {
        let input = input(&self.rig.bounded(motion));
        let mut parts = Part::ALL.map(|part| vec![0.0; part.numbers()]);
        for (branch, run) in &mut self.branches {
            let input = branch.reads(&input);
            branch.chain.forward(&branch.parameters, None, &input, run);
            let part = &mut parts[branch.head.part as usize];
            let mut said = vec![0.0; part.len()];
            add_said(branch, run, 0, &mut said, part);
        }
        Part::ALL.map(|part| {
            let channels = part.shape()[2];
            let said = parts[part as usize].iter().enumerate();
            said.map(|(index, said)| amount(said / unit(part, index % channels)).to_bits())
                .collect()
        })
    }
}

impl Generator for Student {
    fn generate(&mut self, motion: &Motion, drawing: &mut Drawing) -> Result<(), GeneratorError> {
        let mut parts = self.ask(motion);
        for part in Part::ALL {
            let at_rest = &self.at_rest[part as usize];
            learned::less_rest(part, &self.rest, at_rest, &mut parts[part as usize]);
        }
        let fixed = self.rig.fixed(motion);
        learned::write(
            parts.each_ref().map(Vec::as_slice),
            &self.rest,
            (&fixed, self.rig.palette()),
            &mut self.room,
            drawing,
        );
        self.rig.complete(motion, &mut drawing.field);
        Ok(())
    }

    fn name(&self) -> &'static str {
        "network in floating point"
    }
}
