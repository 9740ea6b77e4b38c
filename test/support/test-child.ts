import { AppError } from '../../src/lib/errors.js';
import { hostEngines } from '../../src/inference/engine-host.js';
import type { JobContext } from '../../src/inference/worker-engine.js';

export type TestJob =
  | { do: 'echo'; value: unknown }
  | { do: 'count'; to: number }
  | { do: 'tell-count' }
  | { do: 'run-until-cancelled' }
  | { do: 'block-for-ever' }
  | { do: 'refuse' }
  | { do: 'throw' }
  | { do: 'grow'; bytes: number }
  | { do: 'hold'; bytes: number }
  | { do: 'engines' };

const grown: Buffer[] = [];
/** How far the last `count` has come. */
let counted = 0;
/** What was loaded and closed, in order. */
const history: string[] = [];

async function run(job: TestJob, context: JobContext): Promise<unknown> {
  switch (job.do) {
    case 'echo':
      return job.value;
    case 'count':
      for (counted = 0; counted < job.to; counted++) await context.emit(counted);
      return job.to;
    case 'tell-count':
      return counted;
    case 'run-until-cancelled':
      await context.emit('started');
      for (;;) {
        await new Promise(setImmediate);
        context.signal.throwIfAborted();
      }
    case 'block-for-ever':
      await context.emit('blocking');
      await new Promise(setImmediate);
      for (;;);
    case 'refuse':
      throw new AppError('nothing to say', { status: 400, type: 'invalid_request_error', param: 'text' });
    case 'throw':
      throw new TypeError('a bug');
    case 'grow':
      grown.push(Buffer.alloc(job.bytes, 1));
      return grown.length;
    case 'engines':
      return history;
    case 'hold': {
      const held = Buffer.alloc(job.bytes, 1);
      await run({ do: 'run-until-cancelled' }, context);
      return held.length;
    }
  }
}

hostEngines({
  test: async () => async (options: { fail?: boolean; refuse?: string; crash?: boolean; label?: string }) => {
    const label = options.label ?? 'test';
    if (options.refuse !== undefined)
      throw new AppError(options.refuse, { status: 503, type: 'server_error' });
    if (options.fail) throw new Error('bad model file');
    if (options.crash) process.kill(process.pid, 'SIGKILL');
    history.push(`load ${label}`);
    return {
      run: (job: TestJob, context: JobContext) => run(job, context),
      close: async () => {
        await new Promise(setImmediate);
        history.push(`close ${label}`);
      },
    };
  },
});
