/** What the store needs of a logger; a pino logger fits. */
export interface StoreLogger {
  /** For connections that fail before they bring anything: they repeat, and the final failure is reported once. */
  debug?(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
