#!/bin/sh
# Builds a TensorRT engine of network-tensorrt.onnx on this machine, keeps it, and times it.
#
#   ./build.sh [ENGINE]        the engine's file, network.engine unless named
#
# Run it on the board: an engine only fits the TensorRT and the GPU that built it. TRTEXEC names the
# program where it is not on the path (on Jetson /usr/src/tensorrt/bin/trtexec).
set -eu
cd "$(dirname "$0")"
engine=${1:-network.engine}
trtexec=${TRTEXEC:-$(command -v trtexec || echo /usr/src/tensorrt/bin/trtexec)}
if ! [ -x "$trtexec" ]; then
    echo "trtexec is not there; install TensorRT's binaries or set TRTEXEC" >&2
    exit 1
fi
# int8 where the file says so, fp16 elsewhere; one motion at a time; the median of latencies counts.
exec "$trtexec" --onnx=network-tensorrt.onnx --int8 --fp16 --saveEngine="$engine" \
    --useCudaGraph --useSpinWait --warmUp=500 --duration=5 --percentile=95,99
