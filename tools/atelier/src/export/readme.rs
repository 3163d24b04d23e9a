//! What is written beside an exported network: its inputs, its outputs and how to run it.

use anyhow::Result;
use sfumato_models::quantised::{Description, Form};
use std::fmt::Write;

/// The key under which a bake stores the names of the inputs, divided by commas.
const INPUTS: &str = "inputs";

/// The page for a network, written as it runs, for TensorRT, or both.
pub fn text(description: &Description, title: &str, [onnx, tensorrt]: [bool; 2]) -> Result<String> {
    let mut text = format!("# The network of \"{}\"\n\n", title.trim());
    if onnx {
        let numbers = description.input.numbers.to_string();
        text.push_str(&ONNX.replace("INPUTS", &numbers));
    }
    if tensorrt {
        text.push_str(TENSORRT);
    }
    inputs(&mut text, description)?;
    outputs(&mut text, description)?;
    Ok(text)
}

const ONNX: &str = "\
`network.onnx` is the network as it runs: standard ONNX, opset 21, accepted by `onnx.checker`. Its numbers are quantised
and dequantised around float operators (QDQ): the input to signed 16 bits, what lies between layers to unsigned 8 bits, weights to
signed 8 bits with a scale for each output channel, biases to 32 bits. Heads are not quantised.

```python
import numpy, onnxruntime
session = onnxruntime.InferenceSession(\"network.onnx\")
outputs = session.run(None, {session.get_inputs()[0].name: numpy.zeros((1, INPUTS), numpy.float32)})
```

";

const TENSORRT: &str = "\
`network-tensorrt.onnx` is the same network with the explicit quantisation that TensorRT wants: signed 8 bits with zero point 0
everywhere (a ReLU's bytes in half as many steps, of twice the size), quantisers in front of every convolution, of both
inputs of every addition and of every weight; input, first layers, biases and heads in floats. Opset 13.
`./build.sh` builds an engine of it with `trtexec` (int8 and fp16) on the machine where it is run, keeps it and times it.

No TensorRT has run this file where it was written. Its structure is held to TensorRT's rules by a test, and onnxruntime's CPU
agrees with its definition; speed and fusions are for `build.sh` to show on the board.

";

fn inputs(text: &mut String, description: &Description) -> Result<()> {
    let input = &description.input;
    writeln!(
        text,
        "## Input\n\n`{}`: {} floats, shape [1, {}], each within +-{} in steps of {}.\n",
        input.name,
        input.numbers,
        input.numbers,
        32768.0 * input.scale,
        input.scale
    )?;
    let names = description.metadata.iter().find(|(key, _)| key == INPUTS);
    let Some((_, names)) = names else {
        text.push_str("The file does not name its inputs.\n\n");
        return Ok(());
    };
    text.push_str("| number | what |\n|---|---|\n");
    for (number, name) in names.split(',').enumerate().take(input.numbers) {
        let name = match name.trim() {
            "" => "unused, 0",
            name => name,
        };
        writeln!(text, "| {number} | {name} |")?;
    }
    text.push('\n');
    Ok(())
}

fn outputs(text: &mut String, description: &Description) -> Result<()> {
    let tensors = description.check()?;
    text.push_str("## Outputs\n\n| name | channels | rows | columns |\n|---|---|---|---|\n");
    for (layer, tensor) in description.layers.iter().zip(&tensors[1..]) {
        if let Some(Form::Head { name }) = layer.form() {
            let [channels, height, width] = tensor.shape;
            writeln!(text, "| {name} | {channels} | {height} | {width} |")?;
        }
    }
    text.push_str(
        "\nIn floats, shape [1, channels, rows, columns]. The portrait takes off each output what the network says at\n\
         rest (all inputs as at rest), so that a face at rest is the painting.\n",
    );
    Ok(())
}
