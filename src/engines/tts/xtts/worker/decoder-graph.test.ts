import { describe, expect, it } from 'vitest';
import { ElementType, type OnnxModel } from '../../../../onnx/graph.js';
import { makeNode, producersOf } from '../../../../onnx/graph-edit.js';
import { withNewKeysOnly } from './decoder-graph.js';

/** One layer. The nodes `key` and `value` make its keys and values from the past and the new positions. */
function modelWith(key: 'Concat' | 'Identity', value: 'Concat' | 'Identity'): OnnxModel {
  const tensor = (name: string): OnnxModel['graph']['inputs'][number] => ({
    name,
    type: ElementType.float,
    dims: [1, 2, 'positions', 64],
  });
  const made = (operator: string, kind: string): OnnxModel['graph']['nodes'][number] =>
    makeNode(operator, operator === 'Concat' ? [`past_${kind}_0`, kind] : [kind], [`present_${kind}_0`]);
  return {
    graph: {
      name: 'decoder',
      nodes: [made(key, 'key'), made(value, 'value')],
      initializers: new Map(),
      inputs: ['past_key_0', 'past_value_0'].map(tensor),
      outputs: ['present_key_0', 'present_value_0'].map(tensor),
    },
    opsets: new Map([['', 17]]),
    rest: [],
  };
}

describe('withNewKeysOnly', () => {
  it('outputs only the new positions instead of past and new joined', () => {
    const { graph } = withNewKeysOnly(modelWith('Concat', 'Concat'));
    expect(producersOf(graph).get('present_key_0')?.inputs).toEqual(['key']);
    expect(producersOf(graph).get('present_value_0')?.inputs).toEqual(['value']);
  });

  it('does not change a graph that already outputs only new positions', () => {
    const model = modelWith('Identity', 'Identity');
    expect(withNewKeysOnly(model)).toBe(model);
  });

  it('rejects a graph that joins only some of its keys and values', () => {
    expect(() => withNewKeysOnly(modelWith('Concat', 'Identity'))).toThrow('1 of its 2 keys and values');
  });
});
