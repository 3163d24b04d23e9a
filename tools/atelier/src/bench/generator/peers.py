"""The inference engines a user would pick instead, each on one thread, in turns.

peers.py INTEGER FLOAT INPUTS FOLDER: INTEGER is the quantised network (QDQ ONNX), FLOAT the same in
floats, INPUTS one row of 32-bit floats. Prints a line for each engine as JSON: {"engine", "version"} when it
is ready, its outputs in FOLDER/NUMBER.f32; or {"engine", "missing"} with the reason. Then a line
{"ready": true}. After that it reads lines "NUMBER TURNS" and answers each with the milliseconds of CPU
time that this process took for one turn, in the mean.
"""
import json
import os
import sys
import time

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
except ImportError as error:
    sys.exit(f"{error}; pip install numpy onnx, or use --install")

integer, floating, inputs, folder = sys.argv[1:]
row = np.fromfile(inputs, np.float32).reshape(1, -1)


def onnxruntime(path):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return ort.__version__, lambda: session.run(None, {name: row})


def openvino(path):
    import openvino as ov

    core = ov.Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()

    def run():
        result = request.infer([row], share_inputs=True, share_outputs=True)
        return list(result.values())

    return ov.__version__, run


class Graph:
    """The float network as a list of layers that knows which values are weights."""

    def __init__(self, path):
        graph = onnx.load(path).graph
        self.weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self.input = graph.input[0].name
        self.outputs = [output.name for output in graph.output]
        shapes = onnx.shape_inference.infer_shapes(onnx.load(path)).graph
        known = list(shapes.value_info) + list(shapes.output) + list(shapes.input)
        self.shapes = {
            value.name: [side.dim_value for side in value.type.tensor_type.shape.dim] for value in known
        }
        # A ReLU belongs to the layer in front of it.
        relus = {node.input[0]: node.output[0] for node in graph.node if node.op_type == "Relu"}
        self.nodes = []
        for node in graph.node:
            if node.op_type != "Relu":
                ends = relus.get(node.output[0])
                self.nodes.append((node, ends or node.output[0], ends is not None))

    def names(self, node):
        return [name for name in node.input if name and name not in self.weights]


def group(node):
    return next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)


def ncnn(path):
    import ncnn as library

    graph = Graph(path)
    readers = {}
    for node, _, _ in graph.nodes:
        for name in graph.names(node):
            readers[name] = readers.get(name, 0) + 1
    lines, blobs, data, taken = [], set(), [], {}

    def layer(kind, name, sources, ends, text):
        blobs.update(sources, ends)
        head = f"{kind} {name} {len(sources)} {len(ends)}"
        lines.append(" ".join([head, *sources, *ends, text]))

    def split(name):
        # A value that several layers read must be divided.
        if readers.get(name, 0) > 1:
            ends = [f"{name}_{number}" for number in range(readers[name])]
            layer("Split", f"split_{name}", [name], ends, "")
            taken[name] = iter(ends)

    def weights(values, bias):
        data.append(b"\0\0\0\0" + values.astype(np.float32).tobytes())
        data.append(bias.astype(np.float32).tobytes())

    layer("Input", "input", [], [graph.input], f"0={row.size}")
    split(graph.input)
    for node, end, relu in graph.nodes:
        sources = [next(taken[name]) if name in taken else name for name in graph.names(node)]
        kind, act = node.op_type, int(relu)
        if kind == "Gemm":
            values, bias = (graph.weights[name] for name in node.input[1:])
            text = f"0={len(bias)} 1=1 2={values.size} 9={act}"
            layer("InnerProduct", node.name, sources, [end], text)
            weights(values, bias)
        elif kind == "Conv":
            values, bias = (graph.weights[name] for name in node.input[1:])
            side = values.shape[2]
            text = f"0={len(bias)} 1={side} 4={side // 2} 5=1 6={values.size} 9={act}"
            name = "Convolution"
            if group(node) > 1:
                name, text = "ConvolutionDepthWise", f"{text} 7={group(node)}"
            layer(name, node.name, sources, [end], text)
            weights(values, bias)
        elif kind == "Resize":
            layer("Interp", node.name, sources, [end], "0=1 1=2.0 2=2.0")
        elif kind == "Reshape":
            _, channels, height, width = graph.weights[node.input[1]]
            layer("Reshape", node.name, sources, [end], f"0={width} 1={height} 2={channels}")
        elif kind == "Slice":
            layer("Crop", node.name, sources, [end], f"0=0 3={graph.weights[node.input[2]][0]}")
        elif kind == "Add" and not relu:
            layer("BinaryOp", node.name, sources, [end], "0=0")
        else:
            raise ValueError(f"{kind} is not converted")
        split(end)
    files = [os.path.join(folder, f"ncnn.{kind}") for kind in ("param", "bin")]
    with open(files[0], "w") as file:
        file.write("\n".join(["7767517", f"{len(lines)} {len(blobs)}", *lines]) + "\n")
    with open(files[1], "wb") as file:
        file.write(b"".join(data))
    net = library.Net()
    net.opt.num_threads = 1
    net.opt.use_vulkan_compute = False
    if net.load_param(files[0]) or net.load_model(files[1]):
        raise ValueError("does not load what was converted for it")

    def run():
        extractor = net.create_extractor()
        extractor.input(graph.input, library.Mat(row[0]))
        return [np.array(extractor.extract(name)[1]) for name in graph.outputs]

    return library.__version__, run


def litert(path):
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.interpreter import Interpreter

    try:
        from importlib.metadata import version
    except ImportError:
        version = str
    graph = Graph(path)
    model, part = schema.ModelT(), schema.SubGraphT()
    model.version, model.subgraphs = 3, [part]
    empty = schema.BufferT()
    model.buffers, model.operatorCodes = [empty], []
    part.tensors, part.operators = [], []
    codes, numbers = {}, {}

    def tensor(name, shape, values=None):
        made = schema.TensorT()
        made.name, made.shape, made.buffer = name.encode(), list(shape), 0
        made.type = schema.TensorType.FLOAT32
        if values is not None:
            if values.dtype == np.int32:
                made.type = schema.TensorType.INT32
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            model.buffers.append(buffer)
            made.buffer = len(model.buffers) - 1
        part.tensors.append(made)
        numbers[name] = len(part.tensors) - 1
        return numbers[name]

    def last(name):
        shape = graph.shapes[name]
        return shape if len(shape) == 2 else [shape[0], *shape[2:], shape[1]]

    def operator(kind, sources, end, options):
        code = getattr(schema.BuiltinOperator, kind)
        if code not in codes:
            made = schema.OperatorCodeT()
            made.builtinCode, made.deprecatedBuiltinCode = code, min(code, 127)
            made.version = 1
            model.operatorCodes.append(made)
            codes[code] = len(codes)
        made = schema.OperatorT()
        made.opcodeIndex, made.inputs = codes[code], sources
        made.outputs = [tensor(end, last(end))]
        kind_name = type(options).__name__[:-1]
        made.builtinOptionsType = getattr(schema.BuiltinOptions, kind_name)
        made.builtinOptions = options
        part.operators.append(made)

    def activated(options, relu):
        functions = schema.ActivationFunctionType
        options.fusedActivationFunction = functions.RELU if relu else functions.NONE
        return options

    part.inputs = [tensor(graph.input, graph.shapes[graph.input])]
    # Rows of a layer whose vector becomes a map change to the order of pixels.
    maps = {node.input[0]: graph.weights[node.input[1]] for node, _, _ in graph.nodes if node.op_type == "Reshape"}
    for node, end, relu in graph.nodes:
        sources = [numbers[name] for name in graph.names(node)]
        kind = node.op_type
        if kind in ("Gemm", "Conv"):
            values, bias = (graph.weights[name] for name in node.input[1:])
        if kind == "Gemm":
            if end in maps:
                order = np.arange(len(bias)).reshape(maps[end][1:]).transpose(1, 2, 0).ravel()
                values, bias = values[order], bias[order]
            sources += [tensor(node.name + "_w", values.shape, values), tensor(node.name + "_b", bias.shape, bias)]
            operator("FULLY_CONNECTED", sources, end, activated(schema.FullyConnectedOptionsT(), relu))
        elif kind == "Conv":
            depthwise = group(node) > 1
            values = values.transpose(1, 2, 3, 0) if depthwise else values.transpose(0, 2, 3, 1)
            sources += [tensor(node.name + "_w", values.shape, values), tensor(node.name + "_b", bias.shape, bias)]
            options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
            options.padding, options.strideW, options.strideH = schema.Padding.SAME, 1, 1
            options.dilationWFactor = options.dilationHFactor = 1
            if depthwise:
                options.depthMultiplier = 1
            name = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
            operator(name, sources, end, activated(options, relu))
        elif kind == "Resize":
            size = np.array(last(end)[1:3], np.int32)
            sources.append(tensor(node.name + "_size", [2], size))
            operator("RESIZE_NEAREST_NEIGHBOR", sources, end, schema.ResizeNearestNeighborOptionsT())
        elif kind == "Reshape":
            shape = np.array(last(end), np.int32)
            sources.append(tensor(node.name + "_shape", [len(shape)], shape))
            options = schema.ReshapeOptionsT()
            options.newShape = list(shape)
            operator("RESHAPE", sources, end, options)
        elif kind == "Slice":
            size = np.array([1, graph.weights[node.input[2]][0]], np.int32)
            sources += [tensor(node.name + "_begin", [2], np.zeros(2, np.int32)), tensor(node.name + "_size", [2], size)]
            operator("SLICE", sources, end, schema.SliceOptionsT())
        elif kind == "Add":
            operator("ADD", sources, end, activated(schema.AddOptionsT(), relu))
        else:
            raise ValueError(f"{kind} is not converted")
    part.outputs = [numbers[name] for name in graph.outputs]
    builder = flatbuffers.Builder(1 << 22)
    builder.Finish(model.Pack(builder), b"TFL3")
    interpreter = Interpreter(model_content=bytes(builder.Output()), num_threads=1)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    ends = [detail["index"] for detail in interpreter.get_output_details()]

    def run():
        interpreter.set_tensor(source, row)
        interpreter.invoke()
        return [interpreter.get_tensor(end) for end in ends]

    def first():
        return [value.transpose(0, 3, 1, 2) if value.ndim == 4 else value for value in run()]

    return version("ai-edge-litert"), run, first


engines = [
    ("onnxruntime int8", onnxruntime, integer),
    ("onnxruntime f32", onnxruntime, floating),
    ("openvino int8", openvino, integer),
    ("litert xnnpack f32", litert, floating),
    ("ncnn f32", ncnn, floating),
]
runs = []
for name, make, path in engines:
    try:
        version, run, *first = make(path)
        outputs = (first[0] if first else run)()
        values = np.concatenate([np.asarray(output, np.float32).ravel() for output in outputs])
        values.tofile(os.path.join(folder, f"{len(runs)}.f32"))
    except Exception as error:  # whatever an engine says, the others shall be measured
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        print(json.dumps({"engine": name, "missing": reason[:300]}), flush=True)
        continue
    runs.append(run)
    print(json.dumps({"engine": name, "version": str(version)}), flush=True)
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    number, turns = map(int, line.split())
    run = runs[number]
    run()
    start = time.process_time()
    for _ in range(turns):
        run()
    print(1000 * (time.process_time() - start) / turns, flush=True)
