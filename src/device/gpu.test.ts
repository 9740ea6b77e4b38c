import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCudaProbe, explained } from './cuda-probe.js';
import { cudaInstalled, gpuVisible, listGpus } from './gpu.js';

const missing = () => Promise.reject(new Error('spawn nvidia-smi ENOENT'));

describe('the GPUs of a machine', () => {
  it('are read from nvidia-smi, including fields without a value', async () => {
    const csv = 'NVIDIA L4, 23034, 580.65.06, 8.9\nTesla T4, [N/A], 580.65.06, [N/A]\n';
    expect(await listGpus({ nvidiaSmi: () => Promise.resolve(csv) })).toEqual([
      { name: 'NVIDIA L4', memoryBytes: 23_034 * 2 ** 20, driver: '580.65.06', computeCapability: '8.9' },
      { name: 'Tesla T4', memoryBytes: null, driver: '580.65.06', computeCapability: null },
    ]);
  });

  it('are read from the driver when nvidia-smi is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'driver-'));
    mkdirSync(join(folder, 'gpus/0000:01:00.0'), { recursive: true });
    writeFileSync(join(folder, 'gpus/0000:01:00.0/information'), 'Model: \t\t NVIDIA A10G\nIRQ:   64\n');
    writeFileSync(
      join(folder, 'version'),
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul\n',
    );
    expect(await listGpus({ nvidiaSmi: missing, driverFolder: folder })).toEqual([
      { name: 'NVIDIA A10G', memoryBytes: null, driver: '580.65.06', computeCapability: null },
    ]);
    rmSync(folder, { recursive: true });
  });

  it('are an empty list without a driver', async () => {
    expect(await listGpus({ nvidiaSmi: missing, driverFolder: '/does/not/exist' })).toEqual([]);
    expect(gpuVisible(() => false)).toBe(false);
    expect(gpuVisible((path) => path === '/dev/nvidiactl')).toBe(true);
  });
});

it('an installation is for GPUs when ONNX Runtime has its CUDA library for this machine', () => {
  const builds = mkdtempSync(join(tmpdir(), 'onnxruntime-'));
  const binding = join(builds, 'napi-v6', process.platform, process.arch);
  mkdirSync(binding, { recursive: true });
  writeFileSync(join(binding, 'onnxruntime_binding.node'), '');
  expect(cudaInstalled(builds)).toBe(false);
  writeFileSync(join(binding, 'libonnxruntime_providers_cuda.so'), '');
  expect(cudaInstalled(builds)).toBe(true);
  rmSync(builds, { recursive: true });
  expect(cudaInstalled(builds)).toBe(false);
});

describe('the probe of CUDA', () => {
  const environment = { PATH: process.env['PATH'] ?? '' };

  it.skipIf(gpuVisible())('says what is missing on a machine without a GPU', async () => {
    expect(await createCudaProbe(environment)()).toEqual({
      works: false,
      reason: expect.stringMatching(/libonnxruntime_providers_\w+\.so|CUDA|cuda/),
    });
  });

  it.each([
    [
      'Non-zero status code (nn/conv.cc:12 CudaCall(ERRTYPE, const char*) [with ERRTYPE = cudaError]) CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=vm ; file=cuda.cc',
      'CUDA failure 100: no CUDA-capable device is detected',
    ],
    [
      'Failed to initialize CUDNN Frontend: [with ERRTYPE = error] CUDNN_FE failure 8: HEURISTIC_QUERY_FAILED ; GPU=0 ; hostname=vm\n with json',
      'CUDNN_FE failure 8: HEURISTIC_QUERY_FAILED',
    ],
    ['Something else\nand more', 'Something else'],
  ])("keeps of ONNX Runtime's message what the library of NVIDIA said: %j", (reason, kept) => {
    expect(explained({ works: false, reason }, '')).toEqual({ works: false, reason: kept });
  });

  it('names the library that could not be loaded, without its folder', () => {
    const output =
      'Failed to load library /app/libonnxruntime_providers_cuda.so with error: /app/libcurand.so.10: file too short';
    expect(explained({ works: false, reason: 'Failed to load shared library' }, output)).toEqual({
      works: false,
      reason: 'Failed to load shared library (libcurand.so.10: file too short)',
    });
  });

  it('times out when it takes too long', async () => {
    expect(await createCudaProbe(environment, 1)()).toEqual({
      works: false,
      reason: 'the GPU did not answer within 0.001 s',
    });
  });
});
