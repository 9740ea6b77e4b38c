"""NeMo models with random weights: names and shapes of inputs and outputs are those of NeMo's exports."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from export_nemo import KINDS, SEED, write_folder
from nemo.sizes import SIZES

FRAMES = 101


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("nemo")
    for kind in KINDS:
        write_folder(out, kind, SIZES["tiny"], SEED)
    return out


def mel() -> dict[str, np.ndarray]:
    return {"audio_signal": np.random.default_rng(1).standard_normal((1, 80, FRAMES)).astype(np.float32), "length": np.array([FRAMES - 1])}


def test_ctc_gives_log_probabilities_for_every_eighth_frame(models):
    (logprobs,) = onnxruntime.InferenceSession(models / "ctc/model.onnx").run(["logprobs"], mel())
    assert logprobs.shape == (1, 13, 40)
    np.testing.assert_allclose(np.exp(logprobs).sum(axis=-1), 1, rtol=1e-4)


@pytest.mark.parametrize(("kind", "scores"), [("rnnt", 40), ("tdt", 45)])
def test_a_transducer_has_an_encoder_and_a_joint_network(models, kind, scores):
    states, length = onnxruntime.InferenceSession(models / kind / "encoder-model.onnx").run(["outputs", "encoded_lengths"], mel())
    assert (states.shape, length.tolist()) == ((1, 16, 13), [13])
    zeros = np.zeros((1, 1, 12), np.float32)
    feeds = {"targets": np.array([[39]], np.int32), "target_length": np.array([1], np.int32), "input_states_1": zeros, "input_states_2": zeros}
    joint = onnxruntime.InferenceSession(models / kind / "decoder_joint-model.onnx")
    outputs, first, second = joint.run(["outputs", "output_states_1", "output_states_2"], {"encoder_outputs": states[:, :, :1], **feeds})
    assert (outputs.shape, first.shape, second.shape) == ((1, 1, 1, scores), (1, 1, 12), (1, 1, 12))


def test_the_vocabulary_fits_the_graph(models):
    for kind in KINDS:
        pieces = (models / kind / "vocab.txt").read_text().splitlines()
        assert len(pieces) == (37 if kind == "metro" else 40)
        assert json.loads((models / kind / "config.json").read_text())["features_size"] == 80
