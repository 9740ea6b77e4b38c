import { bytesOf, ElementType, type OnnxGraph, type OnnxNode, type OnnxTensor } from './graph.js';

/** Maps each value to the node that makes it. */
export function producersOf(graph: OnnxGraph): Map<string, OnnxNode> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

/**
 * Removes every node, initializer and input that no output of the graph needs. It does not look into subgraphs, so use
 * it only on graphs without control flow.
 */
export function pruned(graph: OnnxGraph): OnnxGraph {
  const producers = producersOf(graph);
  const needed = new Set<string>();
  const kept = new Set<OnnxNode>();
  const open = graph.outputs.map(({ name }) => name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const node = producers.get(name);
    if (node && !kept.has(node)) {
      kept.add(node);
      open.push(...node.inputs);
    }
  }
  return {
    ...graph,
    nodes: graph.nodes.filter((node) => kept.has(node)),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
  };
}

/** Adds an initializer of 64-bit integers (indices, shapes) and returns its name. */
export function addIntegers(
  graph: OnnxGraph,
  name: string,
  values: number[],
  dims = [values.length],
): string {
  return addTensor(graph, {
    name,
    dims,
    type: ElementType.int64,
    data: bytesOf(BigInt64Array.from(values, BigInt)),
  });
}

export function addTensor(graph: OnnxGraph, tensor: OnnxTensor): string {
  graph.initializers.set(tensor.name, tensor);
  return tensor.name;
}

/** A new node, named after its first output. */
export function makeNode(
  operator: string,
  inputs: string[],
  outputs: string[],
  details: Partial<Pick<OnnxNode, 'attributes' | 'domain'>> = {},
): OnnxNode {
  return { name: `${outputs[0]}_node`, operator, domain: '', inputs, outputs, attributes: [], ...details };
}

/** Inserts `nodes` directly before `target`, because ONNX requires nodes in topological order. */
export function insertBefore(graph: OnnxGraph, target: OnnxNode, nodes: OnnxNode[]): void {
  graph.nodes.splice(graph.nodes.indexOf(target), 0, ...nodes);
}
