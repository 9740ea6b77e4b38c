/**
 * Distinguishes a person who speaks from the service's own voice that returns through the phone's microphone. The echo
 * is about 20 dB weaker and 50 to 400 ms late. Audio is 16 kHz mono in [-1, 1]; times are milliseconds of one clock.
 */
export interface EchoGuard {
  /** Speech that the client plays from `atMs` on. The guard keeps a few seconds of it. */
  spoken(samples: Float32Array, atMs: number): void;
  /** The reply was interrupted: audio of `spoken` after `atMs` will not be played. */
  silenced(atMs: number): void;
  /** True when these microphone samples, recorded from `atMs` on, are an echo of the spoken audio. */
  isEcho(samples: Float32Array, atMs: number): boolean;
}
