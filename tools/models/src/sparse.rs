//! Sparse weights: filling in the zeros.
//!
//! TensorFlow Lite stores a sparse tensor as a tree: one level for each axis, in an order of its
//! own (`traversal_order`). A *dense* level has a branch for every index. A *sparse* level
//! has branches for some: those of parent `p` are `indices[segments[p]..segments[p + 1]]`. The
//! leaves are the stored values, in order. Block-sparse tensors (`block_map`) have further levels
//! inside; the face models have none, so they are refused.

use crate::ModelsError;
use crate::tflite::MOST_VALUES;
use crate::tflite_generated::tflite as schema;

enum Level {
    Dense(usize),
    Sparse {
        segments: Vec<usize>,
        indices: Vec<usize>,
    },
}

/// The full tensor of `shape`, in row-major order, from the stored values.
pub(crate) fn densify(
    shape: &[usize],
    stored: &[f32],
    sparsity: schema::SparsityParameters<'_>,
) -> Result<Vec<f32>, ModelsError> {
    if sparsity.block_map().is_some_and(|map| !map.is_empty()) {
        return Err(ModelsError::format("block-sparse weights"));
    }
    let mut order = Vec::new();
    for axis in sparsity.traversal_order().unwrap_or_default() {
        order.push(usize::try_from(axis).unwrap_or(usize::MAX));
    }
    let mut levels = Vec::new();
    for level in sparsity.dim_metadata().unwrap_or_default() {
        levels.push(read_level(level)?);
    }
    expand(shape, stored, &order, &levels)
}

fn expand(
    shape: &[usize],
    stored: &[f32],
    order: &[usize],
    levels: &[Level],
) -> Result<Vec<f32>, ModelsError> {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..shape.len()) || levels.len() != shape.len() {
        return Err(ModelsError::format("sparse weights with odd levels"));
    }
    // Row-major distance from one index of an axis to the next.
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    // The nodes of a level, in order: the place in the dense tensor that each stands for.
    let mut nodes = vec![0usize];
    for (level, &axis) in levels.iter().zip(order) {
        let (size, stride) = (shape[axis], strides[axis]);
        let mut next = Vec::new();
        match level {
            Level::Dense(dense) => {
                if *dense != size {
                    return Err(ModelsError::format("sparse weights of another size"));
                }
                bounded(nodes.len().saturating_mul(size))?;
                for node in &nodes {
                    next.extend((0..size).map(|index| node + index * stride));
                }
            }
            Level::Sparse { segments, indices } => {
                if segments.len() != nodes.len() + 1 {
                    return Err(ModelsError::format("sparse weights with odd segments"));
                }
                for (node, segment) in nodes.iter().zip(segments.windows(2)) {
                    let branch = indices
                        .get(segment[0]..segment[1])
                        .ok_or_else(|| ModelsError::format("sparse weights with odd indices"))?;
                    bounded(next.len() + branch.len())?;
                    for &index in branch {
                        if index >= size {
                            return Err(ModelsError::format("sparse weights outside their shape"));
                        }
                        next.push(node + index * stride);
                    }
                }
            }
        }
        nodes = next;
    }
    // Writers may round the buffer up to whole words.
    if stored.len() < nodes.len() {
        return Err(ModelsError::format("sparse weights without values"));
    }
    let mut dense = vec![0.0; shape.iter().product()];
    for (node, value) in nodes.iter().zip(stored) {
        dense[*node] = *value;
    }
    Ok(dense)
}

/// Refuses a tree that would outgrow memory before it grows.
fn bounded(nodes: usize) -> Result<(), ModelsError> {
    if nodes > MOST_VALUES {
        return Err(ModelsError::format("sparse weights beyond all bounds"));
    }
    Ok(())
}

fn read_level(level: schema::DimensionMetadata<'_>) -> Result<Level, ModelsError> {
    match level.format() {
        schema::DimensionType::DENSE => Ok(Level::Dense(
            usize::try_from(level.dense_size()).unwrap_or(usize::MAX),
        )),
        schema::DimensionType::SPARSE_CSR => Ok(Level::Sparse {
            segments: read_vector(
                level
                    .array_segments_as_int_32_vector()
                    .and_then(|v| v.values()),
                level
                    .array_segments_as_uint_16_vector()
                    .and_then(|v| v.values()),
                level
                    .array_segments_as_uint_8_vector()
                    .and_then(|v| v.values()),
            ),
            indices: read_vector(
                level
                    .array_indices_as_int_32_vector()
                    .and_then(|v| v.values()),
                level
                    .array_indices_as_uint_16_vector()
                    .and_then(|v| v.values()),
                level
                    .array_indices_as_uint_8_vector()
                    .and_then(|v| v.values()),
            ),
        }),
        other => Err(ModelsError::format(format!("sparse level {other:?}"))),
    }
}

/// The same list in one of three widths; empty if it is in none.
fn read_vector(
    words: Option<flatbuffers::Vector<'_, i32>>,
    halves: Option<flatbuffers::Vector<'_, u16>>,
    bytes: Option<flatbuffers::Vector<'_, u8>>,
) -> Vec<usize> {
    if let Some(words) = words {
        return words
            .iter()
            .map(|value| usize::try_from(value).unwrap_or(usize::MAX))
            .collect();
    }
    if let Some(halves) = halves {
        return halves.iter().map(usize::from).collect();
    }
    bytes
        .map(|bytes| bytes.iter().map(usize::from).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Stores the non-zero values of a matrix row by row, as a writer would.
    fn compress(rows: usize, columns: usize, dense: &[f32]) -> (Vec<Level>, Vec<f32>) {
        let (mut segments, mut indices, mut stored) = (vec![0], Vec::new(), Vec::new());
        for row in 0..rows {
            for column in 0..columns {
                let value = dense[row * columns + column];
                if value != 0.0 {
                    indices.push(column);
                    stored.push(value);
                }
            }
            segments.push(indices.len());
        }
        (
            vec![Level::Dense(rows), Level::Sparse { segments, indices }],
            stored,
        )
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(
            rows in 1usize..9,
            columns in 1usize..9,
            seed in proptest::collection::vec(prop_oneof![Just(0.0f32), -9.0f32..9.0], 81),
        ) {
            let dense = &seed[..rows * columns];
            let (levels, stored) = compress(rows, columns, dense);
            prop_assert_eq!(expand(&[rows, columns], &stored, &[0, 1], &levels).unwrap(), dense);
        }

        #[test]
        fn damage_gives_errors(
            segments in proptest::collection::vec(0usize..40, 0..8),
            indices in proptest::collection::vec(0usize..40, 0..8),
            order in proptest::collection::vec(0usize..3, 0..4),
            stored in 0usize..8,
        ) {
            let levels = [Level::Dense(4), Level::Sparse { segments, indices }];
            if let Ok(dense) = expand(&[4, 5], &vec![1.0; stored], &order, &levels) {
                prop_assert_eq!(dense.len(), 20);
            }
        }
    }

    #[test]
    fn columns_first() {
        let levels = [
            Level::Dense(3),
            Level::Sparse {
                segments: vec![0, 1, 1, 3],
                indices: vec![1, 0, 1],
            },
        ];
        let dense = expand(&[2, 3], &[1.0, 2.0, 3.0], &[1, 0], &levels).unwrap();
        assert_eq!(dense, [0.0, 0.0, 2.0, 1.0, 0.0, 3.0]);
    }
}
