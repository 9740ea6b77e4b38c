import { ConfigError, loadConfig } from './config/load-config.js';
import { loadEnvFile } from './config/load-env-file.js';
import { createLogger } from './observability/logger.js';
import { machineOf, stopMachine } from './operations/stop-machine.js';
import { compose } from './compose.js';

const config = await orExit(() => loadConfig(loadEnvFile()));
const logger = createLogger(config.LOG_LEVEL, { secrets: config.secrets });
const service = await orExit(() => compose(config, logger));

process.on('unhandledRejection', (error) => {
  logger.fatal({ error }, 'unhandled rejection');
  process.exit(1);
});

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) {
      logger.warn({ signal }, 'stopping at once');
      process.exit(0);
    }
    stopping = true;
    logger.info(
      { signal, graceSeconds: config.SHUTDOWN_GRACE_SECONDS },
      'stopping: running calls may finish',
    );
    void service.close().then(() => process.exit(0));
  });
}

void service.idle.then(async () => {
  if (stopping) return;
  stopping = true;
  logger.info({ minutes: config.AUTO_SHUTDOWN_MINUTES }, 'stopping: there was no work');
  await service.close();
  await stopMachine(machineOf(config, logger));
  process.exit(0);
});

try {
  const port = await service.listen();
  logger.info(
    { port, host: config.HOST, profile: config.PROFILE, startMs: Math.round(performance.now()) },
    'listening',
  );
  service.start();
} catch (error) {
  logger.fatal({ error, port: config.PORT, host: config.HOST }, listenFailure(error));
  await service.close();
  process.exit(1);
}

/** Finds the wrong setting. A port below 1024 needs permissions; an address must belong to this machine. */
function listenFailure(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'the port cannot be opened; set PORT to a free one';
  if (code === 'EACCES')
    return 'the port cannot be opened without more permissions; set PORT to 1024 or more';
  if (/^(EADDRNOTAVAIL|ENOTFOUND|EAFNOSUPPORT|EINVAL|EAI_)/.test(code))
    return 'HOST is not an address of this machine; set it to 0.0.0.0, :: or 127.0.0.1';
  return 'the port cannot be opened; see the error, and check HOST and PORT';
}

/** An invalid setting stops the start with one line that names it. */
async function orExit<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
