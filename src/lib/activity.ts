/** Records when the service works, so that an idle service can be stopped. */
export interface ActivityTracker {
  /**
   * Marks the start of a piece of work. The returned function marks its end, once; pass `counts` false if it should not
   * count as work.
   */
  begin(): (counts: boolean) => void;
}
