import { writeModel, type OnnxModel, type OnnxTensor } from '../../../../onnx/graph.js';
import { joined, writeBytes, writeInteger, writeText, type Pieces } from '../../../../onnx/graph-wire.js';

/** Smaller tensors (shapes, scales, biases) are written into the model itself. */
const SMALLEST_EXTERNAL_BYTES = 4096;
const EXTERNAL = 1;

/**
 * An edited model whose weights stay in the file they were read from: a few hundred KiB that point into `file`, named
 * `location`. ONNX Runtime maps them from the disk, so neither the edited model nor its weights are held twice.
 * `model` must have been read from exactly `file`.
 */
export function withWeightsIn(model: OnnxModel, file: Uint8Array, location: string): Uint8Array {
  const isOutside = ({ data }: OnnxTensor): boolean =>
    data.buffer === file.buffer && data.byteLength >= SMALLEST_EXTERNAL_BYTES;
  const inside = new Map([...model.graph.initializers].filter(([, tensor]) => !isOutside(tensor)));
  const outside = [...model.graph.initializers.values()].filter(isOutside);
  const references = outside.flatMap((tensor) =>
    writeBytes(5, reference(tensor, tensor.data.byteOffset - file.byteOffset, location)),
  );
  // A message field that comes twice is merged by every protobuf reader: the second graph adds to the first.
  return joined([
    ...writeModel({ ...model, graph: { ...model.graph, initializers: inside } }),
    ...writeBytes(7, references),
  ]);
}

function reference({ dims, type, name, data }: OnnxTensor, offset: number, location: string): Pieces {
  const entry = (key: string, value: string): Pieces =>
    writeBytes(13, [...writeText(1, key), ...writeText(2, value)]);
  return [
    ...dims.flatMap((size) => writeInteger(1, size)),
    ...writeInteger(2, type),
    ...writeText(8, name),
    ...entry('location', location),
    ...entry('offset', String(offset)),
    ...entry('length', String(data.byteLength)),
    ...writeInteger(14, EXTERNAL),
  ];
}
