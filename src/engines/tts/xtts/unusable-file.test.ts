import { expect, it } from 'vitest';
import { unusableFile } from './unusable-file.js';

it.each([
  [
    Object.assign(new Error("ENOENT: no such file, open '/srv/x/vocab.json'"), { code: 'ENOENT' }),
    'it is missing',
  ],
  [
    new RangeError('its shape is 3 x 4 where the model needs 3 x 5'),
    'its shape is 3 x 4 where the model needs 3 x 5',
  ],
  [
    new Error('Load model from /srv/my models/a.onnx failed:Protobuf parsing failed.\nstack'),
    'Load model from a.onnx failed:Protobuf parsing failed',
  ],
  [
    new Error("EACCES: permission denied, open '/srv/x/vocab.json'"),
    "EACCES: permission denied, open 'vocab.json'",
  ],
])('names the file and the reason without the path of the folder: %s', (error, why) => {
  expect(unusableFile('vocab.json', error)).toMatchObject({
    status: 503,
    code: 'model_unusable',
    message: `The model file vocab.json cannot be used: ${why}.`,
  });
});
