import type { OnnxModel, OnnxNode } from '../../../../onnx/graph.js';
import { makeNode, producersOf } from '../../../../onnx/graph-edit.js';

const PRESENT = /^present_/;

/**
 * Makes a decoder graph output only the keys and values of new positions, under the same names. Common exports join
 * each layer's old keys and values with the new ones and output both. In Node every output is copied into a new array:
 * 240 KiB per position and step for the real model. A graph without such joins, as our own exporter writes it, stays
 * unchanged. Throws when only some of the outputs come from joins.
 */
export function withNewKeysOnly(model: OnnxModel): OnnxModel {
  const producers = producersOf(model.graph);
  const inputs = new Set(model.graph.inputs.map(({ name }) => name));
  const presents = model.graph.outputs.filter((output) => PRESENT.test(output.name));
  const added: Record<string, string> = {};
  for (const { name } of presents) {
    const join = producers.get(name);
    const [past, added_] = join?.operator === 'Concat' ? join.inputs : [];
    if (past !== undefined && added_ !== undefined && inputs.has(past)) added[name] = added_;
  }
  const joined = Object.keys(added).length;
  if (joined === 0) return model;
  if (joined < presents.length)
    throw new Error(`${joined} of its ${presents.length} keys and values are made by joining an input`);
  const whole = (name: string): string => (added[name] === undefined ? name : `${name}/whole`);
  const nodes = model.graph.nodes.map((node): OnnxNode => ({
    ...node,
    inputs: node.inputs.map(whole),
    outputs: node.outputs.map(whole),
  }));
  return {
    ...model,
    graph: {
      ...model.graph,
      nodes: [
        ...nodes,
        ...Object.entries(added).map(([name, value]) => makeNode('Identity', [value], [name])),
      ],
      outputs: model.graph.outputs.map((output) => ({
        ...output,
        dims:
          output.name in added
            ? output.dims.map((size, axis) => (axis === 2 ? 'new_positions' : size))
            : output.dims,
      })),
    },
  };
}
