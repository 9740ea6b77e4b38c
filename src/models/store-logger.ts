/** The part of a logger that the store needs. A pino logger implements it. */
export interface StoreLogger {
  /** For connections that fail without any data. They are retried, and the final failure is reported once. */
  debug?(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
