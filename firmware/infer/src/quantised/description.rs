//! A quantised network in plain data: what a trainer makes, a file holds and the engine runs.
//!
//! Layers are in the order they run. A tensor is named by number: 0 is the network's input, `k` what
//! layer `k - 1` makes. A *map* has channels, rows and columns; a connected layer of 1x1 makes a
//! *vector*. A connected layer reads the input or a vector; convolutions and upsampling read maps.

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// What it reads.
    pub input: Input,
    /// In the order they run.
    pub layers: Vec<Layer>,
    /// Keys and values that travel with the file, such as `inputs`: the inputs' names.
    pub metadata: Vec<(String, String)>,
}

/// The network's input: signed 16-bit numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its name in the file.
    pub name: String,
    /// How many numbers.
    pub numbers: usize,
    /// The real number that one step stands for; a power of two.
    pub scale: f32,
}

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Letters, digits, `_`, `-` and `.`; each layer's own.
    pub name: String,
    /// The tensor it reads.
    pub input: usize,
    /// What it does.
    pub kind: Kind,
}

/// What a layer does.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Every number of the input to every number of the output; of the network's input the first
    /// ones may be enough, as many as there are weights for.
    Connected {
        /// Channels, rows and columns of the output; 1x1 is a vector, others need channels in
        /// multiples of 16 (for a head, any).
        shape: [usize; 3],
        /// Output numbers in the order channel, row, column.
        weights: Weights,
        /// What the sums become.
        output: Form,
    },
    /// At stride 1, with zeros around the input so that rows and columns stay as many.
    Convolution {
        /// The side of the kernel: 1, 3, 5 or 7.
        kernel: usize,
        /// Each channel alone; cannot end a head.
        depthwise: bool,
        /// Output channel, input channel (depthwise: none), kernel row, kernel column.
        weights: Weights,
        /// What the sums become.
        output: Form,
    },
    /// Each pixel becomes four; scale and zero point stay.
    Upsample,
    /// The sum of two tensors of one shape; cannot end a head.
    Add {
        /// The other tensor.
        other: usize,
        /// What the sum becomes.
        output: Form,
    },
}

/// What a layer's sums become.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Bytes for further layers: a byte `b` stands for `scale * (b - zero_point)`.
    Bytes {
        /// The real number that one step stands for.
        scale: f32,
        /// The byte that stands for 0.
        zero_point: u8,
        /// Whether negative sums become 0.
        relu: bool,
    },
    /// An output of the network, at the sums' full precision.
    Head {
        /// Its name in the file.
        name: String,
    },
}

/// The parameters of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// In ONNX's order: output, input, kernel row, kernel column.
    pub values: Vec<i8>,
    /// The real number that one step of a weight stands for, by output channel.
    pub scales: Vec<f32>,
    /// By output channel, in steps of input scale times weight scale.
    pub bias: Vec<i32>,
}

impl Weights {
    /// How many weights each output has.
    pub fn terms(&self) -> usize {
        self.values.len() / self.bias.len().max(1)
    }
}

impl Layer {
    /// What becomes of the sums; upsampling has none.
    pub fn form(&self) -> Option<&Form> {
        match &self.kind {
            Kind::Connected { output, .. }
            | Kind::Convolution { output, .. }
            | Kind::Add { output, .. } => Some(output),
            Kind::Upsample => None,
        }
    }
}
