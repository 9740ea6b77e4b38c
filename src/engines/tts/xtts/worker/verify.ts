import { passes, verifyFolder, type Check } from './verify-folder.js';

/** `npm run verify:xtts -- DIR [cpu|cuda]`: one line per quantity; exits with 1 when any fails. */
async function main(directory: string | undefined, device = 'cpu'): Promise<number> {
  if (directory === undefined || (device !== 'cpu' && device !== 'cuda')) {
    process.stderr.write(
      'Usage: npm run verify:xtts -- DIR [cpu|cuda]\nDIR holds an XTTS model in ONNX with expected/ beside its graphs.\n',
    );
    return 2;
  }
  // The service sets the same value for its model processes. The GPU libraries read it when the first graph is opened.
  process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
  let failed = 0;
  for await (const check of verifyFolder(directory, device)) {
    if (!passes(check)) failed++;
    process.stdout.write(`${lineOf(check)}\n`);
  }
  process.stdout.write(failed === 0 ? 'All quantities agree.\n' : `${failed} quantities do not agree.\n`);
  return failed === 0 ? 0 : 1;
}

function lineOf(check: Check): string {
  const { quantity, measured, bound, limit, unit } = check;
  const number = (value: number): string =>
    unit === 'dB' ? value.toFixed(1) : unit === '' ? value.toExponential(1) : String(value);
  const verdict = passes(check) ? 'PASS' : 'FAIL';
  return `${verdict}  ${quantity.padEnd(28)} ${number(measured)} ${unit} (${bound} ${number(limit)})`.replace(
    '  (',
    ' (',
  );
}

try {
  process.exitCode = await main(process.argv[2], process.argv[3]);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
