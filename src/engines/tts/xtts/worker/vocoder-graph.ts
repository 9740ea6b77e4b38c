import {
  floatsOf,
  tensorAttributeOf,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
} from '../../../../onnx/graph.js';
import { producersOf, pruned } from '../../../../onnx/graph-edit.js';

export const SPEAKER_INPUT = 'speaker_embedding';
/** Operators before the vocoder's first convolution that do not change any number. */
const PASSING = ['Transpose', 'Squeeze', 'Unsqueeze', 'Identity'];

export interface VocoderGraph {
  model: OnnxModel;
  /** Interpolation factors along time, in order. They were removed from the graph, so the caller must apply them. */
  stretches: number[];
}

/** Name of the input that is not the speaker's embedding. Throws when there is none. */
export function latentsInput(inputs: readonly string[]): string {
  const name = inputs.find((input) => input !== SPEAKER_INPUT);
  if (name === undefined || !inputs.includes(SPEAKER_INPUT))
    throw new Error(`its inputs are ${inputs.join(', ')}`);
  return name;
}

/**
 * Removes the linear interpolations from the start of a vocoder graph: x 4 and x 24000/22050, from latents to frames of
 * 256 samples. The caller applies them to the whole utterance, so that any window of frames can be vocoded in phase.
 * Throws when the start of the graph has other operators.
 */
export function withoutStretches({ graph, ...rest }: OnnxModel): VocoderGraph {
  const stretches: number[] = [];
  let nodes = graph.nodes;
  for (let value = latentsInput(graph.inputs.map(({ name }) => name)); ;) {
    const user = soleUser(nodes, value);
    if (user.operator === 'Conv') break;
    const output = user.outputs[0] ?? '';
    if (user.operator === 'Resize') {
      stretches.push(stretchOf({ ...graph, nodes }, user));
      const bypass = (name: string): string => (name === output ? value : name);
      nodes = nodes
        .filter((node) => node !== user)
        .map((node) => ({ ...node, inputs: node.inputs.map(bypass) }));
    } else if (PASSING.includes(user.operator)) {
      value = output;
    } else {
      throw new Error(`its latents go through ${user.operator} before the first convolution`);
    }
  }
  return { model: { ...rest, graph: pruned({ ...graph, nodes }) }, stretches };
}

function soleUser(nodes: OnnxNode[], value: string): OnnxNode {
  const users = nodes.filter((node) => node.inputs.includes(value));
  if (users.length === 1 && users[0]) return users[0];
  throw new Error(`${value} has ${users.length} users`);
}

function stretchOf(graph: OnnxGraph, resize: OnnxNode): number {
  const mode = (name: string): string => {
    const attribute = resize.attributes.find((candidate) => candidate.name === name);
    return attribute ? Buffer.from(attribute.bytes).toString('latin1') : '';
  };
  const isLinear = mode('mode').includes('linear');
  const isCentred = mode('coordinate_transformation_mode').includes('half_pixel');
  const name = resize.inputs[2] ?? '';
  const maker = producersOf(graph).get(name);
  const tensor = graph.initializers.get(name) ?? (maker && tensorAttributeOf(maker, 'value'));
  const [batch, channels, time, ...more] = tensor ? floatsOf(tensor) : [];
  if (!isLinear || !isCentred || batch !== 1 || channels !== 1 || time === undefined || more.length > 0) {
    throw new Error('its interpolation is not linear along time by a fixed factor');
  }
  return time;
}
