"""Whisper's decoder as one ONNX graph with two branches: the first tokens of a text, and those after a cache."""

from __future__ import annotations

import numpy as np
from onnx import helper

from lib.graph import Graph
from lib.layers import MIDDLE, Linear, block_weight, causal_mask, heads_first, heads_joined, linear, stored

from .checkpoint import Checkpoint
from .encoder_graph import feed_forward, linear_of, norm_of

LOWEST = float(np.finfo(np.float32).min)
TABLE = "decoder.embed_tokens"
KINDS = ("key", "value")


def decoder_graph(checkpoint: Checkpoint, block: int | None) -> Graph:
    """
    input_ids [batch, new], encoder_hidden_states [batch, positions, width], use_cache_branch [1] and, per layer i,
    past_key_values.i.{decoder,encoder}.{key,value} [batch, heads, length, head width] -> logits [batch, new, vocabulary]
    and present.i.… of the same shapes. Without the cache, encoder keys and values are made from the hidden states.
    """
    settings = checkpoint.settings
    head_width = settings.width // settings.decoder_heads
    graph = Graph("decoder")
    graph.input("input_ids", ["batch_size", "new"], np.int64)
    graph.input("encoder_hidden_states", ["batch_size", "positions", settings.width])
    for name, length in cache_names(settings.decoder_layers):
        graph.input(f"past_key_values.{name}", ["batch_size", settings.decoder_heads, length, head_width])
    graph.input("use_cache_branch", [1], np.bool_)
    branches = [Branch(graph, checkpoint, block, cached).build() for cached in (True, False)]
    outputs = ["logits", *(f"present.{name}" for name, _ in cache_names(settings.decoder_layers))]
    graph.nodes.append(
        helper.make_node("If", ["use_cache_branch"], outputs, name="branches", then_branch=branches[0].proto(), else_branch=branches[1].proto())
    )
    graph.output("logits", "logits", ["batch_size", "new", settings.vocabulary])
    for name, length in cache_names(settings.decoder_layers):
        graph.output(f"present.{name}", f"present.{name}", ["batch_size", settings.decoder_heads, f"{length} of all", head_width])
    return graph


def cache_names(layers: int) -> list[tuple[str, str]]:
    """(name, what its length is called), in the order of inputs and outputs."""
    sides = (("decoder", "past"), ("encoder", "positions"))
    return [(f"{layer}.{side}.{kind}", length) for layer in range(layers) for side, length in sides for kind in KINDS]


class Branch:
    """One of the two ways through the decoder. Both use the same weights."""

    def __init__(self, whole: Graph, checkpoint: Checkpoint, block: int | None, cached: bool) -> None:
        self.checkpoint, self.block, self.cached = checkpoint, block, cached
        self.settings = checkpoint.settings
        self.head_width = self.settings.width // self.settings.decoder_heads
        self.graph = whole.branch("with_cache" if cached else "without_cache")
        self.tied = checkpoint.own_projection is None
        self.table = Linear(TABLE, checkpoint[f"{TABLE}.weight"])

    def build(self) -> Graph:
        graph, layers = self.graph, range(self.settings.decoder_layers)
        new = graph.node("Shape", ["input_ids"], start=1, end=2)
        total = graph.node("Add", [new, graph.node("Shape", ["past_key_values.0.decoder.key"], start=2, end=3)]) if self.cached else new
        visible = graph.node("Unsqueeze", [causal_mask(graph, new, total), graph.integers(0, 1)])
        bias = graph.node("Where", [visible, graph.number(0), graph.number(LOWEST)])
        x = graph.node("Add", [self.embedded(), self.positions(new, total)])
        presents: dict[str, str] = {}
        for layer in layers:
            name = f"decoder.layers.{layer}"
            normed = norm_of(graph, self.checkpoint, f"{name}.self_attn_layer_norm", x)
            pair = self.own_pair(layer, normed)
            x = graph.node("Add", [x, self.attention(f"{name}.self_attn", normed, pair, bias)])
            presents |= {f"{layer}.decoder.{kind}": value for kind, value in zip(KINDS, pair)}
            pair, given = self.heard_pair(layer)
            normed = norm_of(graph, self.checkpoint, f"{name}.encoder_attn_layer_norm", x)
            x = graph.node("Add", [x, self.attention(f"{name}.encoder_attn", normed, pair)])
            presents |= {f"{layer}.encoder.{kind}": value for kind, value in zip(KINDS, given)}
            x = feed_forward(graph, self.checkpoint, name, x, self.block)
        logits = self.projected(norm_of(graph, self.checkpoint, "decoder.layer_norm", x))
        graph.output(logits, logits, ["batch_size", "new", self.settings.vocabulary])
        for name, length in cache_names(self.settings.decoder_layers):
            graph.output(presents[name], presents[name], ["batch_size", self.settings.decoder_heads, f"{length} of all", self.head_width])
        return graph

    def linear(self, name: str, x: str) -> str:
        return linear_of(self.graph, self.checkpoint, name, x, self.block)

    def split(self, x: str) -> str:
        return heads_first(self.graph, x, self.settings.decoder_heads, self.head_width)

    def own_pair(self, layer: int, x: str) -> list[str]:
        """Keys and values of the text so far."""
        name = f"decoder.layers.{layer}.self_attn"
        pair = [self.split(self.linear(f"{name}.{part}_proj", x)) for part in "kv"]
        if not self.cached:
            return pair
        pasts = [f"past_key_values.{layer}.decoder.{kind}" for kind in KINDS]
        return [self.graph.node("Concat", [past, added], axis=2) for past, added in zip(pasts, pair)]

    def heard_pair(self, layer: int) -> tuple[list[str], list[str]]:
        """Keys and values of the recording, and the names to give them out by."""
        if self.cached:
            pair = [f"past_key_values.{layer}.encoder.{kind}" for kind in KINDS]
            return pair, [self.graph.node("Identity", [value]) for value in pair]
        name = f"decoder.layers.{layer}.encoder_attn"
        pair = [self.split(self.linear(f"{name}.{part}_proj", "encoder_hidden_states")) for part in "kv"]
        return pair, pair

    def attention(self, name: str, x: str, pair: list[str], bias: str | None = None) -> str:
        """Spelt out, so that the engine can read from it where a word lies in the recording."""
        graph = self.graph
        query = graph.node("Mul", [self.split(self.linear(f"{name}.q_proj", x)), graph.number(self.head_width**-0.5)])
        scores = graph.node("MatMul", [query, graph.node("Transpose", [pair[0]], perm=[0, 1, 3, 2])])
        weights = graph.node("Softmax", [graph.node("Add", [scores, bias]) if bias else scores], axis=-1)
        heard = heads_joined(graph, graph.node("MatMul", [weights, pair[1]]), self.settings.width)
        return self.linear(f"{name}.out_proj", heard)

    def positions(self, new: str, total: str) -> str:
        """[new, width]: the rows of the position table after what is past."""
        table = stored(self.graph, "decoder.embed_positions.weight", self.checkpoint["decoder.embed_positions.weight"])
        return self.graph.node("Slice", [table, self.graph.node("Sub", [total, new]), total, self.graph.integers(0)])

    def embedded(self) -> str:
        """[batch, new, width]. The table is the output projection as well, so both read the same rounded blocks."""
        graph, width = self.graph, self.settings.width
        if not self.block or not self.tied or width % self.block:
            return graph.node("Gather", [stored(graph, f"{TABLE}.weight", self.table.weight), "input_ids"])
        data, scales = block_weight(graph, self.table, self.block)
        numbers = graph.node("Cast", [graph.node("Gather", [data, "input_ids"])], to=1)
        centred = graph.node("Sub", [numbers, graph.number(MIDDLE)])
        wide = graph.node("Unsqueeze", [graph.node("Gather", [scales, "input_ids"]), graph.integers(-1)])
        return graph.node("Reshape", [graph.node("Mul", [centred, wide]), graph.integers(0, 0, width)])

    def projected(self, x: str) -> str:
        """[batch, new, vocabulary]"""
        graph, name = self.graph, f"{self.graph.name}/logits"
        if not self.tied:
            return linear(graph, x, Linear("proj_out", self.checkpoint.own_projection), self.block, name)
        if self.block and self.settings.width % self.block == 0:
            return linear(graph, x, self.table, self.block, name)
        table = stored(graph, f"{TABLE}.weight", self.table.weight)
        return graph.node("MatMul", [x, graph.node("Transpose", [table], perm=[1, 0])], name)
