"""
Writes what the reference implementations make of a recording, for the service's tests:

    python nemo_expected.py MODELS WAV OUT.json        # MODELS as export_nemo.py writes it; needs the package onnx-asr 0.12.0

Tokens, their times and the mel features of the `nemo` kind are those of onnx-asr. Metro-ASR's package needs PyTorch for
its features, so they are computed here from the formula in its metro_asr/data/features.py.
"""

from __future__ import annotations

import json
import sys
import wave
from pathlib import Path

import numpy as np
import onnxruntime
from onnx_asr import load_model
from onnx_asr.preprocessors.numpy_preprocessor import NemoPreprocessorNumpy

FRAMES = (0, 1, 100, 200, -2, -1)
KINDS = ("ctc", "rnnt", "tdt")
BANDS = (80, 128)


def samples_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768


def nemo_features(audio: np.ndarray, bands: int) -> np.ndarray:
    """[bands, frames]"""
    features, _ = NemoPreprocessorNumpy(f"nemo{bands}")(audio[None], np.array([len(audio)]))
    return features[0]


def metro_features(audio: np.ndarray) -> np.ndarray:
    """[80, frames]: torchaudio's MelSpectrogram(16000, n_fft=512, win_length=400, hop_length=160, n_mels=80, slaney)."""
    padded = np.pad(audio.astype(np.float64), 256, mode="reflect")
    window = np.pad(np.hanning(401)[:-1], 56)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 512)[::160] * window
    power = np.abs(np.fft.rfft(frames)) ** 2
    filters = NemoPreprocessorNumpy("nemo80")._melscale_fbanks.astype(np.float64)
    logs = np.log(np.maximum(power @ filters, 1e-10))
    return ((logs - logs.mean()) / (logs.std(ddof=1) + 1e-6)).T


def chosen(features: np.ndarray) -> dict:
    count = features.shape[1]
    rows = {str(frame % count): [round(float(value), 6) for value in features[:, frame]] for frame in FRAMES}
    return {"frames": count, "values": rows}


def metro_tokens(folder: Path, audio: np.ndarray) -> dict:
    features = metro_features(audio).T.astype(np.float32)[None]
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    (scores,) = session.run(["log_probs"], {"features": features, "feature_lengths": np.array([features.shape[1]])})
    best = scores[0].argmax(axis=1)
    kept = [frame for frame in range(len(best)) if best[frame] != 0 and (frame == 0 or best[frame] != best[frame - 1])]
    return {"tokens": [int(best[frame]) for frame in kept], "times": [round(frame * 0.04, 4) for frame in kept]}


def nemo_tokens(folder: Path, kind: str, audio: np.ndarray) -> dict:
    model = load_model(f"nemo-conformer-{kind}", folder).with_timestamps()
    result = model.recognize(audio, sample_rate=16_000)
    return {"text": result.text, "pieces": result.tokens, "times": [round(time, 4) for time in result.timestamps]}


def main(models: Path, recording: Path, out: Path) -> None:
    audio = samples_of(recording)
    expected = {
        "nemo": {str(bands): chosen(nemo_features(audio, bands)) for bands in BANDS},
        "metro": chosen(metro_features(audio)),
        **{kind: nemo_tokens(models / kind, kind, audio) for kind in KINDS},
        "metro-ctc": metro_tokens(models / "metro", audio),
    }
    out.write_text(json.dumps(expected, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
