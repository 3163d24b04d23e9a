"""Checks ONNX files and runs them in onnxruntime.

peers.py INTEGER FLOAT TENSORRT INPUTS OUT: INPUTS holds f32 numbers, one row of inputs after the
other. Writes to OUT, for each file, first without and then with optimisation, each row's outputs as f32.
"""
import sys

try:
    import numpy as np
    import onnx
    import onnxruntime as ort
except ImportError as error:
    print(f"MISSING {error}")
    sys.exit(0)

*files, inputs, out = sys.argv[1:]
results = []
for file in files:
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    source = model.graph.input[0]
    numbers = source.type.tensor_type.shape.dim[1].dim_value
    rows = np.fromfile(inputs, np.float32).reshape(-1, 1, numbers)
    for level in ("ORT_DISABLE_ALL", "ORT_ENABLE_ALL"):
        options = ort.SessionOptions()
        options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, level)
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        for row in rows:
            results += [output.ravel() for output in session.run(None, {source.name: row})]
np.concatenate(results).astype(np.float32).tofile(out)
print(f"onnx {onnx.__version__}, onnxruntime {ort.__version__}")
