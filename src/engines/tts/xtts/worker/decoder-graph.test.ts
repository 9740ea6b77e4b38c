import { describe, expect, it } from 'vitest';
import { ElementType, type OnnxModel } from '../../../../onnx/graph.js';
import { makeNode, producersOf } from '../../../../onnx/graph-edit.js';
import { withNewKeysOnly } from './decoder-graph.js';

/** One layer whose keys and values are made by `key` and `value` of what is past and what is new. */
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
  it('puts out what was joined to the past instead of the whole', () => {
    const { graph } = withNewKeysOnly(modelWith('Concat', 'Concat'));
    expect(producersOf(graph).get('present_key_0')?.inputs).toEqual(['key']);
    expect(producersOf(graph).get('present_value_0')?.inputs).toEqual(['value']);
  });

  it('leaves a graph alone that puts out new positions by itself', () => {
    const model = modelWith('Identity', 'Identity');
    expect(withNewKeysOnly(model)).toBe(model);
  });

  it('refuses a graph where only some are joined', () => {
    expect(() => withNewKeysOnly(modelWith('Concat', 'Identity'))).toThrow('1 of its 2 keys and values');
  });
});
