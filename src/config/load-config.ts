import { dirname, join } from 'node:path';
import { environment, type Environment } from './schema.js';
import { misspeltNames } from './misspelt-names.js';
import { secretsIn } from './secrets.js';
import { readMachine, type Machine } from './machine.js';

const FULL_PROFILE_BYTES = 2 * 2 ** 30;
const MEBIBYTE = 2 ** 20;
const LITE_CHILD_LIMIT_MB = 384;
const CHILD_LIMIT_SHARE = 0.6;
/** What a model process may know of the environment: no keys, no tokens. */
const CHILD_VARIABLES = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'LD_LIBRARY_PATH',
  'CUDA_VISIBLE_DEVICES',
  'NVIDIA_VISIBLE_DEVICES',
];

/** The service's settings with everything decided that the environment leaves open. */
export type Config = Omit<Environment, 'PROFILE' | 'WHISPER_PRECISION'> & {
  PROFILE: 'lite' | 'full';
  WHISPER_PRECISION: 'fp32' | 'q8';
  machine: Machine;
  /** What may be wrong with the settings though the service can start, as sentences. */
  warnings: readonly string[];
  /** Values that must show nowhere: keys, tokens, passwords in addresses. */
  secrets: readonly string[];
  /** What programs and processes of ours see of the environment. */
  childEnvironment: Record<string, string>;
};

/** A wrong setting: one line per variable, each naming it. The service does not start. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads and checks the environment. Throws ConfigError naming every wrong variable. */
export function loadConfig(variables: NodeJS.ProcessEnv, machine: Machine = readMachine()): Config {
  // A deployment panel leaves unset variables empty; empty means "not set" here.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`Wrong settings in the environment. ${lines.join('. ')}.`);
  }
  const settings = parsed.data;
  const profile =
    settings.PROFILE === 'auto'
      ? machine.memoryBytes < FULL_PROFILE_BYTES
        ? 'lite'
        : 'full'
      : settings.PROFILE;
  const automaticPrecision = profile === 'lite' ? 'q8' : 'fp32';
  return Object.freeze({
    ...settings,
    PROFILE: profile,
    WHISPER_PRECISION:
      settings.WHISPER_PRECISION === 'auto' ? automaticPrecision : settings.WHISPER_PRECISION,
    VOICES_DIR: settings.VOICES_DIR || join(dirname(settings.MODELS_DIR), 'voices'),
    THREADS: settings.THREADS || machine.cores,
    CHILD_MEMORY_LIMIT_MB: settings.CHILD_MEMORY_LIMIT_MB || childLimit(profile, machine),
    machine,
    warnings: misspeltNames(Object.keys(given), Object.keys(environment.shape)),
    secrets: secretsIn(given),
    childEnvironment: childEnvironment(variables),
  });
}

function childEnvironment(variables: NodeJS.ProcessEnv): Record<string, string> {
  const known = CHILD_VARIABLES.map((name) => [name, variables[name]] as const);
  return Object.fromEntries(known.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function childLimit(profile: 'lite' | 'full', machine: Machine): number {
  return profile === 'lite'
    ? LITE_CHILD_LIMIT_MB
    : Math.floor((machine.memoryBytes * CHILD_LIMIT_SHARE) / MEBIBYTE);
}
