//! The learner of a head that is a polynomial of the head's angles: least squares, at once.
//!
//! The powers are inputs of the network already; a head that reads nothing else is one connected layer, and which
//! weights are best follows from mean products of what examples say. Nothing has to be searched for, and
//! every further example makes them better.

use crate::branch::Branch;
use crate::chain::gemm::{View, multiply};
use crate::examples::Example;
use crate::moments::Moments;
use crate::quantise::LARGEST;
use crate::whole::whole;
use sfumato_generator::network::Head;
use sfumato_generator::network::inputs::TURN_INPUTS;

/// Part of the inputs' mean square that is added to each: powers are nearly alike.
const DAMPING: f64 = 1e-8;

/// Examples that are taken in at a time.
const AT_ONCE: usize = 64;

/// What examples say of a head, as sums of products.
#[derive(Debug)]
pub struct Polynomial {
    head: Head,
    moments: Moments,
    /// Sums of an input times a number of the head, input by number.
    products: Vec<f64>,
    room: Vec<f32>,
}

impl Polynomial {
    /// Of a head; nothing seen yet.
    pub fn new(head: Head) -> Polynomial {
        Polynomial {
            head,
            moments: Moments::new(TURN_INPUTS),
            products: vec![0.0; TURN_INPUTS * head.numbers()],
            room: vec![0.0; TURN_INPUTS * head.numbers()],
        }
    }

    /// Whose it is.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Takes in more examples.
    pub fn add(&mut self, examples: &[&Example]) {
        let numbers = self.head.numbers();
        let (mut inputs, mut said) = (Vec::new(), Vec::new());
        for examples in examples.chunks(AT_ONCE) {
            inputs.clear();
            said.resize(examples.len() * numbers, 0.0);
            for (example, said) in examples.iter().zip(said.chunks_exact_mut(numbers)) {
                inputs.extend_from_slice(&example.input[..TURN_INPUTS]);
                example.said(self.head, said);
            }
            self.moments.add(&inputs);
            multiply(
                [TURN_INPUTS, examples.len(), numbers],
                View::rows(&inputs, TURN_INPUTS).transposed(),
                View::rows(&said, numbers),
                &mut self.room,
                true,
            );
            for (sum, product) in self.products.iter_mut().zip(&self.room) {
                *sum += f64::from(*product);
            }
        }
    }

    /// Gives `branch` the best weights; whole ones if it is to run so. Nothing is said at rest.
    pub fn fold(&self, branch: &mut Branch) {
        let mut weights = self.moments.nearest(DAMPING, self.products.clone());
        if branch.steps.is_some() {
            whole(&self.moments, LARGEST, &mut weights, self.head.numbers());
        }
        let (own, bias) = branch.parameters.split_at_mut(weights.len());
        own.copy_from_slice(&weights);
        bias.fill(0.0);
    }
}
