import { describe, expect, it } from 'vitest';
import { ElementType, type OnnxAttribute, type OnnxModel, type OnnxNode } from '../../../../onnx/graph.js';
import { makeNode, producersOf } from '../../../../onnx/graph-edit.js';
import { joined, writeBytes, writeText } from '../../../../onnx/graph-wire.js';
import { decoderParts, LOGIT_POSITIONS } from './decoder-graph.js';

/** A branch of an `If`: one node that makes its only output. */
function branch(name: string, node: OnnxNode): OnnxAttribute {
  const [output = ''] = node.outputs;
  const written = [
    ...node.inputs.flatMap((input) => writeText(1, input)),
    ...writeText(2, output),
    ...writeText(4, node.operator),
  ];
  const graph = [...writeBytes(1, written), ...writeText(2, name), ...writeBytes(12, writeText(1, output))];
  return { name, bytes: joined([...writeText(1, name), ...writeBytes(6, graph)]) };
}

function decoderWith(projection: OnnxNode): OnnxModel {
  const choice = makeNode('If', ['use_cache_branch'], ['logits'], {
    attributes: [branch('then_branch', projection), branch('else_branch', projection)],
  });
  return {
    graph: {
      name: 'decoder',
      nodes: [choice],
      initializers: new Map(),
      inputs: [{ name: 'states', type: ElementType.float, dims: [1, 'tokens', 8] }],
      outputs: [{ name: 'logits', type: ElementType.float, dims: [1, 'tokens', 50] }],
    },
    opsets: new Map([['', 20]]),
    rest: [],
  };
}

describe('decoderParts', () => {
  it.each(['MatMul', 'MatMulNBits'])('computes logits only where they are read, by %s', (operator) => {
    const { step } = decoderParts(decoderWith(makeNode(operator, ['states', 'table'], ['scores'])), 2);
    const producers = producersOf(step.graph);
    const projection = producers.get('logits');
    expect(projection?.operator).toBe(operator);
    expect(producers.get(projection?.inputs[0] ?? '')).toMatchObject({
      operator: 'Gather',
      inputs: ['states', LOGIT_POSITIONS],
    });
  });

  it('refuses a decoder that ends in something else', () => {
    expect(() => decoderParts(decoderWith(makeNode('Add', ['states', 'table'], ['scores'])), 2)).toThrow(
      'does not end in a MatMul',
    );
  });
});
