/** Says when the service works and when it does not. */
export interface Work {
  /** Something begins. What is returned ends it, once; `counts` is whether it was work at all. */
  begin(): (counts: boolean) => void;
}
