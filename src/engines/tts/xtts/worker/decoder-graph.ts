import type { OnnxModel, OnnxNode } from '../../../../inference/onnx-graph.js';
import { makeNode, producersOf } from '../../../../inference/onnx-graph-edit.js';

const PRESENT = /^present_/;

/**
 * Exports join each layer's old keys and values with the new ones and put out the whole. In Node every output is copied
 * into a fresh array, 240 KiB per position and step for the real model; this puts out only the new ones, under the same
 * names. Throws when an output does not come from joining an input with something.
 */
export function withNewKeysOnly(model: OnnxModel): OnnxModel {
  const producers = producersOf(model.graph);
  const inputs = new Set(model.graph.inputs.map(({ name }) => name));
  const added: Record<string, string> = {};
  for (const { name } of model.graph.outputs.filter((output) => PRESENT.test(output.name))) {
    const join = producers.get(name);
    const [past, added_] = join?.operator === 'Concat' ? join.inputs : [];
    if (past === undefined || added_ === undefined || !inputs.has(past))
      throw new Error(`${name} is not made by joining an input`);
    added[name] = added_;
  }
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
