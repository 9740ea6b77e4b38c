import { existsSync } from 'node:fs';

/** Adds the variables of `.env` in the working directory, where there is one; what is already set wins. */
export function loadEnvFile(): NodeJS.ProcessEnv {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return process.env;
}
