//! A file that is not as it was written is refused with what to do, or is still a network.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;

use common::{engine, motion};
use proptest::prelude::*;
use sfumato_infer::InferError;
use sfumato_infer::onnx::{DataType, Message, ModelProto, NodeProto, TensorProto};
use sfumato_infer::quantised::{Instructions, Quantised};
use sfumato_models::quantised::{Dialect, Shape, example, portrait, with_turn, write, write_as};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::OnceLock;

/// Counts the bytes that a thread holds.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    MOST.set(MOST.get().max(held));
    COUNT.set(COUNT.get() + usize::from(bytes > 0));
}

// SAFETY: passes everything on to the system's allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, memory: Layout) -> *mut u8 {
        count(memory.size() as isize);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(memory) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, memory: Layout) {
        count(-(memory.size() as isize));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, memory) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A small network with every kind of layer, and its file.
fn small() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let trunk = Shape {
            name: "small",
            hidden: 24,
            seed: [1, 2],
            channels: [16, 3, 5, 16, 16],
            head: 2,
        };
        write(&with_turn(example(&[trunk], true, 7), 7)).unwrap()
    })
}

fn load(onnx: &[u8]) -> Result<Quantised, InferError> {
    Quantised::load(onnx, Instructions::best())
}

/// Refused with the cure, or a network that runs.
fn survives(onnx: &[u8]) -> Result<(), TestCaseError> {
    match load(onnx) {
        Ok(mut network) => {
            let input = motion(network.input_numbers(), 1);
            engine(&mut network, &input);
        }
        Err(error) => {
            let message = error.to_string();
            prop_assert!(message.contains("run `atelier bake` again"), "{}", message);
            prop_assert!(message.len() < 600, "{}", message);
        }
    }
    Ok(())
}

/// The refusal of a file that has been changed after decoding it.
fn refusal(change: impl FnOnce(&mut ModelProto)) -> String {
    let mut model = ModelProto::decode(small()).unwrap();
    change(&mut model);
    let message = load(&model.encode_to_vec()).unwrap_err().to_string();
    assert!(message.contains("run `atelier bake` again"), "{message}");
    message
}

fn node<'a>(model: &'a mut ModelProto, name: &str) -> &'a mut NodeProto {
    let nodes = &mut model.graph.as_mut().unwrap().node;
    nodes.iter_mut().find(|node| node.name == name).unwrap()
}

fn constant<'a>(model: &'a mut ModelProto, name: &str) -> &'a mut TensorProto {
    let tensors = &mut model.graph.as_mut().unwrap().initializer;
    tensors
        .iter_mut()
        .find(|tensor| tensor.name == name)
        .unwrap()
}

/// Where one of the file's fields ends and the next begins the rest reads well.
#[test]
fn cut_short_between_fields() {
    let mut model = ModelProto::decode(small()).unwrap();
    model.metadata_props.clear();
    let length = model.encode_to_vec().len();
    for missing in 1..64 {
        assert!(load(&small()[..length - missing]).is_err(), "{missing}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes(flips in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..6)) {
        let mut onnx = small().to_vec();
        for (at, bits) in flips {
            let at = at.index(onnx.len());
            onnx[at] ^= bits;
        }
        survives(&onnx)?;
    }

    /// Most bytes of a file are weights; these hit the others.
    #[test]
    fn flipped_bytes_of_the_structure(flips in prop::collection::vec((any::<prop::sample::Index>(), 0u32..8), 1..4)) {
        let mut onnx = small().to_vec();
        // Nodes come first, and the names of weights after them.
        let nodes = onnx.windows(12).position(|bytes| bytes == b"motion/scale").unwrap();
        let nodes = nodes.max(onnx.len() / 2);
        for (at, bit) in flips {
            onnx[at.index(nodes)] ^= 1 << bit;
        }
        survives(&onnx)?;
    }

    /// The last of a file are notes that travel with it; before them nothing may be missing.
    #[test]
    fn cut_short(length in any::<prop::sample::Index>()) {
        let length = length.index(small().len());
        let mut model = ModelProto::decode(small()).unwrap();
        model.metadata_props.clear();
        let network = model.encode_to_vec();
        prop_assert!(small().starts_with(&network));
        if length < network.len() {
            prop_assert!(load(&small()[..length]).is_err());
        }
        survives(&small()[..length])?;
    }

    #[test]
    fn bytes_in_and_out(at in any::<prop::sample::Index>(), count in 1usize..20, noise: [u8; 20], add: bool) {
        let at = at.index(small().len() - count);
        let mut onnx = small().to_vec();
        if add {
            onnx.splice(at..at, noise[..count].iter().copied());
        } else {
            onnx.drain(at..at + count);
        }
        survives(&onnx)?;
    }

    #[test]
    fn noise(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(load(&bytes).is_err());
        survives(&bytes)?;
    }
}

#[test]
fn the_whole_file_is_a_network() {
    load(small()).unwrap();
}

#[test]
fn networks_that_bite_their_tail() {
    let message = refusal(|model| {
        // What the first convolution reads is made from its own result.
        node(model, "small-conv0").input[0] = "small-conv1/real".to_owned();
    });
    assert!(message.contains("comes later"), "{message}");
    let message = refusal(|model| {
        node(model, "small-sum").input[1] = "small-sum/sum".to_owned();
    });
    assert!(message.contains("comes later"), "{message}");
}

#[test]
fn slices_of_other_numbers() {
    let slice = |what: &str, value: i64| {
        refusal(|model| {
            constant(model, &format!("turn-pictures/{what}")).raw_data =
                value.to_le_bytes().to_vec()
        })
    };
    for (what, value) in [("start", 1), ("axis", 0)] {
        let message = slice(what, value);
        assert!(message.contains("the first numbers"), "{message}");
    }
    for end in [0, 65, -1, i64::MAX] {
        let message = slice("end", end);
        assert!(
            message.contains("slice") || message.contains("size"),
            "{message}"
        );
    }
    // As many as there are, but not as many as there are weights for.
    let message = slice("end", 33);
    assert!(message.contains("another number of inputs"), "{message}");
    let message = refusal(|model| {
        node(model, "turn-pictures").input[0] = "motion/real".to_owned();
    });
    assert!(message.contains("another number of inputs"), "{message}");
    let message = refusal(|model| {
        node(model, "turn-pictures/slice").input[0] = "small-hidden/real".to_owned();
    });
    assert!(
        message.contains("comes later") || message.contains("slice"),
        "{message}"
    );
}

#[test]
fn files_of_others() {
    // The same network in other dialects is a fine ONNX file, but not what a pack holds.
    for dialect in [Dialect::Float, Dialect::TensorRt] {
        let onnx = write_as(&example(&portrait(), true, 1), dialect).unwrap();
        let message = load(&onnx).unwrap_err().to_string();
        assert!(message.contains("run `atelier bake` again"), "{message}");
    }
    let message = refusal(|model| node(model, "small-conv0").op_type = "ConvTranspose".to_owned());
    assert!(message.contains("ConvTranspose"), "{message}");
    let message = refusal(|model| node(model, "small-conv0").domain = "com.example".to_owned());
    assert!(message.contains("does not have"), "{message}");
    let message = refusal(|model| node(model, "small-conv0").attribute[2].ints[1] = 0);
    assert!(message.contains("border"), "{message}");
    let message = refusal(|model| model.opset_import[0].version = 13);
    assert!(message.contains("21"), "{message}");
    let message = refusal(|model| {
        let zero = constant(model, "motion/zero");
        zero.raw_data[0] = 1;
    });
    assert!(message.contains("not zero"), "{message}");
    let message = refusal(|model| {
        let scales = constant(model, "small-conv0/bias/scales");
        scales.raw_data[3] ^= 1;
    });
    assert!(message.contains("other steps"), "{message}");
    let message = refusal(|model| constant(model, "small-conv0/weights").dims[0] = 1);
    assert!(message.contains("another length"), "{message}");
    let message = refusal(|model| {
        let weights = constant(model, "small-conv0/weights");
        weights.dims.swap(0, 1);
    });
    assert!(message.contains("small-conv0"), "{message}");
    let message = refusal(|model| {
        let tensor = constant(model, "small-conv0/weights");
        tensor.data_location = Some(1);
    });
    assert!(message.contains("another file"), "{message}");
}

/// Memory to refuse a file never exceeds a few times what it could hold.
#[test]
fn files_that_ask_for_much() {
    let message_of = |onnx: &[u8]| {
        MOST.set(HELD.get());
        let before = HELD.get();
        let message = load(onnx).unwrap_err().to_string();
        let held = MOST.get() - before;
        assert!(held < 96 << 20, "{held} bytes: {message}");
        message
    };
    // Two bytes a node, four million of them: hundreds of times the file when decoded.
    let mut graph = [0x0a, 0].repeat(3 << 20);
    let mut onnx = vec![0x3a];
    let mut length = graph.len();
    while length > 127 {
        onnx.push(length as u8 | 128);
        length >>= 7;
    }
    onnx.push(length as u8);
    onnx.append(&mut graph);
    assert!(message_of(&onnx).contains("more parts"));
    assert!(message_of(&vec![0; 9 << 20]).contains("bytes, more than"));
    // Maps that double twenty times, each a layer of a few bytes.
    let model = ModelProto::decode(small()).unwrap();
    let mut huge = model.clone();
    let graph = huge.graph.as_mut().unwrap();
    let up: Vec<NodeProto> = graph
        .node
        .iter()
        .filter(|node| node.name.starts_with("small-up1"))
        .cloned()
        .collect();
    let at = graph
        .node
        .iter()
        .position(|node| node.name == "small-conv1")
        .unwrap();
    let mut nodes = Vec::new();
    for turn in 0..20 {
        for node in &up {
            let mut node = node.clone();
            let renamed = |name: &String| match name.as_str() {
                name if name.ends_with("scale")
                    || name.ends_with("zero")
                    || name.ends_with("scales") =>
                {
                    name.to_owned()
                }
                name => format!("{name}{turn}"),
            };
            node.name = format!("{}{turn}", node.name.replace('/', "-"));
            node.output = node.output.iter().map(renamed).collect();
            node.input = node
                .input
                .iter()
                .map(|name| match name.as_str() {
                    "small-conv0/real" if turn == 0 => "small-up1/real".to_owned(),
                    "small-conv0/real" => format!("small-up1/real{}", turn - 1),
                    "" => String::new(),
                    _ => renamed(name),
                })
                .collect();
            nodes.push(node);
        }
    }
    graph.node.splice(at..at, nodes);
    let message = message_of(&huge.encode_to_vec());
    assert!(
        message.contains("can be") || message.contains("more memory"),
        "{message}"
    );
    // A kernel that claims sides whose product leaves 64 bits.
    let mut wide = model;
    let tensor = constant(&mut wide, "small-conv0/weights");
    tensor.dims = vec![i64::MAX, i64::MAX, 3, 3];
    assert!(message_of(&wide.encode_to_vec()).contains("another length"));
    assert_eq!(DataType::Int8 as i32, 3); // as the file says it, not as a Rust number
}

#[test]
fn running_takes_no_memory() {
    let onnx = write(&example(&portrait(), true, 1)).unwrap();
    let mut network = load(&onnx).unwrap();
    let numbers: Vec<usize> = network.heads().iter().map(|head| head.numbers()).collect();
    let mut outputs: Vec<Vec<i32>> = numbers.iter().map(|&count| vec![0; count]).collect();
    let mut views: Vec<&mut [i32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    let input = motion(64, 3);
    let before = COUNT.get();
    network.run(&input, &mut views).unwrap();
    assert_eq!(COUNT.get(), before);
}
