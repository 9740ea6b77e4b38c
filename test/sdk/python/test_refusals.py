"""What the stock SDK does with refusals, timeouts and its caller leaving. python.test.ts counts the calls afterwards."""

import asyncio
import time

import openai
import pytest

from conftest import client_of


def transcribe(client, recording, **options):
    return client.audio.transcriptions.create(file=recording, model="whisper-1", **options)


@pytest.mark.parametrize("variable", ["BUSY_TWICE_URL", "LOADING_TWICE_URL"])
def test_repeats_after_the_time_it_was_told(recording, variable, monkeypatch):
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    with client_of(variable) as client:
        raw = client.audio.transcriptions.with_raw_response.create(file=recording, model="whisper-1")
    assert raw.retries_taken == 2
    assert waits == [0.01, 0.01]


def test_gives_up_with_the_class_of_the_refusal(recording):
    with client_of("BUSY_URL") as client, pytest.raises(openai.RateLimitError) as raised:
        transcribe(client, recording)
    assert raised.value.response.headers["retry-after-ms"] == "10"


def test_does_not_repeat_what_cannot_be_mended(recording):
    with client_of("BROKEN_URL") as client, pytest.raises(openai.InternalServerError) as raised:
        transcribe(client, recording)
    assert raised.value.response.headers["x-should-retry"] == "false"


def test_times_out(recording):
    with client_of("ENDLESS_URL", max_retries=0, timeout=0.3) as client:
        with pytest.raises(openai.APITimeoutError):
            transcribe(client, recording)


def test_the_caller_leaves(recording):
    async def leave() -> None:
        url = client_of("ENDLESS_URL").base_url
        async with openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(transcribe(client, recording), 0.3)

    asyncio.run(leave())
