/** A response whose head has not left. */
export interface WarningHead {
  append(name: string, value: string): unknown;
}

/** One X-Warning header per sentence; whatever is not plain ASCII is percent-encoded, since header bytes are Latin-1. */
export function setWarnings(response: WarningHead, warnings: readonly string[]): void {
  for (const warning of warnings) response.append('X-Warning', headerText(warning));
}

/** The same in one value. */
export function joinedWarnings(warnings: readonly string[]): string {
  return warnings.map(headerText).join(', ');
}

/** Text as a percent-encoded header value, in full: the head's budget cuts it where it does not fit. */
export function encodedText(text: string): string {
  return encodeURIComponent(wellFormed(text));
}

/** Printable ASCII stays readable, but for "%" (so that decodeURIComponent restores everything) and "," (which joins repeated headers). */
function headerText(text: string): string {
  return wellFormed(text).replace(/[^\x20-\x24\x26-\x2b\x2d-\x7e]+/gu, encodeURIComponent);
}

/** Half a surrogate pair cannot be encoded; it becomes U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
