/**
 * How urgent work is: `interactive` for a caller who waits for the result, `captions` for partial text that the next one
 * replaces, `background` for stored jobs.
 */
export type Priority = 'interactive' | 'captions' | 'background';
