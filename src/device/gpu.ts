import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Gpu {
  name: string;
  /** Null when the driver does not report it. */
  memoryBytes: number | null;
  driver: string | null;
  /** CUDA compute capability such as 8.9. */
  computeCapability: string | null;
}

export interface GpuSources {
  /** Runs nvidia-smi with these arguments and returns its output. Rejects when it cannot run. */
  nvidiaSmi: (args: string[]) => Promise<string>;
  /** The folder in which the driver's kernel module lists GPUs. */
  driverFolder: string;
}

const QUERY = ['--query-gpu=name,memory.total,driver_version,compute_cap', '--format=csv,noheader,nounits'];
const TIMEOUT_MS = 5_000;
const MEBIBYTE = 2 ** 20;
const CUDA_LIBRARY = 'libonnxruntime_providers_cuda.so';
/** The last path is for WSL. */
const DEVICES = ['/dev/nvidiactl', '/dev/nvidia0', '/proc/driver/nvidia', '/dev/dxg'];

/** True when this process can see an NVIDIA device. CUDA may still fail. */
export function gpuVisible(exists: (path: string) => boolean = existsSync): boolean {
  return DEVICES.some((path) => exists(path));
}

/** True when ONNX Runtime's GPU library is installed, as in the image for GPUs. Such an installation expects a GPU. */
export function cudaInstalled(builds = ortBuilds()): boolean {
  if (!existsSync(builds)) return false;
  return readdirSync(builds).some((version) =>
    existsSync(join(builds, version, process.platform, process.arch, CUDA_LIBRARY)),
  );
}

function ortBuilds(): string {
  return join(createRequire(import.meta.url).resolve('onnxruntime-node'), '../../bin');
}

/** The NVIDIA GPUs of this machine, as the driver reports them. Empty without a driver. Never rejects. */
export async function listGpus(sources: Partial<GpuSources> = {}): Promise<Gpu[]> {
  const { nvidiaSmi = runNvidiaSmi, driverFolder = '/proc/driver/nvidia' } = sources;
  try {
    return parseList(await nvidiaSmi(QUERY));
  } catch {
    // Slim images have the driver's libraries without its tools. The kernel module reports fewer fields.
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
