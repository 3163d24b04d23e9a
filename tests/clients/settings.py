"""The settings of a portrait through the library smpclient, as it comes: its own typed requests."""

import asyncio
import sys

from smpclient import SMPClient
from smpclient.requests.settings_management import (
    CommitSettings,
    DeleteSetting,
    LoadSettings,
    ReadSetting,
    SaveSettings,
    WriteSetting,
)
from smpclient.transport.serial import SMPSerialTransport


async def main() -> None:
    async with SMPClient(SMPSerialTransport(), sys.argv[1]) as client:

        async def done(request):
            answer = await client.request(request)
            assert type(answer).__name__.endswith("Response"), answer
            return answer

        async def value(name: str) -> bytes:
            return (await done(ReadSetting(name=name))).val

        name = "display/brightness"
        assert await value(name) == b"100"
        await done(WriteSetting(name=name, val=b"64"))
        assert await value(name) == b"100", "in force before the commit"
        await done(CommitSettings())
        assert await value(name) == b"64"
        await done(SaveSettings())
        await done(DeleteSetting(name=name))
        await done(CommitSettings())
        assert await value(name) == b"100"
        await done(LoadSettings())
        assert await value(name) == b"64"
        for request in (
            ReadSetting(name="volume"),
            WriteSetting(name=name, val=b"170"),
            DeleteSetting(name="access/pin"),
        ):
            answer = await client.request(request)
            assert "Error" in type(answer).__name__, answer
        print("smpclient: settings read, written, committed, saved, deleted, loaded, refused")


asyncio.run(main())
