import type { RequestHandler } from 'express';
import { z } from 'zod';
import { identified } from '../middleware/authenticate.js';
import { parseJson } from '../request/fields.js';

const DEFAULT_SECONDS = 600;

export const clientSecretFields = z.object({
  expires_after: z
    .object({
      anchor: z.literal('created_at').optional(),
      seconds: z.number().int().min(10).max(7_200).default(DEFAULT_SECONDS),
    })
    .default({ seconds: DEFAULT_SECONDS })
    .describe('When the secret stops to open sessions. A session that is open goes on.'),
  session: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('The settings of the session, as in the event `session.update` of /v1/realtime.'),
});

export const clientSecretBody = z.object({
  value: z.string(),
  expires_at: z.number().describe('Unix time in seconds.'),
  session: z.record(z.string(), z.unknown()),
});

/** Makes a short-lived key for a live session. Throws AppError 400 for settings that cannot be. */
export type CreateClientSecret = (
  request: { seconds: number; session: unknown },
  caller: { id: string; key: string | null },
) => { value: string; expires_at: number; session: object };

/** POST /v1/realtime/client_secrets. */
export function clientSecretsRoute(createClientSecret: CreateClientSecret): RequestHandler {
  return (request, response) => {
    const { expires_after, session } = parseJson(clientSecretFields, request);
    const { seconds } = expires_after;
    response.set('Cache-Control', 'no-store');
    response.json(createClientSecret({ seconds, session }, identified(response)));
  };
}
