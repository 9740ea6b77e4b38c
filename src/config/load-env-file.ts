import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from './config-error.js';

/**
 * Adds the variables of `.env` in the working directory, if it exists, to the environment. Variables that are already
 * set are kept. Throws ConfigError for a file that is not a list of settings.
 */
export function loadEnvFile(path = '.env', variables: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const bytes = read(path);
  if (!bytes) return variables;
  for (const [name, value] of Object.entries(parseEnvFile(bytes, path))) variables[name] ??= value;
  return variables;
}

/** The settings in the bytes of such a file. UTF-8 and UTF-16, with or without a byte order mark; any line ends. */
export function parseEnvFile(bytes: Uint8Array, path = '.env'): Record<string, string> {
  const text = decode(bytes, path)
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n');
  checkLines(text, path);
  return parseEnv(text) as Record<string, string>;
}

function read(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    const reason = code === 'EISDIR' ? 'it is a folder' : code;
    throw new ConfigError(
      `${path} cannot be read (${reason}). Put the settings into a text file of that name.`,
    );
  }
}

function decode(bytes: Uint8Array, path: string): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError(
      `${path} is not saved as ${encoding.toUpperCase()} text. Save it with the encoding UTF-8, for instance in your editor's "Save as".`,
    );
  }
}

/** Settings are mostly ASCII, so in UTF-16 without a mark every second byte is zero. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0 && second !== 0 && second !== undefined) return 'utf-16be';
  return first !== undefined && first !== 0 && second === 0 ? 'utf-16le' : 'utf-8';
}

const NAME = String.raw`^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*`;
const QUOTED_VALUE = new RegExp(`(${NAME})(["'\`])[^]*?\\2`, 'gm');
const SETTING = new RegExp(`${NAME}(.*)$`);
/** Stands for a line break inside a quoted value. */
const INNER_BREAK = '\v';

/**
 * Without this check, a line of another form and the text after a "#" would be ignored silently. Errors do not show
 * lines, because they may contain keys.
 */
function checkLines(text: string, path: string): void {
  const lines = text
    .replace(
      QUOTED_VALUE,
      (match, name: string) => name + match.replace(/[^\n]/g, '').replaceAll('\n', INNER_BREAK),
    )
    .split('\n');
  let number = 1;
  for (const line of lines) {
    const place = `${path}, line ${number}`;
    number += line.split(INNER_BREAK).length;
    if (/^\s*(#|$)/.test(line)) continue;
    const value = SETTING.exec(line)?.[1];
    if (value === undefined)
      throw new ConfigError(
        `${place} is not NAME=value. Write one setting a line; a comment begins with "#".`,
      );
    if (/[^\s]#/.test(value))
      throw new ConfigError(`${place}: what follows "#" would be lost. Put the value in double quotes.`);
  }
}
