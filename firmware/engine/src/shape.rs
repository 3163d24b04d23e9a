//! Sizes of tensors and how they lie in memory.

/// Height, width and channels of a tensor; vectors are 1x1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Numbers in a pixel.
    pub channels: usize,
}

impl Shape {
    /// Height, width, channels.
    pub const fn new(height: usize, width: usize, channels: usize) -> Shape {
        Shape {
            height,
            width,
            channels,
        }
    }

    /// A vector of `channels` numbers.
    pub const fn vector(channels: usize) -> Shape {
        Shape::new(1, 1, channels)
    }

    /// How many numbers the tensor holds.
    pub const fn len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Whether it holds none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where a kernel looks: its size, its step, and the border of zeros around the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Side of the square kernel, 1 to 7.
    pub kernel: usize,
    /// Distance between neighbouring outputs in input pixels, 1 or 2.
    pub stride: usize,
    /// Rows and columns of zeros around the input: top, left, bottom, right; below `kernel`.
    pub padding: [usize; 4],
}

impl Geometry {
    /// An odd kernel centred on its output pixel: at stride 1 the size stays.
    pub const fn centred(kernel: usize, stride: usize) -> Geometry {
        Geometry {
            kernel,
            stride,
            padding: [kernel / 2; 4],
        }
    }

    /// The 1x1 kernel at stride 1.
    pub const POINT: Geometry = Geometry::centred(1, 1);

    /// Output height and width for an input's; none where the kernel does not fit.
    pub(crate) fn output(&self, height: usize, width: usize) -> Option<(usize, usize)> {
        let [top, left, bottom, right] = self.padding;
        let steps = |length: usize| Some(length.checked_sub(self.kernel)? / self.stride + 1);
        Some((steps(height + top + bottom)?, steps(width + left + right)?))
    }
}

/// A tensor in the arena: rows of pixels, `stride` bytes from pixel to pixel.
///
/// The stride is a multiple of 16, so that vector instructions need no ends; of 4 for inputs of up
/// to four channels. Bytes past the channels mean nothing: whatever they hold meets zero weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub shape: Shape,
    pub stride: usize,
}

impl Layout {
    pub fn new(shape: Shape) -> Layout {
        Layout {
            shape,
            stride: shape.channels.next_multiple_of(LANES),
        }
    }

    /// For an input picture that only convolutions read.
    pub fn narrow(shape: Shape) -> Layout {
        Layout {
            shape,
            stride: if shape.channels <= 4 {
                4
            } else {
                shape.channels.next_multiple_of(LANES)
            },
        }
    }

    /// For a vector of words: its pixel is twice as long as it has channels.
    pub fn words(numbers: usize) -> Layout {
        Layout {
            shape: Shape::vector(numbers),
            stride: 2 * numbers.next_multiple_of(LANES),
        }
    }

    /// Bytes of a row.
    pub fn row(&self) -> usize {
        self.shape.width * self.stride
    }

    /// Bytes of the tensor.
    pub fn bytes(&self) -> usize {
        self.shape.height * self.row()
    }

    /// The bytes of pixel (`y`, `x`), channels only.
    pub fn pixel<'a>(&self, bytes: &'a [u8], y: usize, x: usize) -> &'a [u8] {
        &bytes[y * self.row() + x * self.stride..][..self.shape.channels]
    }
}

/// Channels that kernels handle together.
pub(crate) const LANES: usize = 16;
