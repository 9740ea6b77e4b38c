"""Transcriptions and speech through the stock SDK, over a socket."""

import base64
import json

import openai
import pytest

HEARD = "صباح الخير يا باشا"


def test_text_and_usage(client, recording):
    by_second = client.audio.transcriptions.create(file=recording, model="whisper-1")
    assert by_second.text == HEARD
    assert by_second.usage.type == "duration"
    by_token = client.audio.transcriptions.create(file=recording, model="gpt-4o-transcribe")
    assert by_token.usage.type == "tokens"
    assert by_token.usage.total_tokens == by_token.usage.input_tokens + by_token.usage.output_tokens


def test_verbose_json_has_all_ten_fields_and_words(client, recording):
    verbose = client.audio.transcriptions.create(
        file=recording,
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        language="ar-EG",
        prompt="كلام مصري",
        temperature=0,
    )
    assert (verbose.language, verbose.text) == ("arabic", HEARD)
    (segment,) = verbose.segments
    assert set(segment.to_dict()) == {
        "id", "seek", "start", "end", "text", "tokens", "temperature",
        "avg_logprob", "compression_ratio", "no_speech_prob",
    }
    assert [word.word for word in verbose.words] == HEARD.split()


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("text", HEARD), ("srt", "1\n00:00:00,000 --> "), ("vtt", "WEBVTT\n\n00:00:00.000 --> ")],
)
def test_plain_forms_are_strings(client, recording, form, beginning):
    text = client.audio.transcriptions.create(file=recording, model="whisper-1", response_format=form)
    assert isinstance(text, str)
    assert text.startswith(beginning)


def test_keywords_languages_chunking_and_logprobs(client, recording):
    answer = client.audio.transcriptions.create(
        file=recording,
        model="gpt-transcribe",
        keywords=["كشري", "فودافون"],
        languages=["ar"],
        include=["logprobs"],
        chunking_strategy={"type": "server_vad", "threshold": 0.6, "silence_duration_ms": 300},
        extra_body={"something_new": "yes"},
    )
    assert answer.logprobs[0].bytes == list(HEARD.encode())
    assert answer.logprobs[0].logprob < 0


def test_streamed_transcription(client, recording):
    stream = client.audio.transcriptions.create(file=recording, model="gpt-4o-transcribe", stream=True)
    events = list(stream)
    assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]
    assert "".join(event.delta for event in events[:-1]) == events[-1].text == HEARD
    assert events[-1].usage.total_tokens > 0


def test_diarised_transcription(client, recording):
    answer = client.audio.transcriptions.create(
        file=recording, model="gpt-4o-transcribe-diarize", response_format="diarized_json"
    )
    assert type(answer).__name__ == "TranscriptionDiarized"
    assert {segment.speaker for segment in answer.segments} <= {"A", "B"}
    assert " ".join(segment.text for segment in answer.segments) == answer.text == HEARD


@pytest.mark.parametrize(
    ("fields", "error", "param", "code"),
    [
        ({"model": "gpt-9"}, openai.NotFoundError, "model", "model_not_found"),
        ({"response_format": "docx"}, openai.BadRequestError, "response_format", "invalid_value"),
        ({"known_speaker_names": ["Mona"]}, openai.BadRequestError, "known_speaker_names", "invalid_value"),
        ({"temperature": 3}, openai.BadRequestError, "temperature", "decimal_above_max_value"),
        ({"language": "Arabic!"}, openai.BadRequestError, "language", "invalid_language_format"),
    ],
)
def test_bad_values(client, recording, fields, error, param, code):
    with pytest.raises(error) as raised:
        client.audio.transcriptions.create(**{"file": recording, "model": "whisper-1", **fields})
    assert (raised.value.param, raised.value.code) == (param, code)
    assert raised.value.type == "invalid_request_error"
    assert raised.value.request_id.startswith("req_")


def test_a_recording_that_is_none(client):
    with pytest.raises(openai.BadRequestError) as raised:
        client.audio.transcriptions.create(file=("a.wav", b"this is no recording" * 20), model="whisper-1")
    assert raised.value.param == "file"


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("mp3", (b"ID3", b"\xff")), ("opus", b"OggS"), ("aac", b"\xff"), ("flac", b"fLaC"), ("wav", b"RIFF"), ("pcm", b"")],
)
def test_speech_in_six_formats(client, form, beginning):
    speech = client.audio.speech.create(model="tts-1", voice="alloy", input="صباح الخير", response_format=form)
    assert speech.read().startswith(beginning)


def test_speech_streams_into_a_file(client, tmp_path):
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice={"id": "default"}, input="صباح الخير", speed=1.25, instructions="slowly"
    ) as response:
        assert response.headers["content-type"] == "audio/mpeg"
        assert "instructions" in response.headers["x-warning"]
        response.stream_to_file(tmp_path / "speech.mp3")
    assert (tmp_path / "speech.mp3").stat().st_size > 100


def test_speech_as_events(client):
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="nova", input="صباح الخير", response_format="pcm", stream_format="sse"
    ) as response:
        events = [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: ")]
    *deltas, done = events
    assert len(b"".join(base64.b64decode(delta["audio"]) for delta in deltas)) % 2 == 0
    assert {delta["type"] for delta in deltas} == {"speech.audio.delta"}
    assert done["type"] == "speech.audio.done"
    assert done["usage"]["total_tokens"] == done["usage"]["input_tokens"] + done["usage"]["output_tokens"]


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"input": "ا" * 4097}, "input", "string_above_max_length"),
        ({"input": ""}, "input", "empty_string"),
        ({"voice": "nobody"}, "voice", "invalid_value"),
        ({"speed": 9}, "speed", "decimal_above_max_value"),
        ({"response_format": "ogg"}, "response_format", "invalid_value"),
    ],
)
def test_bad_speech(client, fields, param, code):
    with pytest.raises(openai.BadRequestError) as raised:
        client.audio.speech.create(**{"model": "tts-1", "voice": "alloy", "input": "أهلا", **fields})
    assert (raised.value.param, raised.value.code) == (param, code)
