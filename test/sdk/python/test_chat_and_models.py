"""Chat completions and models through the stock SDK, over a socket; behind them a scripted chat server."""

import openai
import pytest

from conftest import client_of

MESSAGES = [{"role": "user", "content": "عامل إيه؟"}]


def test_completion(client):
    completion = client.chat.completions.create(model="vendor/model", messages=MESSAGES, temperature=0.2)
    assert completion.choices[0].message.content
    assert completion.usage.completion_tokens == 7


def test_stream(client):
    stream = client.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).startswith("أهلا")
    assert chunks[-1].usage.completion_tokens == 7


def test_stream_helper(client):
    with client.chat.completions.stream(model="kallemni", messages=MESSAGES) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].finish_reason == "stop"


def test_bad_messages(client):
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="m", messages=[])
    assert (raised.value.param, raised.value.code) == ("messages", "empty_array")


def test_models(client):
    models = {model.id: model for model in client.models.list()}
    assert {"whisper-1", "tts-1", "kallemni"} <= set(models)
    # The fake voice engine states its licence; the fake speech model comes from no model store.
    assert models["tts-1"].licence == "none"
    assert models["whisper-1"].licence is None
    assert client.models.retrieve("whisper-1").object == "model"
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("vendor/gpt-9")
    assert raised.value.code == "model_not_found"


def test_offline_answers_say_so():
    with client_of("OFFLINE_URL", max_retries=0) as offline:
        raw = offline.chat.completions.with_raw_response.create(model="gpt-4o", messages=MESSAGES)
    assert "chat model" in raw.headers["x-warning"]
    assert raw.parse().choices[0].message.content
