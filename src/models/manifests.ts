import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { messageOf } from '../lib/errors.js';
import { Manifest } from './manifest.js';

/** The folder of manifests that ships with the service; the same for src/ and dist/. */
function shippedManifestsDirectory(): string {
  return fileURLToPath(new URL('../../models/', import.meta.url));
}

/** Reads every *.json of the folder. Throws an Error that names the file and the invalid field. */
export async function loadManifests(directory: string = shippedManifestsDirectory()): Promise<Manifest[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map((name) => loadManifest(directory, name)));
}

async function loadManifest(directory: string, name: string): Promise<Manifest> {
  const parsed = Manifest.safeParse(parseJson(await readFile(join(directory, name), 'utf8'), name));
  if (!parsed.success) throw new Error(`Manifest ${name}: ${describeIssues(parsed.error)}`);
  if (`${parsed.data.id}.json` !== name) {
    throw new Error(`Manifest ${name}: id: must be the name of its file, not "${parsed.data.id}"`);
  }
  return parsed.data;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Manifest ${name}: not JSON: ${messageOf(error)}`, { cause: error });
  }
}

function describeIssues(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${z.core.toDotPath(issue.path) || '(whole file)'}: ${issue.message}`)
    .join('; ');
}
