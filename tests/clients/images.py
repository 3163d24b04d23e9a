"""A new version through the library smpclient, as it comes: broken off after some parts, then begun again."""

import asyncio
import sys
from pathlib import Path

from smpclient import SMPClient
from smpclient.requests.image_management import ImageErase, ImageStatesRead
from smpclient.transport.serial import SMPSerialTransport

PARTS = 3


async def main() -> None:
    port, bundle = sys.argv[1:]
    file = Path(bundle).read_bytes()

    async with SMPClient(SMPSerialTransport(), port) as client:
        running, other = (await client.request(ImageStatesRead())).images
        assert (running.slot, running.active, running.confirmed) == (0, True, True), running
        assert (other.slot, other.active, other.bootable) == (1, False, True), other
        # The slot that runs is never written.
        answer = await client.request(ImageErase(slot=0))
        assert "Error" in type(answer).__name__, answer
        there = []
        async for offset in client.upload(file):
            there.append(offset)
            if len(there) == PARTS:
                break

    # The client has vanished in the middle; another one begins from the beginning.
    async with SMPClient(SMPSerialTransport(), port) as client:
        offsets = [offset async for offset in client.upload(file)]
    assert offsets[0] == there[-1], (there, offsets[:2])
    assert offsets[-1] == len(file)
    print(f"smpclient: a version broken off at {there[-1]} of {len(file)} bytes went on from there")


asyncio.run(main())
