"""Holds a conversation with the stock Python clients: stock_clients.py openai|agents URL. Prints the status of the response."""

import asyncio
import base64
import math
import struct
import sys

RATE = 24_000


def turn() -> bytes:
    """Six tenths of a second of sound, then silence."""
    loud = [int(9_000 * math.sin(n / 20)) for n in range(RATE * 6 // 10)]
    return struct.pack(f"<{len(loud)}h", *loud) + bytes(2 * RATE * 9 // 10)


async def with_openai(url: str) -> str:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(api_key="unused", base_url=f"{url}/v1")
    async with client.realtime.connect(model="gpt-realtime") as live:
        await live.session.update(session={"type": "realtime", "output_modalities": ["audio"]})
        await live.input_audio_buffer.append(audio=base64.b64encode(turn()).decode())
        async for event in live:
            if event.type == "error":
                raise RuntimeError(event.error.message)
            if event.type == "response.done":
                return event.response.status
    raise RuntimeError("The connection ended before the response")


async def with_agents(url: str) -> str:
    from agents.realtime import RealtimeAgent, RealtimeRunner

    runner = RealtimeRunner(
        RealtimeAgent(name="Kallemni", instructions="Answer in one sentence."),
        config={"model_settings": {"model_name": "gpt-realtime", "voice": "ash"}},
    )
    address = url.replace("http", "ws") + "/v1/realtime"
    session = await runner.run(model_config={"url": address, "api_key": "unused"})
    sounds = 0
    async with session:
        await session.send_audio(turn())
        async for event in session:
            if event.type == "error":
                raise RuntimeError(str(event.error))
            if event.type == "audio":
                sounds += 1
            if event.type == "agent_end":
                break
    if sounds == 0:
        raise RuntimeError("There was no audio")
    return "completed"


CLIENTS = {"openai": with_openai, "agents": with_agents}

if __name__ == "__main__":
    print(asyncio.run(asyncio.wait_for(CLIENTS[sys.argv[1]](sys.argv[2]), 40)))
