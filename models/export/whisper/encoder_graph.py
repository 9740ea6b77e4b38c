"""Whisper's encoder as an ONNX graph that takes recordings of any length up to 30 seconds."""

from __future__ import annotations

import numpy as np

from lib.graph import MICROSOFT, Graph
from lib.layers import Linear, layer_norm, linear, stored

from .checkpoint import Checkpoint


def linear_of(graph: Graph, checkpoint: Checkpoint, name: str, x: str, block: int | None) -> str:
    return linear(graph, x, Linear(name, checkpoint[f"{name}.weight"], checkpoint.get(f"{name}.bias")), block)


def norm_of(graph: Graph, checkpoint: Checkpoint, name: str, x: str) -> str:
    return layer_norm(graph, x, name, checkpoint[f"{name}.weight"], checkpoint[f"{name}.bias"])


def feed_forward(graph: Graph, checkpoint: Checkpoint, name: str, x: str, block: int | None) -> str:
    inner = linear_of(graph, checkpoint, f"{name}.fc1", norm_of(graph, checkpoint, f"{name}.final_layer_norm", x), block)
    return graph.node("Add", [x, linear_of(graph, checkpoint, f"{name}.fc2", graph.node("Gelu", [inner]), block)])


def encoder_graph(checkpoint: Checkpoint, block: int | None) -> Graph:
    """
    input_features [batch, bands, frames] -> last_hidden_state [batch, frames / 2, width].

    Attention is one operator, which never holds the scores of all positions at once: at 30 seconds those would be most
    of the memory.
    """
    settings = checkpoint.settings
    graph = Graph("encoder")
    x = graph.input("input_features", ["batch_size", settings.bands, "frames"])
    for layer, stride in (("conv1", 1), ("conv2", 2)):
        names = [stored(graph, f"encoder.{layer}.{part}", checkpoint[f"encoder.{layer}.{part}"]) for part in ("weight", "bias")]
        x = graph.node("Gelu", [graph.node("Conv", [x, *names], kernel_shape=[3], pads=[1, 1], strides=[stride])])
    x = graph.node("Transpose", [x], perm=[0, 2, 1])
    table = stored(graph, "encoder.embed_positions.weight", checkpoint["encoder.embed_positions.weight"])
    length = graph.node("Shape", [x], start=1, end=2)
    positions = graph.node("Slice", [table, graph.integers(0), length, graph.integers(0)])
    x = graph.node("Add", [x, positions])
    for layer in range(settings.encoder_layers):
        name = f"encoder.layers.{layer}"
        normed = norm_of(graph, checkpoint, f"{name}.self_attn_layer_norm", x)
        parts = [linear_of(graph, checkpoint, f"{name}.self_attn.{part}_proj", normed, block) for part in "qkv"]
        heard = graph.node("MultiHeadAttention", parts, domain=MICROSOFT, num_heads=settings.encoder_heads)
        x = graph.node("Add", [x, linear_of(graph, checkpoint, f"{name}.self_attn.out_proj", heard, block)])
        x = feed_forward(graph, checkpoint, name, x, block)
    x = norm_of(graph, checkpoint, "encoder.layer_norm", x)
    graph.output(x, "last_hidden_state", ["batch_size", "positions", settings.width])
    return graph
