//! What a field does, as few numbers: the principal components of what the teacher draws.
//!
//! A field of 8192 numbers follows from a motion of sixty, and nearly all it does are sums of a
//! hundred pictures or so. Learned as coordinates in these, a step costs a tenth, and every
//! direction of the output is learned at its own pace.
//!
//! Components are those of the field weighed as the loss weighs it on average, so that the squares
//! of coordinates' errors are the composed picture's error. Found by orthogonal iteration (Golub and
//! Van Loan, "Matrix Computations", 8.2.4).

use crate::chain::gemm::{View, multiply};
use crate::examples::Example;
use crate::loss::{Loss, Weights};
use crate::random::Random;
use sfumato_generator::network::Part;

/// How many there are. On the Mona Lisa 96 can say all but 1 part in 2300 of the squares, these all but
/// 1 in 4600; the network behind them misses 1 in 1000.
pub const COMPONENTS: usize = 320;

/// Examples from which components are found, at most.
const ASKED: usize = 3000;

/// Iterations; what is large is found after a few.
const ITERATIONS: usize = 8;

/// The size of all coordinates together, root mean square: what Adam's steps suit.
const SIZE: f32 = 10.0;

const PART: Part = Part::Field;

/// Numbers of a row of a field.
const ROW: usize = PART.shape()[1] * PART.shape()[2];

/// The components of one painting's field.
#[derive(Clone, Debug)]
pub struct Components {
    /// A row for each: times a field, its coordinate.
    rows: Vec<f32>,
    /// A field for each: what a coordinate of one adds.
    fields: Vec<f32>,
    /// Coordinates' squares in those of full intensity times area.
    square: f64,
}

impl Components {
    /// Finds those of what the teacher drew for `examples`.
    pub fn of(examples: &[Example], loss: &Loss) -> Components {
        let (length, nodes) = (PART.numbers(), PART.numbers() / 2);
        let examples = &examples[..examples.len().min(ASKED)];
        let mut fields = vec![0.0; examples.len() * length];
        let mut weights = vec![[0.0f32; 7]; nodes];
        let mut own: Vec<Weights> = weights.clone();
        for (example, field) in examples.iter().zip(fields.chunks_exact_mut(length)) {
            example.wish(PART, field);
            loss.weights(PART, field, &mut own);
            for (sum, own) in weights.iter_mut().zip(&own) {
                for (sum, own) in sum.iter_mut().zip(own) {
                    *sum += own / examples.len() as f32;
                }
            }
        }
        let roots: Vec<[f32; 3]> = weights.iter().map(root).collect();
        for field in fields.chunks_exact_mut(length) {
            for (node, &[a, b, c]) in field.as_chunks_mut::<2>().0.iter_mut().zip(&roots) {
                *node = [a * node[0] + b * node[1], c * node[1]];
            }
        }
        let energy = fields.iter().map(|n| f64::from(n * n)).sum::<f64>() / examples.len() as f64;
        let scale = SIZE / (energy.max(1e-30) as f32).sqrt();
        let mut rows = principal(&fields, examples.len());
        drop(fields);
        let mut fields = rows.clone();
        for (row, field) in rows
            .chunks_exact_mut(length)
            .zip(fields.chunks_exact_mut(length))
        {
            let nodes = row.as_chunks_mut::<2>().0.iter_mut();
            for ((ask, say), &[a, b, c]) in nodes.zip(field.as_chunks_mut::<2>().0).zip(&roots) {
                let [first, second] = *ask;
                *ask = [scale * a * first, scale * (b * first + c * second)];
                let second = second / c;
                *say = [(first - b * second) / (a * scale), second / scale];
            }
        }
        Components {
            rows,
            fields,
            square: f64::from(scale).powi(-2),
        }
    }

    /// The error or size that coordinates' squares add up to, full intensity times area.
    pub fn error(&self, squares: f64) -> f64 {
        self.square * squares
    }

    /// The coordinates of `count` fields, one after the other.
    pub fn coordinates(&self, fields: &[f32], count: usize) -> Vec<f32> {
        let length = PART.numbers();
        let mut out = vec![0.0; count * COMPONENTS];
        multiply(
            [count, length, COMPONENTS],
            View::rows(fields, length),
            View::rows(&self.rows, length).transposed(),
            &mut out,
            true,
        );
        out
    }

    /// The fields of `count` sets of coordinates, written to `out`.
    pub fn fields(&self, coordinates: &[f32], count: usize, out: &mut [f32]) {
        let length = PART.numbers();
        multiply(
            [count, COMPONENTS, length],
            View::rows(coordinates, COMPONENTS),
            View::rows(&self.fields, length),
            out,
            true,
        );
    }

    /// Row `row` of the fields of some coordinates, written to `out`.
    pub fn row(&self, row: usize, coordinates: &[f32], out: &mut [f32]) {
        multiply(
            [coordinates.len() / COMPONENTS, COMPONENTS, ROW],
            View::rows(coordinates, COMPONENTS),
            self.row_of_fields(row),
            out,
            true,
        );
    }

    /// Adds to `out` the slopes of an error by coordinates, given those by row `row` of the fields.
    pub fn slopes(&self, row: usize, slopes: &[f32], out: &mut [f32]) {
        multiply(
            [slopes.len() / ROW, ROW, COMPONENTS],
            View::rows(slopes, ROW),
            self.row_of_fields(row).transposed(),
            out,
            false,
        );
    }

    fn row_of_fields(&self, row: usize) -> View<'_> {
        View::rows(&self.fields[row * ROW..], PART.numbers())
    }
}

/// The upper triangular root of a node's form: squares of its rows times a flow add up to it.
fn root(weights: &Weights) -> [f32; 3] {
    let [xx, xy, yy] = [weights[0], weights[1], weights[2]];
    let a = xx.max(1e-30).sqrt();
    let b = xy / a;
    [a, b, (yy - b * b).max(1e-30).sqrt()]
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

/// Gram and Schmidt, modified, from the first row on. Rows that are none become none.
fn orthonormal(rows: &mut [f32], length: usize) {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
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
