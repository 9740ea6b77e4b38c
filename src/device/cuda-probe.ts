import { fork } from 'node:child_process';
import { entryPoint } from '../lib/entry-point.js';

/** The result of the probe process. */
export type CudaVerdict = { works: true } | { works: false; reason: string };

export type CudaProbe = () => Promise<CudaVerdict>;

/** The first use of a GPU by a process can take many seconds. */
const TIMEOUT_MS = 60_000;
const LONGEST_REASON = 500;
const LONGEST_OUTPUT = 16_384;

/**
 * Tries CUDA in a separate process, which opens a tiny graph on the GPU, runs it and exits. A failing provider may
 * crash its process, and a working one holds GPU memory until its process exits.
 */
export function createCudaProbe(env: Record<string, string>, timeoutMs = TIMEOUT_MS): CudaProbe {
  return () =>
    new Promise((resolve) => {
      const { path, execArgv } = entryPoint(import.meta.url, './cuda-probe-child');
      const child = fork(path, [], { env, execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      let output = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-LONGEST_OUTPUT);
      });
      let verdict: CudaVerdict | undefined;
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, timeoutMs);
      child.on('message', (message: CudaVerdict) => {
        verdict = message;
        // A process that used CUDA may crash when it exits.
        child.kill('SIGKILL');
      });
      const end = (reason: string): void => {
        clearTimeout(timer);
        resolve(explained(verdict ?? { works: false, reason }, output));
      };
      child.once('error', (error) => end(error.message));
      child.once('close', (code, signal) =>
        end(
          late
            ? `the GPU did not answer within ${timeoutMs / 1_000} s`
            : `the probe died (${signal ?? code})`,
        ),
      );
    });
}

/** ONNX Runtime puts the signature of its own C++ function before the message of CUDA, cuDNN or cuBLAS. */
const LIBRARY_FAILURE = /\bCU[A-Z_]+ failure -?\d+: [^;\n]*[^;\s]/;

/** ONNX Runtime throws a general message and prints the name of the missing library. */
export function explained(verdict: CudaVerdict, output: string): CudaVerdict {
  if (verdict.works) return verdict;
  const detail = /with error: (.+)/.exec(output)?.[1]?.replaceAll(/\/\S*\//g, '');
  const reason = LIBRARY_FAILURE.exec(verdict.reason)?.[0] ?? verdict.reason.split('\n', 1)[0] ?? '';
  return {
    works: false,
    reason: (detail === undefined ? reason : `${reason} (${detail})`).slice(0, LONGEST_REASON),
  };
}
