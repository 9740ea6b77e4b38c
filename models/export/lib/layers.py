"""Layers that transformers share, as ONNX nodes: linear maps in float32 or 8 bits, norms, splitting into heads."""

from __future__ import annotations

from functools import cache, partial
from dataclasses import dataclass

import numpy as np
import torch

from .graph import MICROSOFT, Graph

INT8_ACCURACY = 4
MIDDLE = 128


@dataclass(frozen=True)
class Linear:
    """y = x W^T + b with `weight` [outputs, inputs], or [inputs, outputs] where it is `transposed`."""

    name: str
    weight: torch.Tensor
    bias: torch.Tensor | None = None
    transposed: bool = False

    @property
    def sizes(self) -> tuple[int, int]:
        """(inputs, outputs)"""
        first, second = self.weight.shape
        return (first, second) if self.transposed else (second, first)

    def rows(self) -> np.ndarray:
        """[outputs, inputs]"""
        array = numbers(self.weight)
        return array.T if self.transposed else array


def numbers(tensor: torch.Tensor) -> np.ndarray:
    """float32; a view where the tensor is that already."""
    return tensor.detach().to(torch.float32).numpy()


def stored(graph: Graph, name: str, tensor: torch.Tensor) -> str:
    return graph.weight(name, tuple(tensor.shape), np.float32, partial(numbers, tensor))


def linear(graph: Graph, x: str, layer: Linear, block: int | None = None, output: str | None = None) -> str:
    """
    x [..., inputs] -> [..., outputs]. With a `block`, weights are rounded to 8 bits, `block` of them under one scale, if
    the inputs fill whole blocks. ONNX Runtime rounds activations in the same blocks, so an outlier spoils few numbers.
    """
    inputs, outputs = layer.sizes
    bias = None if layer.bias is None else stored(graph, f"{layer.name}.bias", layer.bias)
    if block and inputs % block == 0:
        data, scales = block_weight(graph, layer, block)
        return graph.node(
            "MatMulNBits",
            [x, data, scales, "", "", bias] if bias else [x, data, scales],
            output,
            MICROSOFT,
            K=inputs,
            N=outputs,
            bits=8,
            block_size=block,
            accuracy_level=INT8_ACCURACY,
        )
    weight = graph.weight(f"{layer.name}.weight", (inputs, outputs), np.float32, lambda: layer.rows().T)
    if bias is None:
        return graph.node("MatMul", [x, weight], output)
    return graph.node("Add", [graph.node("MatMul", [x, weight]), bias], output)


def block_weight(graph: Graph, layer: Linear, block: int) -> tuple[str, str]:
    """Names of the weight's blocks [outputs, inputs / block, block] (uint8 around 128) and scales [outputs, inputs / block]."""
    inputs, outputs = layer.sizes
    blocks = inputs // block
    made = cache(lambda: rounded(layer.rows(), block))

    def scales() -> np.ndarray:
        result = made()[1]
        made.cache_clear()  # it is written last, and the blocks are no longer needed
        return result

    data = graph.weight(f"{layer.name}.blocks", (outputs, blocks, block), np.uint8, lambda: made()[0])
    return data, graph.weight(f"{layer.name}.scales", (outputs, blocks), np.float32, scales)


def rounded(rows: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray]:
    """[outputs, inputs] -> blocks and scales; the largest magnitude of a block becomes 127."""
    blocks = rows.reshape(rows.shape[0], -1, block)
    scales = np.abs(blocks).max(axis=-1) / np.float32(127)
    scales[scales == 0] = 1
    return (np.rint(blocks / scales[..., None]) + MIDDLE).astype(np.uint8), scales


def layer_norm(graph: Graph, x: str, name: str, weight: torch.Tensor, bias: torch.Tensor, epsilon: float = 1e-5) -> str:
    names = [stored(graph, f"{name}.weight", weight), stored(graph, f"{name}.bias", bias)]
    return graph.node("LayerNormalization", [x, *names], axis=-1, epsilon=epsilon)


def heads_first(graph: Graph, x: str, heads: int, width: int) -> str:
    """[batch, positions, heads * width] -> [batch, heads, positions, width]"""
    split = graph.node("Reshape", [x, graph.integers(0, 0, heads, width)])
    return graph.node("Transpose", [split], perm=[0, 2, 1, 3])


def heads_joined(graph: Graph, x: str, width: int) -> str:
    """[batch, heads, positions, head width] -> [batch, positions, width]"""
    together = graph.node("Transpose", [x], perm=[0, 2, 1, 3])
    return graph.node("Reshape", [together, graph.integers(0, 0, width)])


def causal_mask(graph: Graph, new: str, total: str) -> str:
    """True where a position may look, [new, total]: at itself and what was before it. `new` and `total` are lengths [1]."""
    zero, one, shape = graph.constant("zero", np.array(0, np.int64)), graph.constant("one", np.array(1, np.int64)), graph.integers()
    count = lambda length: graph.node("Range", [zero, graph.node("Reshape", [length, shape]), one])
    last = graph.node("Add", [count(new), graph.node("Sub", [total, new])])
    return graph.node("LessOrEqual", [count(total), graph.node("Unsqueeze", [last, graph.integers(1)])])
