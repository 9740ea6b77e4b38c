import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { endProcess } from '../lib/end-process.js';
import type { Cleanup } from '../lib/cleanup.js';
import { MemoryWatch } from '../lib/memory-watch.js';
import type { EarResult } from './ear.js';
import type { TranscribedRecording } from './transcribed-recordings.js';

const PEER = path.join(import.meta.dirname, 'faster_whisper_peer.py');
export const PEER_NAME = /^faster-whisper(?:@(\d+))?$/;

type Answer = { ready: true } | { text: string; ms: number };

/** The peer's process: a path in, an answer out. */
class Peer {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(python: string, parameters: readonly string[]) {
    this.process = spawn(python, [PEER, ...parameters], { stdio: ['pipe', 'pipe', 'inherit'] });
    // A program that does not exist has no process id; `answer` reports it.
    this.process.on('error', () => undefined);
    this.process.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async hear(file: string): Promise<{ text: string; ms: number }> {
    this.process.stdin.write(`${file}\n`);
    const answer = await this.answer();
    if ('text' in answer) return answer;
    throw new Error('faster-whisper answered out of turn');
  }

  async answer(): Promise<Answer> {
    const line = this.process.pid === undefined ? undefined : (await this.#lines.next()).value;
    if (line === undefined) throw new Error('faster-whisper does not run in FASTER_WHISPER_PYTHON');
    return JSON.parse(line) as Answer;
  }

  async close(): Promise<void> {
    if (this.process.pid !== undefined) await endProcess(this.process);
  }
}

/**
 * faster-whisper in int8 with the model folder FASTER_WHISPER_MODEL and the Python of FASTER_WHISPER_PYTHON, where that has
 * the package. It is a peer to measure against and never a dependency.
 */
export async function listenWithFasterWhisper(
  name: string,
  recordings: readonly TranscribedRecording[],
  variables: NodeJS.ProcessEnv,
  cleanup: Cleanup,
): Promise<EarResult> {
  const { FASTER_WHISPER_MODEL: model, FASTER_WHISPER_PYTHON: python = 'python3' } = variables;
  if (!model) return failed(name, 'FASTER_WHISPER_MODEL names no folder with a CTranslate2 model');
  const beams = PEER_NAME.exec(name)?.[1] ?? '1';
  const threads = variables['THREADS'] ?? String(availableParallelism());
  const peer = new Peer(python, [model, beams, threads, variables['WHISPER_LANGUAGE'] ?? 'ar']);
  const stop = cleanup.own(() => peer.close());
  const memory = new MemoryWatch(peer.process.pid ?? 0);
  try {
    await peer.answer();
    const [first] = recordings;
    if (first) await peer.hear(first.file);
    const heard: EarResult['heard'] = [];
    for (const { file } of recordings) heard.push(await peer.hear(file));
    return { name, heard, peakMb: memory.peakMb };
  } catch (error) {
    return failed(name, String(error));
  } finally {
    memory.stop();
    await stop();
  }
}

function failed(name: string, failure: string): EarResult {
  return { name, heard: [], peakMb: 0, failure };
}
