/** Sample rate of the audio that goes to the service and comes from it, in Hz. */
export const RATE = 24_000;
