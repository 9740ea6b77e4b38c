import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** Standard Webhooks asks for 24 to 64 bytes. */
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** The key in a secret (`whsec_` and base64 of 24 to 64 bytes); null for anything else. */
export function webhookKey(secret: string): Buffer | null {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  if (!BASE64.test(text)) return null;
  const key = Buffer.from(text, 'base64');
  return key.length >= MIN_BYTES && key.length <= MAX_BYTES ? key : null;
}

/** One attempt to deliver an event. */
export interface SignedContent {
  id: string;
  /** Unix time of this attempt, in seconds. */
  timestamp: number;
  body: string;
}

/**
 * The headers of Standard Webhooks (https://www.standardwebhooks.com). Every key signs, so that receivers can change from
 * one secret to the next: they accept the event when one signature is theirs.
 */
export function signedHeaders({ id, timestamp, body }: SignedContent, keys: readonly Buffer[]) {
  const signatures = keys.map((key) => {
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${signature}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
