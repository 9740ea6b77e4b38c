import { ConfigError, type Config } from '../config/load-config.js';
import type { S3Bucket } from '../fleet/s3-bucket.js';
import type { Logger } from '../observability/logger.js';
import type { OpenRecords } from '../voices/records.js';

/** Files that several machines share in S3; null where this machine keeps its own. */
export interface SharedFiles {
  bucket: S3Bucket;
  /** Records below `folder`, which ends with a slash. */
  openRecords: (folder: string) => OpenRecords;
  /** Sentences about the storage, for /ready. */
  warnings(): string[];
  close(): void;
}

const NEEDED = ['S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;
const CHECK_MS = 60_000;

/** Rejects with ConfigError when a setting is missing. */
export async function composeSharedFiles(config: Config, logger: Logger): Promise<SharedFiles | null> {
  if (config.S3_ENDPOINT === '') return null;
  const missing = NEEDED.filter((name) => config[name] === '');
  if (missing.length > 0) throw new ConfigError(`S3_ENDPOINT is set, but ${missing.join(', ')} is not.`);
  const [{ S3Bucket }, { S3Records }] = await Promise.all([
    import('../fleet/s3-bucket.js'),
    import('../fleet/s3-records.js'),
  ]);
  const bucket = new S3Bucket({
    endpoint: config.S3_ENDPOINT,
    bucket: config.S3_BUCKET,
    region: config.S3_REGION,
    accessKeyId: config.S3_ACCESS_KEY_ID,
    secretAccessKey: config.S3_SECRET_ACCESS_KEY,
  });
  let problem: string | null = null;
  const check = async (): Promise<void> => {
    const found = await bucket.problem();
    if (found !== null && problem === null) logger.warn({ problem: found }, 'S3_ENDPOINT cannot be used');
    problem = found;
  };
  void check();
  const timer = setInterval(() => void check(), CHECK_MS).unref();
  return {
    bucket,
    openRecords: (folder) => (options) => new S3Records(bucket, folder, options),
    warnings: () => (problem === null ? [] : [`S3_ENDPOINT cannot be used: ${problem}`]),
    close: () => clearInterval(timer),
  };
}
