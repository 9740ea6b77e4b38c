"""The whole service with real Whisper weights, where they are."""

import openai
import pytest

from conftest import client_of

HEARD = "سياسي"


@pytest.fixture
def service():
    with client_of("SERVICE_URL", max_retries=0) as client:
        yield client


def test_hears_a_real_recording_with_word_times(service, recording):
    verbose = service.audio.transcriptions.create(
        file=recording,
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert HEARD in verbose.text
    assert all(word.start <= word.end <= verbose.duration for word in verbose.words)
    assert all(segment.avg_logprob < 0 and segment.tokens for segment in verbose.segments)


def test_log_probabilities_are_those_of_the_text(service, recording):
    answer = service.audio.transcriptions.create(file=recording, model="gpt-4o-transcribe", include=["logprobs"])
    written = bytes(int(byte) for entry in answer.logprobs for byte in entry.bytes).decode()
    assert written.strip() == answer.text
    assert all(entry.logprob <= 0 for entry in answer.logprobs)


def test_streams_the_text_it_gives_whole(service, recording):
    whole = service.audio.transcriptions.create(file=recording, model="whisper-1")
    events = list(service.audio.transcriptions.create(file=recording, model="whisper-1", stream=True))
    assert events[-1].type == "transcript.text.done"
    assert events[-1].text == "".join(event.delta for event in events[:-1]) == whole.text


def test_speaks_with_every_name_of_openai(service):
    for voice in ("alloy", "onyx", "cedar"):
        speech = service.audio.speech.create(model="gpt-4o-mini-tts", voice=voice, input="صباح الخير يا باشا")
        assert len(speech.read()) > 2_000


def test_lists_what_is_configured(service):
    models = {model.id: model for model in service.models.list()}
    assert models["whisper-1"].alias_of == "whisper-base"
    assert models["whisper-base"].licence == "MIT"
    with pytest.raises(openai.NotFoundError):
        service.models.retrieve("gpt-9")
