"""Other engines on the face models, for `atelier bench faces`.

faces.py FOLDER NAME...: loads FOLDER/NAME.onnx into onnxruntime and MediaPipe's NAME.tflite into LiteRT, one
thread each, and prints one line of JSON: {"engines": {NAME: {ENGINE: VERSION}}, "missing": {ENGINE: REASON}}.
Then it answers every line "NAME ENGINE RUNS" of its input with the CPU milliseconds of a run.
"""
import importlib.metadata
import json
import pathlib
import sys
import time

folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
runs, found, missing = {}, {name: {} for name in names}, {}


def add(name, engine, package, run):
    for _ in range(3):
        run()
    runs[name, engine] = run
    found[name][engine] = f"{package} {importlib.metadata.version(package)}"


def onnxruntime_runs():
    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    for name in names:
        session = onnxruntime.InferenceSession(
            str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
        )
        given = session.get_inputs()[0]
        values = numpy.random.default_rng(1).random(given.shape, dtype=numpy.float32)
        feed = {given.name: values}
        add(name, "onnxruntime", "onnxruntime", lambda s=session, f=feed: s.run(None, f))


def litert_runs():
    import numpy
    from ai_edge_litert.interpreter import Interpreter

    # Only MediaPipe's files are needed, which need not be importable here.
    places = [pathlib.Path(path) / "mediapipe" / "modules" for path in sys.path]
    modules = next((place for place in places if place.is_dir()), None)
    if modules is None:
        raise FileNotFoundError("the .tflite models; pip install --no-deps mediapipe==0.10.14")
    for name in names:
        path = next(modules.rglob(f"{name}.tflite"))
        # Its delegate is XNNPACK unless told otherwise.
        interpreter = Interpreter(str(path), num_threads=1)
        interpreter.allocate_tensors()
        given = interpreter.get_input_details()[0]
        values = numpy.random.default_rng(1).random(given["shape"], dtype=numpy.float32)
        interpreter.set_tensor(given["index"], values)
        add(name, "LiteRT (XNNPACK)", "ai-edge-litert", interpreter.invoke)


for engine, load in (("onnxruntime", onnxruntime_runs), ("LiteRT (XNNPACK)", litert_runs)):
    try:
        load()
    except Exception as error:  # whatever is wrong with a peer is told, not hidden
        missing[engine] = f"{type(error).__name__}: {error}".splitlines()[0]
print(json.dumps({"engines": found, "missing": missing}), flush=True)
for line in sys.stdin:
    name, engine, count = line.rstrip("\n").split("\t")
    run, count = runs[name, engine], int(count)
    start = time.process_time()
    for _ in range(count):
        run()
    print(1000 * (time.process_time() - start) / count, flush=True)
