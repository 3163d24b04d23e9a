#!/bin/sh
# Lays the living painting over NVIDIA's root file system and flashes a Jetson Orin Nano developer kit with an NVMe disk.
# Not tried on the board. What NVIDIA's tools do, and what they need: README.md beside this file.
set -eu
if [ $# -ne 2 ]; then
    echo "usage: $0 Linux_for_Tegra OVERLAY" >&2
    exit 2
fi
tegra=$(realpath "$1")
overlay=$(realpath "$2")
flash=tools/kernel_flash/l4t_initrd_flash.sh
if [ "$(id -u)" -ne 0 ]; then
    echo "NVIDIA's tools must be run by root: sudo $0 $1 $2" >&2
    exit 1
fi
if ! [ -x "$tegra/$flash" ]; then
    echo "$tegra has no $flash: unpack NVIDIA's Jetson Linux 36 driver package there" >&2
    exit 1
fi
if ! [ -d "$tegra/rootfs/etc" ]; then
    echo "$tegra/rootfs is empty: unpack NVIDIA's sample root file system there and run ./apply_binaries.sh" >&2
    exit 1
fi
if ! [ -d "$overlay/var/lib/sfumato-first-boot" ]; then
    echo "$overlay is no overlay: cargo xtask package --board jetson-orin-nano makes it" >&2
    exit 1
fi
if ! lsusb -d 0955: >/dev/null 2>&1; then
    echo "no NVIDIA board is to be seen on USB: join FC REC and GND, then give it power" >&2
    exit 1
fi

cp -a --no-preserve=ownership "$overlay/." "$tegra/rootfs/"
cd "$tegra"
# Else the first start waits for somebody to make an account.
if ! grep -q '^technician:' rootfs/etc/passwd; then
    printf 'password for the account technician: ' >&2
    stty -echo
    read -r password
    stty echo
    ./tools/l4t_create_default_user.sh --accept-license -n sfumato -u technician -p "$password"
fi
exec ./$flash --external-device nvme0n1p1 -c tools/kernel_flash/flash_l4t_t234_nvme.xml \
    -p "-c bootloader/generic/cfg/flash_t234_qspi.xml" --showlogs --network usb0 \
    jetson-orin-nano-devkit internal
