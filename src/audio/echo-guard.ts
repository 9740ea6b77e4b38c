/**
 * Tells the service's own voice, coming back through the phone's microphone, from a person who speaks. The echo is
 * about 20 dB weaker and 50 to 400 ms late. Audio is 16 kHz mono in [-1, 1]; times are milliseconds of one clock.
 */
export interface EchoGuard {
  /** Speech that the client plays from `atMs` on. The guard keeps a few seconds of it. */
  spoken(samples: Float32Array, atMs: number): void;
  /**
   * What is left of `spoken` after `atMs` will not be played: the reply was interrupted.
   */
  silenced(atMs: number): void;
  /** True where these microphone samples, recorded from `atMs` on, are explained by what was spoken. */
  isEcho(samples: Float32Array, atMs: number): boolean;
}
