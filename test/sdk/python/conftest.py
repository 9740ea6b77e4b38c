"""The addresses of the services under test come from the environment: python.test.ts starts them."""

import os
from pathlib import Path

import openai
import pytest

SAMPLE = Path(os.environ["SPEECH_SAMPLE"])


def client_of(variable: str, **options) -> openai.OpenAI:
    url = os.environ.get(variable)
    if not url:
        pytest.skip(f"{variable} is not set")
    return openai.OpenAI(api_key="none", base_url=f"{url}/v1", **options)


@pytest.fixture
def client():
    """Scripted engines: every call answers the same."""
    with client_of("SCRIPTED_URL", max_retries=0) as scripted:
        yield scripted


@pytest.fixture
def recording():
    return SAMPLE
