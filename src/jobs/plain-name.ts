const MAX_LENGTH = 255;

/** A name that a caller gave, for display: without control characters, of at most 255 characters; null when nothing is left. */
export function plainName(text: string | null | undefined): string | null {
  return text?.replace(/\p{Cc}/gu, '').slice(0, MAX_LENGTH) || null;
}
