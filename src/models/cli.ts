import { loadConfig } from '../config/load-config.js';
import { loadEnvFile } from '../config/load-env-file.js';
import { messageOf } from '../lib/errors.js';
import { loadManifests } from './manifests.js';
import { EXIT, runModelsCommand } from './models-command.js';
import type { CommandOutput } from './progress-display.js';

const output: CommandOutput = {
  write: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
};
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

try {
  const config = loadConfig(loadEnvFile());
  const settings = {
    directory: config.MODELS_DIR,
    source: config.MODEL_SOURCE || config.HF_ENDPOINT,
    token: config.HF_TOKEN,
    builtInDirectory: config.BUILTIN_MODELS_DIR,
    manifests: await loadManifests(),
    signal: interruption.signal,
  };
  process.exitCode = await runModelsCommand(process.argv.slice(2), settings, output);
} catch (error) {
  output.error(`${messageOf(error)}\n`);
  process.exitCode = EXIT.failed;
}
