"""A pack through the library smpclient, as it comes: broken off after some parts, then begun again."""

import asyncio
import sys
from pathlib import Path

from smpclient import SMPClient
from smpclient.transport.serial import SMPSerialTransport

PARTS = 5


async def main() -> None:
    port, pack = sys.argv[1:]
    file, signature = Path(pack).read_bytes(), Path(pack + ".minisig").read_bytes()
    name = "/packs/girl.pack"

    async with SMPClient(SMPSerialTransport(), port) as client:
        async for _ in client.upload_file(signature, name + ".minisig"):
            pass
        there = []
        async for offset in client.upload_file(file, name):
            there.append(offset)
            if len(there) == PARTS:
                break

    # The client has vanished in the middle; another one begins from the beginning.
    async with SMPClient(SMPSerialTransport(), port) as client:
        offsets = [offset async for offset in client.upload_file(file, name)]
    assert offsets[0] == there[-1], (there, offsets[:2])
    assert offsets[-1] == len(file)
    print(f"smpclient: a pack broken off at {there[-1]} of {len(file)} bytes went on from there")


asyncio.run(main())
