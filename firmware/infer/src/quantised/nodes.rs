//! The attributes of a file's nodes: what must stand there, and what may.

use crate::onnx::{AttributeProto, AttributeType, NodeProto};

/// The attributes of one node.
pub struct Attributes<'a>(&'a [AttributeProto]);

impl<'a> Attributes<'a> {
    /// Refuses attributes of other names than `known`.
    pub fn of(node: &'a NodeProto, known: &[&str]) -> Result<Attributes<'a>, String> {
        let foreign = |attribute: &&AttributeProto| !known.contains(&attribute.name.as_str());
        match node.attribute.iter().find(foreign) {
            Some(attribute) => {
                let name: String = attribute.name.chars().take(64).collect();
                Err(format!("attribute {name:?} is not known here"))
            }
            None => Ok(Attributes(&node.attribute)),
        }
    }

    fn find(&self, name: &str) -> Option<&'a AttributeProto> {
        self.0.iter().find(|attribute| attribute.name == name)
    }

    /// An integer, or what it is when it is not there.
    pub fn int(&self, name: &str, absent: i64) -> i64 {
        match self.find(name) {
            Some(attribute) if attribute.r#type == AttributeType::Int as i32 => attribute.i,
            Some(_) => i64::MIN,
            None => absent,
        }
    }

    fn ints(&self, name: &str) -> Option<&'a [i64]> {
        self.find(name).map(|attribute| attribute.ints.as_slice())
    }

    /// All integers of a list have this value; a missing list has it where `absent`.
    fn all(&self, name: &str, value: i64, absent: bool) -> bool {
        self.ints(name)
            .map_or(absent, |ints| ints.iter().all(|&int| int == value))
    }

    fn text(&self, name: &str) -> &'a [u8] {
        self.find(name)
            .map_or(b"", |attribute| attribute.s.as_slice())
    }
}

/// The numbers of a convolution's node.
pub struct Conv {
    pub kernel: usize,
    pub group: i64,
}

impl Conv {
    /// A square kernel at stride 1 whose zeros keep the size; `sizes` are those of its weights.
    pub fn of(node: &NodeProto, sizes: &[i64]) -> Result<Conv, String> {
        let known = ["group", "kernel_shape", "pads", "strides", "dilations"];
        let attributes = Attributes::of(node, &known)?;
        let &[_, _, height, width] = sizes else {
            return Err("weights that are no kernels".to_owned());
        };
        let kernel = usize::try_from(height).ok().filter(|_| height == width);
        let kernel = kernel.filter(|kernel| kernel % 2 == 1 && *kernel < 8);
        let kernel = kernel.ok_or_else(|| format!("a kernel of {height}x{width}"))?;
        let centred = attributes.all("kernel_shape", height, true)
            && attributes.all("pads", height / 2, height == 1)
            && attributes.all("strides", 1, true)
            && attributes.all("dilations", 1, true);
        if !centred {
            return Err("a convolution with another stride, border or dilation".to_owned());
        }
        Ok(Conv {
            kernel,
            group: attributes.int("group", 1),
        })
    }
}

/// A product with the weights' rows, and nothing multiplied into it.
pub fn check_gemm(node: &NodeProto) -> Result<(), String> {
    let attributes = Attributes::of(node, &["transB"])?;
    if attributes.int("transB", 0) == 1 {
        return Ok(());
    }
    Err("weights in another order".to_owned())
}

/// Nearest neighbours: each pixel becomes a block.
pub fn check_resize(node: &NodeProto) -> Result<(), String> {
    let attributes = Attributes::of(
        node,
        &["mode", "coordinate_transformation_mode", "nearest_mode"],
    )?;
    let nearest = attributes.text("mode") == b"nearest"
        && attributes.text("coordinate_transformation_mode") == b"asymmetric"
        && attributes.text("nearest_mode") == b"floor";
    if nearest {
        return Ok(());
    }
    Err("a resize of another kind".to_owned())
}
