import { z } from 'zod';

const ManifestFile = z.strictObject({
  /** Path inside the repository. */
  path: z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/),
  size: z.int().positive().optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/).optional(),
  /** Part of the named variants only (fp32, q8); part of all when absent. */
  variants: z.array(z.string()).optional(),
});

/** One model as models/*.json describes it. */
export const Manifest = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  kind: z.enum(['stt', 'tts', 'vad']),
  engine: z.string(),
  /** Hub repository `owner/name`, or `npm:package` for a file that ships in an installed package. */
  repository: z.string(),
  /** Branch or commit asked for. The commit that the hub answers with is recorded and asked for ever after. */
  revision: z.string(),
  licence: z.string(),
  files: z.array(ManifestFile).min(1),
});

export type Manifest = z.infer<typeof Manifest>;
export type ManifestFile = z.infer<typeof ManifestFile>;
