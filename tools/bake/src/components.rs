//! What a head says, as few numbers: the principal components of what the teacher draws.
//!
//! The skin's flow has 8192 numbers and follows from sixty of a motion; nearly all that it does are sums of a
//! hundred pictures or so. A mouth in broad strokes likewise. Learned as coordinates in these, a step costs a tenth, and every
//! direction of the output is learned at its own pace.
//!
//! Components are those of the picture weighed as the loss weighs it on average, so that the squares
//! of coordinates' errors are the composed picture's error. Found by orthogonal iteration (Golub and
//! Van Loan, "Matrix Computations", 8.2.4).

use crate::chain::gemm::{View, multiply};
use crate::examples::Example;
use crate::loss::{Loss, Weights};
use crate::random::Random;
use rayon::prelude::*;
use sfumato_generator::network::Head;

/// How many there are. Of the Mona Lisa's field 96 can say all but 1 part in 2300 of the squares, these all but
/// 1 in 4600; the network behind them misses 1 in 1000.
pub const COMPONENTS: usize = 320;

/// Examples from which components are found, at most.
const ASKED: usize = 2400;

/// Iterations; what is large is found after a few.
const ITERATIONS: usize = 4;

/// The size of all coordinates together, root mean square: what Adam's steps suit.
const SIZE: f32 = 10.0;

/// The components of one head of one painting.
#[derive(Clone, Debug)]
pub struct Components {
    head: Head,
    /// A row for each: times a picture, its coordinate.
    rows: Vec<f32>,
    /// A picture for each: what a coordinate of one adds.
    pictures: Vec<f32>,
    /// Coordinates' squares in those of full intensity times area.
    square: f64,
}

impl Components {
    /// Finds those of what `head` shall say for `examples`.
    pub fn of(head: Head, examples: &[Example], loss: &Loss) -> Components {
        let (length, channels) = (head.numbers(), head.shape()[2]);
        let examples: Vec<&Example> = examples.iter().take(ASKED).collect();
        let mut pictures = wishes(head, &examples);
        let mut weights: Vec<Weights> = vec![[0.0; 6]; length / channels];
        let mut own = weights.clone();
        for picture in pictures.chunks_exact(length) {
            loss.weights(head, picture, &mut own);
            for (sum, own) in weights.iter_mut().zip(&own) {
                for (sum, own) in sum.iter_mut().zip(own) {
                    *sum += own / examples.len() as f32;
                }
            }
        }
        let roots: Vec<Weights> = weights.iter().map(root).collect();
        for picture in pictures.chunks_exact_mut(length) {
            for (node, root) in picture.chunks_exact_mut(channels).zip(&roots) {
                node[0] = root[0] * node[0] + root[1] * node[1];
                for (number, root) in node[1..].iter_mut().zip(&root[2..]) {
                    *number *= root;
                }
            }
        }
        let energy = pictures.iter().map(|n| f64::from(n * n)).sum::<f64>() / examples.len() as f64;
        let scale = SIZE / (energy.max(1e-30) as f32).sqrt();
        let mut rows = principal(&pictures, examples.len());
        drop(pictures);
        let mut pictures = rows.clone();
        for (row, picture) in rows
            .chunks_exact_mut(length)
            .zip(pictures.chunks_exact_mut(length))
        {
            let nodes = row.chunks_exact_mut(channels);
            let nodes = nodes.zip(picture.chunks_exact_mut(channels)).zip(&roots);
            for ((ask, say), root) in nodes {
                for (channel, (ask, say)) in ask.iter_mut().zip(say.iter_mut()).enumerate().skip(1)
                {
                    let root = root[channel + 1];
                    (*ask, *say) = (scale * root * *ask, *say / (scale * root));
                }
                // The first two channels go together.
                let first = ask[0];
                ask[0] = scale * root[0] * first;
                ask[1] += scale * root[1] * first;
                say[0] = (say[0] / scale - root[1] * say[1]) / root[0];
            }
        }
        Components {
            head,
            rows,
            pictures,
            square: f64::from(scale).powi(-2),
        }
    }

    /// Whose they are.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The error or size that coordinates' squares add up to, full intensity times area.
    pub fn error(&self, squares: f64) -> f64 {
        self.square * squares
    }

    /// The coordinates of what the head shall say for some examples.
    pub fn wished(&self, examples: &[&Example]) -> Vec<f32> {
        self.coordinates(&wishes(self.head, examples), examples.len())
    }

    /// The coordinates of `count` pictures, one after the other.
    pub fn coordinates(&self, pictures: &[f32], count: usize) -> Vec<f32> {
        let length = self.head.numbers();
        let mut out = vec![0.0; count * COMPONENTS];
        multiply(
            [count, length, COMPONENTS],
            View::rows(pictures, length),
            View::rows(&self.rows, length).transposed(),
            &mut out,
            true,
        );
        out
    }

    /// The pictures of `count` sets of coordinates, written to `out`.
    pub fn pictures(&self, coordinates: &[f32], count: usize, out: &mut [f32]) {
        let length = self.head.numbers();
        multiply(
            [count, COMPONENTS, length],
            View::rows(coordinates, COMPONENTS),
            View::rows(&self.pictures, length),
            out,
            true,
        );
    }

    /// Row `row` of the pictures of some coordinates, written to `out`.
    pub fn row(&self, row: usize, coordinates: &[f32], out: &mut [f32]) {
        multiply(
            [
                coordinates.len() / COMPONENTS,
                COMPONENTS,
                self.row_length(),
            ],
            View::rows(coordinates, COMPONENTS),
            self.row_of_pictures(row),
            out,
            true,
        );
    }

    /// Adds to `out` the slopes of an error by coordinates, given those by row `row` of the pictures.
    pub fn slopes(&self, row: usize, slopes: &[f32], out: &mut [f32]) {
        let length = self.row_length();
        multiply(
            [slopes.len() / length, length, COMPONENTS],
            View::rows(slopes, length),
            self.row_of_pictures(row).transposed(),
            out,
            false,
        );
    }

    fn row_of_pictures(&self, row: usize) -> View<'_> {
        let start = row * self.row_length();
        View::rows(&self.pictures[start..], self.head.numbers())
    }

    fn row_length(&self) -> usize {
        let [_, columns, channels] = self.head.shape();
        columns * channels
    }
}

/// What a head shall say for some examples, one after the other.
fn wishes(head: Head, examples: &[&Example]) -> Vec<f32> {
    let mut pictures = vec![0.0; examples.len() * head.numbers()];
    examples
        .par_iter()
        .zip(pictures.par_chunks_exact_mut(head.numbers()))
        .for_each(|(example, picture)| example.said(head, picture));
    pictures
}

/// The root of a node's form: the first two numbers are the upper row of a triangle for the flow, then one
/// for each further channel, the flow's second among them.
///
/// The squares of (a x + b y, c y) add up to the form of a flow (x, y).
fn root(weights: &Weights) -> Weights {
    let [xx, xy, yy, rest @ ..] = *weights;
    let a = xx.max(1e-30).sqrt();
    let b = xy / a;
    let c = (yy - b * b).max(1e-30).sqrt();
    let [p, q, r] = rest.map(|weight| weight.max(1e-30).sqrt());
    [a, b, c, p, q, r]
}

/// The principal directions of `count` rows, the largest first, each of length 1.
fn principal(rows: &[f32], count: usize) -> Vec<f32> {
    let length = rows.len() / count.max(1);
    let mut random = Random::new(160);
    let mut found: Vec<f32> = (0..COMPONENTS * length).map(|_| random.normal()).collect();
    let mut shares = vec![0.0; count * COMPONENTS];
    let all = View::rows(rows, length);
    for _ in 0..ITERATIONS {
        orthonormal(&mut found, length);
        let directions = View::rows(&found, length).transposed();
        multiply(
            [count, length, COMPONENTS],
            all,
            directions,
            &mut shares,
            true,
        );
        let shares = View::rows(&shares, COMPONENTS).transposed();
        multiply([COMPONENTS, count, length], shares, all, &mut found, true);
    }
    orthonormal(&mut found, length);
    found
}

/// A sum in sixteen parts, so that it is computed in vectors.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    let mut sums = [0.0; 16];
    for (a, b) in a.0.iter().zip(b.0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest = a.1.iter().zip(b.1).map(|(a, b)| a * b);
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}

/// Gram and Schmidt, modified, from the first row on. Rows that are none become none.
fn orthonormal(rows: &mut [f32], length: usize) {
    for index in 0..rows.len() / length {
        let (before, rest) = rows.split_at_mut(index * length);
        let row = &mut rest[..length];
        let whole = dot(row, row).sqrt();
        // Twice is enough (Kahan, in Parlett 1980), and once is not where little is left of a row.
        for _ in 0..2 {
            for other in before.chunks_exact(length) {
                let share = dot(row, other);
                for (number, other) in row.iter_mut().zip(other) {
                    *number -= share * other;
                }
            }
        }
        let size = dot(row, row).sqrt();
        // What is left of a row within the others is noise.
        let factor = if size > 1e-5 * whole { 1.0 / size } else { 0.0 };
        for number in row {
            *number *= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principal_directions_come_in_order_and_stand_upright() {
        // Three directions of sizes 9, 4 and 1 in a space of 200, each by itself.
        let (count, length) = (300, 200);
        let mut random = Random::new(3);
        let mut rows = vec![0.0; count * length];
        for row in rows.chunks_exact_mut(length) {
            for (at, size) in [(17, 9.0), (90, 4.0), (3, 1.0)] {
                row[at] = size * random.normal();
            }
        }
        let found = principal(&rows, count);
        for (index, at) in [17, 90, 3].into_iter().enumerate() {
            let row = &found[index * length..(index + 1) * length];
            assert!(row[at].abs() > 0.98, "{index}: {}", row[at]);
        }
        // There is nothing else.
        assert!(
            found[3 * length..]
                .iter()
                .all(|n| n.abs() < 1e-3 || *n == 0.0)
        );
    }
}
