/** The import arrows of docs/architecture.md. Tests may import anything; what ships may not. */
const TEST = '(\\.test\\.ts|/fake[^/]*\\.ts|/contract\\.ts)$';
const layer = (name, path, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path, pathNot: TEST },
  to: { path: '^src/', pathNot: [path, ...allowed] },
});
const only = (name, dependency, owners, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: '^src/', pathNot: [...owners, TEST] },
  to: { path: `(^|node_modules/)${dependency}(/|$)`, dependencyTypesNot: ['type-only'] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A file nothing imports is dead.',
      from: {
        orphan: true,
        path: '^src/',
        pathNot: [
          TEST,
          '\\.d\\.ts$',
          '^src/(main|models/cli|egyptian/cli|engines/tts/xtts/worker/verify|engines/stt/whisper/worker/derive-process|inference/cuda-probe-child)\\.ts$',
        ],
      },
      to: {},
    },
    layer('lib-is-lowest', '^src/lib/', [], 'lib knows nothing of ours'),
    layer('config', '^src/config/', ['^src/lib/'], 'config reads the environment and nothing else'),
    layer('egyptian-is-pure', '^src/egyptian/', ['^src/lib/'], 'the language knows no engine and no edge'),
    layer('audio', '^src/audio/', ['^src/lib/'], 'audio knows no engine and no edge'),
    layer(
      'models',
      '^src/models/(?!cli\\.ts)',
      ['^src/models/', '^src/lib/', '^src/observability/'],
      'the store knows files, not engines; its command reads the settings',
    ),
    layer('observability', '^src/observability/', ['^src/lib/', '^src/config/'], ''),
    layer(
      'inference',
      '^src/inference/(?!child\\.ts)',
      ['^src/inference/', '^src/lib/', '^src/observability/'],
      'the parent side of inference knows no engine; child.ts alone loads the worker halves',
    ),
    {
      name: 'contracts-are-types',
      severity: 'error',
      comment: 'An engine contract names no family and no runtime library.',
      from: { path: '^src/engines/[^/]+/[^/]+\\.ts$', pathNot: TEST },
      to: { path: '^src/', pathNot: ['^src/engines/[^/]+/[^/]+\\.ts$', '^src/lib/'] },
    },
    {
      name: 'client-half',
      severity: 'error',
      comment: 'The parent half of an engine never reaches into the child half, or into another family.',
      from: { path: '^src/engines/([^/]+)/([^/]+)/[^/]+\\.ts$', pathNot: TEST },
      to: {
        path: '^src/',
        pathNot: [
          '^src/engines/[^/]+/[^/]+\\.ts$',
          '^src/engines/$1/$2/[^/]+\\.ts$',
          '^src/(inference/inference-engine|lib/|models/|audio/|egyptian/)',
        ],
      },
    },
    {
      name: 'worker-half',
      severity: 'error',
      comment: 'The child half knows sessions and loops, not the service.',
      from: { path: '^src/engines/([^/]+)/([^/]+)/worker/', pathNot: TEST },
      to: {
        path: '^src/',
        pathNot: [
          '^src/engines/[^/]+/[^/]+\\.ts$',
          '^src/engines/[^/]+/[^/]+/worker/',
          '^src/engines/$1/$2/[^/]+\\.ts$',
          '^src/inference/(worker-engine|protocol|onnx-session|onnx-graph)',
          '^src/(lib|audio|egyptian)/',
        ],
      },
    },
    layer(
      'assistant',
      '^src/assistant/',
      ['^src/engines/[^/]+/[^/]+\\.ts$', '^src/egyptian/', '^src/audio/', '^src/lib/'],
      'use cases know contracts, not families, frameworks or the environment',
    ),
    layer(
      'http',
      '^src/http/',
      [
        '^src/assistant/',
        '^src/voices/',
        '^src/observability/',
        '^src/audio/',
        '^src/lib/',
        '^src/engines/[^/]+/[^/]+\\.ts$',
      ],
      'the edge knows use cases, not engines',
    ),
    layer(
      'realtime',
      '^src/realtime/',
      [
        '^src/realtime/',
        '^src/assistant/',
        '^src/access/',
        '^src/observability/',
        '^src/egyptian/',
        '^src/audio/',
        '^src/lib/',
        '^src/engines/[^/]+/[^/]+\\.ts$',
      ],
      'live conversations know use cases and contracts, not express or engine families',
    ),
    layer(
      'voices',
      '^src/voices/',
      ['^src/voices/', '^src/engines/[^/]+/[^/]+\\.ts$', '^src/audio/', '^src/lib/', '^src/observability/'],
      'cloned voices know contracts, not engines or edges',
    ),
    {
      name: 'compose-is-the-root',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(main\\.ts|compose)', TEST] },
      to: { path: '^src/(compose|main)' },
    },
    only('express-in-http', 'express', ['^src/http/'], ''),
    only('multer-in-http-middleware', 'multer', ['^src/http/middleware/'], ''),
    only('openai-in-its-engine', 'openai', ['^src/engines/llm/openrouter/'], ''),
    only('ffmpeg-behind-one-file', 'fluent-ffmpeg', ['^src/audio/ffmpeg\\.ts$'], ''),
    only('logs-metrics-traces', '(pino|prom-client|@opentelemetry)', ['^src/observability/'], ''),
    only('wavefile-behind-one-file', 'wavefile', ['^src/audio/wav\\.ts$'], ''),
    only(
      'onnxruntime-in-children',
      'onnxruntime-node',
      ['^src/inference/(onnx-session|cuda-probe-child)\\.ts$', '^src/engines/[^/]+/[^/]+/worker/'],
      'session.run blocks the event loop: never in the process that serves sockets',
    ),
    only('transformers-in-children', '@huggingface/transformers', ['^src/engines/[^/]+/[^/]+/worker/'], ''),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
