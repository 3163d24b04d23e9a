//! The fixed tensors of a file, by name.

use crate::onnx::{DataType, TensorProto};
use std::collections::HashMap;

/// Initializers. Weights are taken out once; single numbers may serve several nodes.
pub struct Constants(HashMap<String, TensorProto>);

impl Constants {
    pub fn new(tensors: Vec<TensorProto>) -> Result<Constants, String> {
        let mut named = HashMap::with_capacity(tensors.len());
        for tensor in tensors {
            if tensor.data_location.unwrap_or(0) != 0 || !tensor.external_data.is_empty() {
                return Err(format!("{} lies in another file", tensor.name));
            }
            if let Some(twice) = named.insert(tensor.name.clone(), tensor) {
                return Err(format!("{} is there twice", twice.name));
            }
        }
        Ok(Constants(named))
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The type of a tensor that is there.
    pub fn kind(&self, name: &str) -> Option<i32> {
        self.0.get(name).map(|tensor| tensor.data_type)
    }

    /// One 32-bit float.
    pub fn scalar(&self, name: &str) -> Result<f32, String> {
        let bytes = self.borrow(name, DataType::Float)?;
        match bytes.as_chunks().0 {
            &[value] => Ok(f32::from_le_bytes(value)),
            other => Err(format!("{name} holds {} numbers, not one", other.len())),
        }
    }

    /// One byte.
    pub fn byte(&self, name: &str) -> Result<u8, String> {
        match self.borrow(name, DataType::Uint8)? {
            &[value] => Ok(value),
            other => Err(format!("{name} holds {} numbers, not one", other.len())),
        }
    }

    /// All bits of a tensor of this type are 0, as a zero point of signed numbers has them.
    pub fn zeros(&self, name: &str, kind: DataType) -> Result<usize, String> {
        let bytes = self.borrow(name, kind)?;
        if bytes.iter().all(|&byte| byte == 0) {
            Ok(bytes.len())
        } else {
            Err(format!("{name} is not zero"))
        }
    }

    /// A list of 32-bit floats.
    pub fn floats(&self, name: &str) -> Result<Vec<f32>, String> {
        let bytes = self.borrow(name, DataType::Float)?;
        Ok(bytes
            .as_chunks()
            .0
            .iter()
            .map(|&b| f32::from_le_bytes(b))
            .collect())
    }

    /// A list of 64-bit integers.
    pub fn sizes(&self, name: &str) -> Result<Vec<i64>, String> {
        let bytes = self.borrow(name, DataType::Int64)?;
        Ok(bytes
            .as_chunks()
            .0
            .iter()
            .map(|&b| i64::from_le_bytes(b))
            .collect())
    }

    /// Takes signed bytes out, with their dimensions.
    pub fn take_weights(&mut self, name: &str) -> Result<(Vec<i8>, Vec<i64>), String> {
        self.borrow(name, DataType::Int8)?;
        let tensor = self.0.remove(name).unwrap_or_default();
        let values = tensor.raw_data.iter().map(|&byte| byte as i8).collect();
        Ok((values, tensor.dims))
    }

    /// Takes 32-bit integers out.
    pub fn take_bias(&mut self, name: &str) -> Result<Vec<i32>, String> {
        self.borrow(name, DataType::Int32)?;
        let tensor = self.0.remove(name).unwrap_or_default();
        let (chunks, _) = tensor.raw_data.as_chunks();
        Ok(chunks.iter().map(|&b| i32::from_le_bytes(b)).collect())
    }

    /// The raw bytes of a tensor of this type, as many as its dimensions say.
    fn borrow(&self, name: &str, kind: DataType) -> Result<&[u8], String> {
        let Some(tensor) = self.0.get(name) else {
            return Err(format!("{name} is missing, or used twice"));
        };
        if tensor.data_type != kind as i32 {
            return Err(format!("{name} is not {}", kind.as_str_name()));
        }
        let size = match kind {
            DataType::Uint8 | DataType::Int8 => 1,
            DataType::Int16 => 2,
            DataType::Int64 => 8,
            _ => 4,
        };
        let needed = tensor.dims.iter().try_fold(size, |product: usize, &side| {
            product.checked_mul(usize::try_from(side).ok()?)
        });
        if needed != Some(tensor.raw_data.len()) {
            return Err(format!("{name} has another length than its sizes say"));
        }
        Ok(&tensor.raw_data)
    }
}
