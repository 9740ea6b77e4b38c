import { z } from 'zod';

const ManifestFile = z.strictObject({
  /** Path inside the repository. */
  path: z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/),
  size: z.int().positive().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Part of the named variants only (fp32, q8); part of all when absent. */
  variants: z.array(z.string()).optional(),
  /** Not every repository of this layout has it (external weights of graphs above 2 GB): its absence is no error. */
  optional: z.boolean().optional(),
});

/** One model as models/*.json describes it. */
export const Manifest = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  kind: z.enum(['stt', 'tts', 'vad', 'turn']),
  engine: z.string(),
  /** Hub repository `owner/name`, `npm:package` for a file in an installed package, or `builtin:name` for a folder of models/builtin. */
  repository: z.string().regex(/^(?!.*\.\.)(npm:(@[\w.-]+\/)?[\w.-]+|builtin:[\w.-]+|[\w.-]+\/[\w.-]+)$/),
  /** Branch or commit asked for. The commit that the hub answers with is recorded and asked for ever after. */
  revision: z.string().regex(/^(?!.*\.\.)[\w./-]+$/),
  licence: z.string(),
  files: z.array(ManifestFile).min(1),
});

export type Manifest = z.infer<typeof Manifest>;
export type ManifestFile = z.infer<typeof ManifestFile>;

/** The variants that a manifest tells apart, in the order of its files; empty where it has only one form. */
export function variantsOf(manifest: Manifest): string[] {
  return [...new Set(manifest.files.flatMap((file) => file.variants ?? []))];
}

/** The files of one variant, or all of them. Throws when the manifest tells variants apart and has no such one. */
export function filesOf(manifest: Manifest, variant: string | undefined): ManifestFile[] {
  if (variant === undefined) return manifest.files;
  const variants = variantsOf(manifest);
  if (variants.length > 0 && !variants.includes(variant)) {
    throw new Error(`Model ${manifest.id} has no variant "${variant}"; it has ${variants.join(' and ')}.`);
  }
  return manifest.files.filter((file) => file.variants?.includes(variant) ?? true);
}
