/** A response whose headers have not been sent. */
export interface WarningHead {
  append(name: string, value: string): unknown;
}

/** Adds one X-Warning header for each warning. Characters beyond ASCII are percent-encoded, because header bytes are Latin-1. */
export function setWarnings(response: WarningHead, warnings: readonly string[]): void {
  for (const warning of warnings) response.append('X-Warning', headerText(warning));
}

/** All warnings in one header value. */
export function joinedWarnings(warnings: readonly string[]): string {
  return warnings.map(headerText).join(', ');
}

/** Percent-encodes a text for a header. `limitHead` cuts it if it does not fit. */
export function encodedText(text: string): string {
  return encodeURIComponent(wellFormed(text));
}

/** Leaves printable ASCII readable, except "%" (so that decodeURIComponent restores the text) and "," (which joins repeated headers). */
function headerText(text: string): string {
  return wellFormed(text).replace(/[^\x20-\x24\x26-\x2b\x2d-\x7e]+/gu, encodeURIComponent);
}

/** Replaces unpaired surrogates, which cannot be encoded, by U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
