/** Notes when the service works, so that an idle service can be stopped. */
export interface ActivityTracker {
  /** Marks the start of a piece of work. The returned function ends it, once; `counts` is false when it turned out to be no work. */
  begin(): (counts: boolean) => void;
}
