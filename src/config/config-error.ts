/** A wrong setting: one line per variable, each naming it. The service does not start. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
