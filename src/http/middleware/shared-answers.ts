import type { RecordedAnswer } from '../response/recorded-answer.js';

/** The calls with an Idempotency-Key that several machines share. Its methods never reject. */
export interface SharedAnswers {
  /** True when another machine works on the call or has answered it. Also false while the store is unavailable. */
  knows(key: string): Promise<boolean>;
  /**
   * Takes the call unless another machine has it. Null while the store is unavailable; this machine then decides alone.
   */
  begin(key: string, fingerprint: string): Promise<SharedCall | null>;
}

export type SharedCall =
  | { state: 'taken'; lease: CallLease }
  | { state: 'running'; fingerprint: string }
  | { state: 'answered'; fingerprint: string; answer: RecordedAnswer };

/** The right to answer a call. It ends by itself if the machine dies. */
export interface CallLease {
  /** Stores the answer for the other machines, or with null lets the next call run. */
  end(answer: RecordedAnswer | null): Promise<void>;
}
