import { dirname, join } from 'node:path';
import { aliasOf, OTHER_NAMES } from './aliases.js';
import { cleanValue } from './clean-values.js';
import { ConfigError } from './config-error.js';
import { environment, type Environment } from './schema.js';
import { languageOf } from '../lib/language.js';
import { misspeltNames } from './misspelt-names.js';
import { secretsIn } from './secrets.js';
import { readMachine, type Machine } from './machine.js';
import { processCounts } from './process-counts.js';

export { ConfigError };

const DEFAULT_LANGUAGE = 'ar';
const FULL_PROFILE_BYTES = 2 * 2 ** 30;
const MEBIBYTE = 2 ** 20;
const LITE_CHILD_LIMIT_MB = 384;
const CHILD_LIMIT_SHARE = 0.6;
/** Variables that a model process receives. They contain no keys and tokens. */
const CHILD_VARIABLES = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'LD_LIBRARY_PATH',
  'CUDA_VISIBLE_DEVICES',
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_TF32_OVERRIDE',
];

/**
 * ONNX Runtime uses TensorFloat-32, which keeps 10 bits of the mantissa, unless this variable of NVIDIA's libraries is
 * 0. With it the latents of XTTS differ from the CPU's by 1e-3 instead of 3e-6, and no run of the service's sizes was
 * faster on an H200.
 */
const CHILD_DEFAULTS = { NVIDIA_TF32_OVERRIDE: '0' };

/** The service's settings, with every automatic value resolved. */
export type Config = Omit<Environment, 'PROFILE' | 'WHISPER_PRECISION'> & {
  PROFILE: 'lite' | 'full';
  WHISPER_PRECISION: 'fp32' | 'q8' | 'compact';
  /** WHISPER_PRECISION is set, so the built-in model does not count as the configured one. */
  precisionGiven: boolean;
  machine: Machine;
  /** Sentences about settings that look wrong but do not stop the start. */
  warnings: readonly string[];
  /** Values that must not appear in logs or answers: keys, tokens, passwords in addresses. */
  secrets: readonly string[];
  /** The environment of the processes that the service starts. */
  childEnvironment: Record<string, string>;
};

/** Reads and checks the environment. Throws ConfigError that names every wrong variable. */
export function loadConfig(variables: NodeJS.ProcessEnv, machine: Machine = readMachine()): Config {
  const { given, problems } = cleanSettings(variables);
  const parsed = environment.safeParse(given);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  if (!parsed.success || problems.length > 0)
    throw new ConfigError(`Wrong settings in the environment. ${problems.join('. ')}.`);
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
    precisionGiven: settings.WHISPER_PRECISION !== 'auto',
    VOICES_DIR: settings.VOICES_DIR || join(dirname(settings.MODELS_DIR), 'voices'),
    JOBS_DIR: settings.JOBS_DIR || join(dirname(settings.MODELS_DIR), 'jobs'),
    ...processCounts(settings, profile, machine),
    CHILD_MEMORY_LIMIT_MB: settings.CHILD_MEMORY_LIMIT_MB || childLimit(profile, machine),
    machine,
    warnings: [...nameWarnings(namesOf(variables)), ...languageWarning(variables, settings.WHISPER_LANGUAGE)],
    secrets: secretsIn({ ...variables, ...given }),
    childEnvironment: childEnvironment(variables),
  });
}

/** The settings by name, cleaned. An empty one counts as not set: deployment panels leave unset variables empty. */
function cleanSettings(variables: NodeJS.ProcessEnv): { given: Record<string, string>; problems: string[] } {
  const given: Record<string, string> = {};
  const aliased: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, raw = ''] of Object.entries(variables)) {
    const ours = Object.hasOwn(environment.shape, name);
    if (!ours && !OTHER_NAMES.includes(name)) continue;
    const cleaned = cleanValue(name, raw);
    if ('problem' in cleaned) problems.push(`${name} ${cleaned.problem}`);
    else if (cleaned.value === '') continue;
    else if (ours) given[name] = cleaned.value;
    else {
      const alias = aliasOf(name, cleaned.value);
      if (alias) aliased[alias.setting] = alias.value;
    }
  }
  // The service's own name takes precedence over an alias.
  return { given: { ...aliased, ...given }, problems };
}

/** LANGUAGE also belongs to desktop systems, so a language that it chooses is named at the start. */
function languageWarning({ LANGUAGE, WHISPER_LANGUAGE }: NodeJS.ProcessEnv, language: string): string[] {
  const chosen =
    !WHISPER_LANGUAGE && languageOf(LANGUAGE ?? '') === language && language !== DEFAULT_LANGUAGE;
  if (!chosen) return [];
  return [
    `LANGUAGE=${LANGUAGE} sets the language of the speech. Set WHISPER_LANGUAGE to choose another one.`,
  ];
}

function nameWarnings(given: readonly string[]): string[] {
  const known = new Set(OTHER_NAMES);
  const others = given.filter((name) => !known.has(name));
  return misspeltNames(others, Object.keys(environment.shape));
}

function namesOf(variables: NodeJS.ProcessEnv): string[] {
  return Object.keys(variables).filter((name) => variables[name] !== '');
}

function childEnvironment(variables: NodeJS.ProcessEnv): Record<string, string> {
  const known = CHILD_VARIABLES.map((name) => [name, variables[name]] as const);
  const given = known.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...CHILD_DEFAULTS, ...Object.fromEntries(given) };
}

function childLimit(profile: 'lite' | 'full', machine: Machine): number {
  return profile === 'lite'
    ? LITE_CHILD_LIMIT_MB
    : Math.floor((machine.memoryBytes * CHILD_LIMIT_SHARE) / MEBIBYTE);
}
