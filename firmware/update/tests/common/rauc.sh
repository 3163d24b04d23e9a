#!/bin/sh
# Stands in for `rauc install`, which needs D-Bus, root and device-mapper: does what RAUC 1.8's default handler does, in its
# order (src/install.c: launch_and_wait_default_handler), with its words. Everything else is the real RAUC.
set -eu
real=${REAL_RAUC:?}
for word in "$@"; do
    if [ "$word" = install ]; then installing=yes; fi
done
[ "${installing:-}" = yes ] || exec "$real" "$@"
bundle=$2
backend="$UPDATE --root $ROOT bootloader"
primary=$($backend get-primary)
echo "  0% Installing"
if [ "${BREAK:-}" = before ]; then
    echo "LastError: Installation error: Input/output error"
    echo "Installing \`$bundle\` failed" >&2
    exit 1
fi
case $($backend get-state b) in good | bad) ;; *) exit 9 ;; esac
$backend set-state b bad
echo " 40% Copying image to rootfs.1"
# The percents are told by a process of its own; wait for it, but not for ever.
for _ in $(seq 200); do
    grep -q "installing 40 %" "$ROOT/run/sfumato-update/state.json" && break
    sleep 0.05
done
cp "$ROOT/run/sfumato-update/state.json" "$ROOT/seen.json"
rm -rf "$ROOT/extracted"
unsquashfs -q -n -d "$ROOT/extracted" "$bundle" root.img > /dev/null
cat "$ROOT/extracted/root.img" > "$ROOT/dev/disk/by-partlabel/root-b"
if [ "${BREAK:-}" = slot ]; then
    printf X | dd of="$ROOT/dev/disk/by-partlabel/root-b" bs=1 seek=5000 conv=notrunc 2> /dev/null
fi
if [ "${BREAK:-}" = cut ]; then
    # The power is cut.
    kill -9 "$PPID"
    exit 1
fi
[ "$primary" = "$($backend get-primary)" ] || { echo "primary changed" >&2; exit 9; }
if ! $backend set-primary b; then
    echo "LastError: Installation error: Failed marking slot rootfs.1 bootable: backend failed"
    exit 1
fi
echo "100% Installing done."
