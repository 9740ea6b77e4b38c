import {
  bytesOf,
  ElementType,
  floatsOf,
  integerAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from './graph.js';
import { addIntegers, addTensor, makeNode, producersOf, pruned } from './graph-edit.js';

/** A weight in rows of the output (N x K), as 8-bit numbers around 128 with one scale per block of a row. */
interface BlockWeight {
  rows: number;
  columns: number;
  data: Uint8Array;
  scales: Float32Array;
  /** One per block; absent when all are 128. */
  zeroPoints?: Uint8Array;
}

const DOMAIN = 'com.microsoft';
const INT8_ACCURACY = 4;
const HALF = 128;

/**
 * Turns products with constant weights into MatMulNBits with 8-bit weights: float weights are rounded block by block,
 * dynamically quantised ones (DynamicQuantizeLinear, MatMulInteger, Cast, Mul) keep their numbers. A decoder step reads
 * every weight once per token, so with a quarter of the bytes it takes little more than a quarter of the time. Source
 * of the format: ONNX Runtime's contrib operator documentation.
 */
export function withBlockWeights(model: OnnxModel, block: number): OnnxModel {
  const graph: OnnxGraph = {
    ...model.graph,
    nodes: [...model.graph.nodes],
    initializers: new Map(model.graph.initializers),
  };
  const producers = producersOf(graph);
  const context = { graph, producers, block };
  graph.nodes = graph.nodes.map((node) => replacement(context, node) ?? node);
  gatherFromBlocks(context);
  return { ...model, graph: pruned(graph), opsets: new Map([...model.opsets, [DOMAIN, 1]]) };
}

interface Context {
  graph: OnnxGraph;
  producers: Map<string, OnnxNode>;
  block: number;
}

function replacement(context: Context, node: OnnxNode): OnnxNode | undefined {
  const match =
    node.operator === 'MatMul'
      ? plainProduct(context, node)
      : node.operator === 'Mul'
        ? dynamicProduct(context, node)
        : undefined;
  if (!match || match.weight.columns % context.block !== 0) return undefined;
  return blockProduct(context, match, node.outputs);
}

interface Match {
  input: string;
  /** Names the weight; two products with the same weight share it. */
  name: string;
  weight: { rows: number; columns: number; make: () => BlockWeight };
}

/** x times a stored matrix, or times the transposed (and dequantised) table of the embeddings. */
function plainProduct(context: Context, node: OnnxNode): Match | undefined {
  const { graph, producers, block } = context;
  const [input = '', weight = ''] = node.inputs;
  const stored = graph.initializers.get(weight);
  if (stored)
    return stored.type === ElementType.float
      ? match(input, stored, true, (rows) => roundedBlocks(rows, block))
      : undefined;
  const last = producers.get(weight);
  const dequantize = last?.operator === 'DequantizeLinear' ? last : undefined;
  const transpose = dequantize ? producers.get(dequantize.inputs[0] ?? '') : last;
  const table =
    transpose?.operator === 'Transpose' ? graph.initializers.get(transpose.inputs[0] ?? '') : undefined;
  if (!table || table.dims.length !== 2) return undefined;
  if (!dequantize) return match(input, table, false, (rows) => roundedBlocks(rows, block));
  const scale = scalarOf(graph, dequantize.inputs[1]);
  const zero = integerScalarOf(graph, dequantize.inputs[2]);
  return scale === undefined
    ? undefined
    : match(input, table, false, (rows) => storedBlocks(rows, block, scale, zero));
}

/** Mul(Cast(MatMulInteger(quantised x, W, zero of x, zero of W)), Mul(scale of x, scale of W)). */
function dynamicProduct(context: Context, node: OnnxNode): Match | undefined {
  const { graph, producers, block } = context;
  const inputs = node.inputs.map((name) => producers.get(name));
  const cast = inputs.find((producer) => producer?.operator === 'Cast');
  const scales = inputs.find((producer) => producer?.operator === 'Mul');
  const product = producers.get(cast?.inputs[0] ?? '');
  if (product?.operator !== 'MatMulInteger' || !scales) return undefined;
  const quantize = producers.get(product.inputs[0] ?? '');
  const stored = graph.initializers.get(product.inputs[1] ?? '');
  const scale = scales.inputs.map((name) => scalarOf(graph, name)).find((value) => value !== undefined);
  if (quantize?.operator !== 'DynamicQuantizeLinear' || !stored || scale === undefined) return undefined;
  const zero = integerScalarOf(graph, product.inputs[3]);
  return match(quantize.inputs[0] ?? '', stored, true, (rows) => storedBlocks(rows, block, scale, zero));
}

function match(
  input: string,
  stored: OnnxTensor,
  transposed: boolean,
  make: (rows: OnnxTensor) => BlockWeight,
): Match | undefined {
  const [first = 0, second = 0] = stored.dims;
  if (stored.dims.length !== 2) return undefined;
  const [rows, columns] = transposed ? [second, first] : [first, second];
  return {
    input,
    name: stored.name,
    weight: { rows, columns, make: () => make(transposed ? transpose(stored) : stored) },
  };
}

function blockProduct(context: Context, { input, name, weight }: Match, outputs: string[]): OnnxNode {
  const { graph, block } = context;
  const blocks = weight.columns / block;
  const data = `${name}/blocks`;
  if (!graph.initializers.has(data)) {
    const made = weight.make();
    addTensor(graph, {
      name: data,
      dims: [weight.rows, blocks, block],
      type: ElementType.uint8,
      data: made.data,
    });
    addTensor(graph, {
      name: `${name}/scales`,
      dims: [weight.rows, blocks],
      type: ElementType.float,
      data: bytesOf(made.scales),
    });
    if (made.zeroPoints) {
      addTensor(graph, {
        name: `${name}/zeros`,
        dims: [weight.rows, blocks],
        type: ElementType.uint8,
        data: made.zeroPoints,
      });
    }
  }
  const zeros = graph.initializers.has(`${name}/zeros`) ? [`${name}/zeros`] : [];
  return makeNode('MatMulNBits', [input, data, `${name}/scales`, ...zeros], outputs, {
    domain: DOMAIN,
    attributes: [
      integerAttribute('K', weight.columns),
      integerAttribute('N', weight.rows),
      integerAttribute('bits', 8),
      integerAttribute('block_size', block),
      integerAttribute('accuracy_level', INT8_ACCURACY),
    ],
  });
}

/**
 * Embeddings that are also the output projection are read from its blocks. A second table would double the memory, and
 * a float table is four times as large.
 */
function gatherFromBlocks({ graph }: Context): void {
  graph.nodes = graph.nodes.flatMap((node) => {
    const table = graph.initializers.get(node.inputs[0] ?? '');
    const blocks = graph.initializers.get(`${table?.name}/blocks`);
    if (node.operator !== 'Gather' || !table || !blocks) return [node];
    if (table.type === ElementType.float) return gatheredFloats(graph, table, node);
    return table.data === blocks.data ? gatheredBytes(graph, table, node) : [node];
  });
}

function gatheredBytes(graph: OnnxGraph, table: OnnxTensor, node: OnnxNode): OnnxNode[] {
  const at = (name: string): string => `${table.name}/gather/${name}`;
  const shape = addIntegers(graph, at('shape'), [0, 0, table.dims[1] ?? 0]);
  return [
    makeNode('Gather', [`${table.name}/blocks`, node.inputs[1] ?? ''], [at('bytes')]),
    makeNode('Reshape', [at('bytes'), shape], node.outputs),
  ];
}

function gatheredFloats(graph: OnnxGraph, table: OnnxTensor, node: OnnxNode): OnnxNode[] {
  const indices = node.inputs[1] ?? '';
  const at = (name: string): string => `${table.name}/gather/${name}`;
  const middle = addTensor(graph, {
    name: at('middle'),
    dims: [],
    type: ElementType.float,
    data: bytesOf(Float32Array.of(HALF)),
  });
  const shape = addIntegers(graph, at('shape'), [0, 0, table.dims[1] ?? 0]);
  const last = addIntegers(graph, at('last'), [-1]);
  return [
    makeNode('Gather', [`${table.name}/blocks`, indices], [at('bytes')]),
    makeNode('Gather', [`${table.name}/scales`, indices], [at('scales')]),
    makeNode('Cast', [at('bytes')], [at('floats')], {
      attributes: [integerAttribute('to', ElementType.float)],
    }),
    makeNode('Sub', [at('floats'), middle], [at('centred')]),
    makeNode('Unsqueeze', [at('scales'), last], [at('wide')]),
    makeNode('Mul', [at('centred'), at('wide')], [at('scaled')]),
    makeNode('Reshape', [at('scaled'), shape], node.outputs),
  ];
}

/** Symmetric rounding: the block's largest magnitude becomes 127. */
function roundedBlocks(matrix: OnnxTensor, block: number): BlockWeight {
  const values = floatsOf(matrix);
  const [rows = 0, columns = 0] = matrix.dims;
  const data = new Uint8Array(values.length);
  const scales = new Float32Array(values.length / block);
  for (let start = 0; start < values.length; start += block) {
    let peak = 0;
    for (let index = start; index < start + block; index++)
      peak = Math.max(peak, Math.abs(values[index] as number));
    const scale = peak / 127 || 1;
    scales[start / block] = scale;
    for (let index = start; index < start + block; index++)
      data[index] = Math.round((values[index] as number) / scale) + HALF;
  }
  return { rows, columns, data, scales };
}

/** Moves numbers that are already quantised to the range around 128. Each block gets the common scale. */
function storedBlocks(matrix: OnnxTensor, block: number, scale: number, zero: number): BlockWeight {
  const [rows = 0, columns = 0] = matrix.dims;
  const signed = matrix.type === ElementType.int8;
  const data = signed ? matrix.data.map((byte) => byte ^ HALF) : matrix.data;
  const blocks = data.length / block;
  const middle = signed ? zero + HALF : zero;
  const scales = new Float32Array(blocks).fill(scale);
  return {
    rows,
    columns,
    data,
    scales,
    ...(middle !== HALF && { zeroPoints: new Uint8Array(blocks).fill(middle) }),
  };
}

function transpose(matrix: OnnxTensor): OnnxTensor {
  const [rows = 0, columns = 0] = matrix.dims;
  const isFloat = matrix.type === ElementType.float;
  const from = isFloat ? floatsOf(matrix) : matrix.data;
  const to = isFloat ? new Float32Array(from.length) : new Uint8Array(from.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      to[column * rows + row] = from[row * columns + column] as number;
  }
  return { ...matrix, dims: [columns, rows], data: bytesOf(to) };
}

function scalarOf(graph: OnnxGraph, name: string | undefined): number | undefined {
  const tensor = graph.initializers.get(name ?? '');
  return tensor?.type === ElementType.float && tensor.data.length === 4 ? floatsOf(tensor)[0] : undefined;
}

function integerScalarOf(graph: OnnxGraph, name: string | undefined): number {
  const tensor = graph.initializers.get(name ?? '');
  const byte = tensor?.data[0] ?? 0;
  return tensor?.type === ElementType.int8 ? (byte << 24) >> 24 : byte;
}
