import { runJobs } from './jobs.js';
import { EXIT, HELP, JobsError, readOptions } from './options.js';

async function main(): Promise<number> {
  const end = new AbortController();
  process.on('SIGINT', () => end.abort()).on('SIGTERM', () => end.abort());
  const { stdout, stderr } = process;
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options) {
      const screen = { write: (text: string) => void stdout.write(text), isTerminal: stdout.isTTY };
      return await runJobs(options, screen, end.signal);
    }
    stdout.write(`${HELP}\n`);
    return EXIT.ok;
  } catch (error) {
    const message = error instanceof JobsError ? error.message : `Unexpected error: ${String(error)}`;
    if (!end.signal.aborted) stderr.write(`jobs: ${message}\n`);
    return error instanceof JobsError ? error.exitCode : EXIT.failed;
  }
}

process.exitCode = await main();
