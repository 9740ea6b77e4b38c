import {
  ElementType,
  floatAttribute,
  floatsOf,
  integerAttribute,
  tensorAttributeOf,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
} from './graph.js';
import { makeNode, producersOf, pruned } from './graph-edit.js';

const DOMAIN = 'com.microsoft';

/**
 * Replaces self-attention made of single operators (scale, split into heads, MatMul, Softmax, MatMul, join) by one
 * MultiHeadAttention node. ONNX Runtime computes that node in blocks and never holds positions x positions scores for
 * all heads. For 30 seconds of speech those scores are most of an encoder's memory. Attention of another structure
 * stays unchanged.
 */
export function withFusedAttention(model: OnnxModel, heads: number): OnnxModel {
  const graph: OnnxGraph = {
    ...model.graph,
    nodes: [...model.graph.nodes],
    initializers: new Map(model.graph.initializers),
  };
  const producers = producersOf(graph);
  for (const softmax of graph.nodes.filter(({ operator }) => operator === 'Softmax')) {
    const joined = joinAfter(graph, softmax);
    const attention = joined && fused(graph, producers, softmax, joined, heads);
    if (joined && attention) graph.nodes[graph.nodes.indexOf(joined.reshape)] = attention;
  }
  return { ...model, graph: pruned(graph), opsets: new Map([...model.opsets, [DOMAIN, 1]]) };
}

interface Join {
  /** Probabilities times values. */
  product: OnnxNode;
  /** Heads back into one width. */
  reshape: OnnxNode;
}

function joinAfter(graph: OnnxGraph, softmax: OnnxNode): Join | undefined {
  const product = onlyReader(graph, softmax, 'MatMul');
  const transpose = product && onlyReader(graph, product, 'Transpose');
  const reshape = transpose && onlyReader(graph, transpose, 'Reshape');
  return product && reshape ? { product, reshape } : undefined;
}

function onlyReader(graph: OnnxGraph, node: OnnxNode, operator: string): OnnxNode | undefined {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(node.outputs[0] ?? ''));
  return readers.length === 1 && readers[0]?.operator === operator ? readers[0] : undefined;
}

function fused(
  graph: OnnxGraph,
  producers: Map<string, OnnxNode>,
  softmax: OnnxNode,
  join: Join,
  heads: number,
): OnnxNode | undefined {
  const scores = producers.get(softmax.inputs[0] ?? '');
  if (scores?.operator !== 'MatMul') return undefined;
  const source = (name: string | undefined): Source => sourceOf(graph, producers, name ?? '');
  const query = source(scores.inputs[0]);
  const key = source(scores.inputs[1]);
  const value = source(join.product.inputs[1]);
  if (![query, key, value].every(({ splits }) => splits) || value.scale !== 1) return undefined;
  return makeNode('MultiHeadAttention', [query.name, key.name, value.name], join.reshape.outputs, {
    domain: DOMAIN,
    attributes: [integerAttribute('num_heads', heads), floatAttribute('scale', query.scale * key.scale)],
  });
}

interface Source {
  /** The value before it was split into heads. */
  name: string;
  scale: number;
  /** True when a Reshape was passed. Without a Reshape it is not attention over heads. */
  splits: boolean;
}

/** Walks back over operators that only move or scale numbers. */
function sourceOf(graph: OnnxGraph, producers: Map<string, OnnxNode>, start: string): Source {
  const source: Source = { name: start, scale: 1, splits: false };
  for (let node = producers.get(start); node; node = producers.get(source.name)) {
    const factor = node.operator === 'Mul' ? scalarOf(graph, producers, node.inputs[1]) : undefined;
    const moves = node.operator === 'Transpose' || (node.operator === 'Reshape' && !source.splits);
    if (!moves && factor === undefined) break;
    source.splits ||= node.operator === 'Reshape';
    source.scale *= factor ?? 1;
    source.name = node.inputs[0] ?? '';
  }
  return source;
}

function scalarOf(graph: OnnxGraph, producers: Map<string, OnnxNode>, name = ''): number | undefined {
  const constant = producers.get(name);
  const tensor =
    graph.initializers.get(name) ??
    (constant?.operator === 'Constant' ? tensorAttributeOf(constant, 'value') : undefined);
  return tensor?.type === ElementType.float && tensor.data.length === 4 ? floatsOf(tensor)[0] : undefined;
}
