//! A layer's weights and biases.

use super::Writer;
use crate::parts::int;
use crate::quantised::Dialect;
use sfumato_infer::onnx::DataType;
use sfumato_infer::quantised::{Layer, Weights};

impl Writer<'_> {
    /// Writes a layer's parameters; answers with the names of weights and bias in floats.
    pub(super) fn weights(
        &mut self,
        layer: &Layer,
        weights: &Weights,
        sizes: &[usize],
    ) -> Vec<String> {
        let outputs = weights.bias.len();
        let input = self.tensors[layer.input].scale;
        let steps: Vec<f32> = weights.scales.iter().map(|scale| scale * input).collect();
        let names = ["weights", "bias"].map(|what| self.named(layer, what));
        if self.dialect == Dialect::Integer {
            let bytes = weights.values.iter().map(|&value| value as u8).collect();
            let values = self.constant(&names[0], DataType::Int8, sizes, bytes);
            let scales = self.floats(&format!("{values}/scales"), &[outputs], &weights.scales);
            let zeros = format!("{values}/zeros");
            let zeros = self.constant(&zeros, DataType::Int8, &[outputs], vec![0; outputs]);
            let real = self.dequantised(&names[0], vec![values, scales, zeros]);
            let bytes = weights.bias.iter().flat_map(|v| v.to_le_bytes()).collect();
            let bias = self.constant(&names[1], DataType::Int32, &[outputs], bytes);
            let scales = self.floats(&format!("{bias}/scales"), &[outputs], &steps);
            return vec![real, self.dequantised(&names[1], vec![bias, scales])];
        }
        let terms = weights.terms();
        let scaled = weights.values.iter().enumerate();
        let scaled: Vec<f32> = scaled
            .map(|(at, &value)| f32::from(value) * weights.scales[at / terms])
            .collect();
        let bias = weights.bias.iter().zip(&steps);
        // The product of an integer of 32 bits and a step: exact but for its last bits.
        let bias: Vec<f32> = bias
            .map(|(&bias, &step)| (f64::from(bias) * f64::from(step)) as f32)
            .collect();
        let values = self.floats(&names[0], sizes, &scaled);
        let bias = self.floats(&names[1], &[outputs], &bias);
        // What reads the input itself stays in floats: there are no signed bytes of it.
        if self.dialect == Dialect::Float || layer.input == 0 {
            return vec![values, bias];
        }
        let scales = self.floats(&format!("{values}/scales"), &[outputs], &weights.scales);
        let zeros = format!("{values}/zeros");
        let zeros = self.constant(&zeros, DataType::Int8, &[outputs], vec![0; outputs]);
        let bytes = format!("{values}/bytes");
        self.node(
            "QuantizeLinear",
            &format!("{values}/quantise"),
            vec![values.clone(), scales.clone(), zeros.clone()],
            &bytes,
            vec![int("axis", 0)],
        );
        vec![
            self.dequantised(&names[0], vec![bytes, scales, zeros]),
            bias,
        ]
    }

    /// Parameters in floats, with a scale for each output.
    fn dequantised(&mut self, owner: &str, inputs: Vec<String>) -> String {
        let real = format!("{owner}/real");
        let name = format!("{owner}/dequantise");
        self.node(
            "DequantizeLinear",
            &name,
            inputs,
            &real,
            vec![int("axis", 0)],
        );
        real
    }
}
