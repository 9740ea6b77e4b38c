import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Gpu {
  name: string;
  /** Null where the driver does not say. */
  memoryBytes: number | null;
  driver: string | null;
  /** CUDA compute capability such as 8.9. */
  computeCapability: string | null;
}

export interface GpuSources {
  /** nvidia-smi's answer to these arguments. Rejects where it cannot be had. */
  nvidiaSmi: (args: string[]) => Promise<string>;
  /** The folder that the driver's kernel module fills. */
  driverFolder: string;
}

const QUERY = ['--query-gpu=name,memory.total,driver_version,compute_cap', '--format=csv,noheader,nounits'];
const TIMEOUT_MS = 5_000;
const MEBIBYTE = 2 ** 20;
const CUDA_LIBRARY = 'libonnxruntime_providers_cuda.so';
/** The last is WSL's. */
const DEVICES = ['/dev/nvidiactl', '/dev/nvidia0', '/proc/driver/nvidia', '/dev/dxg'];

/** Whether the machine shows this process any NVIDIA device. Not whether CUDA works. */
export function gpuVisible(exists: (path: string) => boolean = existsSync): boolean {
  return DEVICES.some((path) => exists(path));
}

/** Whether ONNX Runtime has its GPU library beside it, as in the image for GPUs: such an installation expects one. */
export function cudaInstalled(builds = ortBuilds()): boolean {
  if (!existsSync(builds)) return false;
  return readdirSync(builds).some((version) =>
    existsSync(join(builds, version, process.platform, process.arch, CUDA_LIBRARY)),
  );
}

function ortBuilds(): string {
  return join(createRequire(import.meta.url).resolve('onnxruntime-node'), '../../bin');
}

/** The NVIDIA GPUs of this machine as the driver tells; empty where there is no driver. Never rejects. */
export async function listGpus(sources: Partial<GpuSources> = {}): Promise<Gpu[]> {
  const { nvidiaSmi = runNvidiaSmi, driverFolder = '/proc/driver/nvidia' } = sources;
  try {
    return parseList(await nvidiaSmi(QUERY));
  } catch {
    // Slim images have the driver's libraries without its tools; the kernel module tells less, but something.
    return readDriverFolder(driverFolder);
  }
}

async function runNvidiaSmi(args: string[]): Promise<string> {
  const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MEBIBYTE } as const;
  return (await promisify(execFile)('nvidia-smi', args, options)).stdout;
}

function parseList(csv: string): Gpu[] {
  const rows = csv.split('\n').map((row) => row.split(',').map((cell) => cell.trim()));
  return rows.flatMap(([name = '', memory = '', driver = '', capability = '']) =>
    name === '' || driver === ''
      ? []
      : [
          {
            name,
            memoryBytes: /^\d+$/.test(memory) ? Number(memory) * MEBIBYTE : null,
            driver,
            computeCapability: /^\d+\.\d+$/.test(capability) ? capability : null,
          },
        ],
  );
}

async function readDriverFolder(folder: string): Promise<Gpu[]> {
  try {
    const version = await readFile(`${folder}/version`, 'utf8').catch(() => '');
    const driver = /Kernel Module\D*(\d+(?:\.\d+)+)/.exec(version)?.[1] ?? null;
    const cards = await readdir(`${folder}/gpus`);
    return await Promise.all(
      cards.map(async (card) => {
        const information = await readFile(`${folder}/gpus/${card}/information`, 'utf8');
        const name = /^Model:\s*(.+)$/m.exec(information)?.[1]?.trim() ?? 'NVIDIA GPU';
        return { name, memoryBytes: null, driver, computeCapability: null };
      }),
    );
  } catch {
    return [];
  }
}
