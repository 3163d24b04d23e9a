//! What a node of an ONNX file says.

use super::Unsupported;
use std::collections::HashMap;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto};
use tract_onnx::pb::{tensor_shape_proto::dimension, type_proto};

/// A graph's fixed tensors by name.
pub(crate) struct Fixed<'a>(HashMap<&'a str, &'a TensorProto>);

impl<'a> Fixed<'a> {
    pub fn of(graph: &'a GraphProto) -> Fixed<'a> {
        let named = graph.initializer.iter();
        Fixed(named.map(|tensor| (tensor.name.as_str(), tensor)).collect())
    }

    pub fn is(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn get(&self, node: &NodeProto, index: usize) -> Result<&'a TensorProto, Unsupported> {
        let name = node.input.get(index).map_or("", String::as_str);
        let tensor = self.0.get(name).copied();
        tensor.ok_or_else(|| unsupported(node, "an input that is not fixed"))
    }

    /// Floats that a node's input `index` names, and their shape.
    pub fn floats(
        &self,
        node: &NodeProto,
        index: usize,
    ) -> Result<(Vec<f32>, Vec<usize>), Unsupported> {
        let tensor = self.get(node, index)?;
        if tensor.data_type != DataType::Float as i32 {
            return Err(unsupported(node, "numbers that are not 32-bit floats"));
        }
        let values = if tensor.raw_data.is_empty() {
            tensor.float_data.clone()
        } else {
            let (numbers, _) = tensor.raw_data.as_chunks::<4>();
            numbers
                .iter()
                .map(|bytes| f32::from_le_bytes(*bytes))
                .collect()
        };
        let shape = sizes(&tensor.dims).ok_or_else(|| unsupported(node, "a size below 0"))?;
        if shape
            .iter()
            .try_fold(1_usize, |all, size| all.checked_mul(*size))
            != Some(values.len())
        {
            return Err(unsupported(node, "weights that are not all there"));
        }
        Ok((values, shape))
    }

    /// Whole numbers that a node's input `index` names.
    pub fn integers(&self, node: &NodeProto, index: usize) -> Result<Vec<i64>, Unsupported> {
        let tensor = self.get(node, index)?;
        if tensor.data_type != DataType::Int64 as i32 {
            return Err(unsupported(node, "numbers that are not 64-bit integers"));
        }
        if tensor.raw_data.is_empty() {
            return Ok(tensor.int64_data.clone());
        }
        let (numbers, _) = tensor.raw_data.as_chunks::<8>();
        Ok(numbers
            .iter()
            .map(|bytes| i64::from_le_bytes(*bytes))
            .collect())
    }
}

/// The shape of an input or output, if it is fixed.
pub(crate) fn shape(value: &ValueInfoProto) -> Option<Vec<usize>> {
    let type_proto::Value::TensorType(tensor) = value.r#type.as_ref()?.value.as_ref()?;
    let sizes = tensor.shape.as_ref()?.dim.iter();
    sizes
        .map(|size| match size.value.as_ref()? {
            dimension::Value::DimValue(size) => usize::try_from(*size).ok(),
            dimension::Value::DimParam(_) => None,
        })
        .collect()
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute
        .iter()
        .find(|attribute| attribute.name == name)
}

/// A whole number that a node states.
pub(crate) fn integer(node: &NodeProto, name: &str) -> Option<i64> {
    attribute(node, name).map(|attribute| attribute.i)
}

/// A word that a node states.
pub(crate) fn text<'a>(node: &'a NodeProto, name: &str) -> Option<&'a [u8]> {
    attribute(node, name).map(|attribute| attribute.s.as_slice())
}

/// Sizes that a node states.
pub(crate) fn list(node: &NodeProto, name: &str) -> Result<Option<Vec<usize>>, Unsupported> {
    match attribute(node, name) {
        None => Ok(None),
        Some(attribute) => sizes(&attribute.ints)
            .map(Some)
            .ok_or_else(|| unsupported(node, "a size below 0")),
    }
}

fn sizes(numbers: &[i64]) -> Option<Vec<usize>> {
    numbers
        .iter()
        .map(|number| usize::try_from(*number).ok())
        .collect()
}

/// What is not supported, and where.
pub(crate) fn unsupported(node: &NodeProto, what: &str) -> Unsupported {
    let result = node.output.first().map_or("", String::as_str);
    Unsupported(format!("{} `{result}`: {what}", node.op_type))
}
