#!/bin/sh
# The real RAUC as a service on a bus of its own: asks the backend, marks slots, installs a bundle.
# $1: settings, $2: bundle. A bundle of format plain, since verity needs device-mapper.
set -eu
export DBUS_STARTER_BUS_TYPE=session
"$REAL_RAUC" --conf "$1" --mount "$ROOT/mnt" --override-boot-slot=a service &
service=$!
trap 'kill $service' EXIT
for _ in $(seq 100); do
    if "$REAL_RAUC" status > "$ROOT/status" 2> /dev/null; then break; fi
    sleep 0.1
done
grep -q "Activated: rootfs.0 (a)" "$ROOT/status"
[ "$(grep -c good "$ROOT/status")" = 2 ]
"$REAL_RAUC" status mark-good
"$REAL_RAUC" status mark-bad other
"$REAL_RAUC" install "$2"
"$REAL_RAUC" status | grep "Activated"
