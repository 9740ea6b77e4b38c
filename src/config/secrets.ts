/** Names of variables whose values are secret, in whole or in part. CHAT_MAX_TOKENS is a number. */
const SECRET_NAME = /^(?!.*MAX_TOKENS$).*(KEYS?|TOKENS?|SECRETS?|PASSWORD|HEADERS)$/;
const PASSWORD_IN_ADDRESS = /\/\/[^/@\s:]*:([^/@\s]+)@/g;
/** True for a variable whose value is a key, a token or a list of them. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Shorter secrets would hide ordinary words in logs. */
const SHORTEST = 6;

/**
 * Every secret in the environment, in each form that a log line could hold: whole values, the parts of lists
 * (`name:secret,name:secret`, `name=value`), and passwords in addresses. The longest first.
 */
export function secretsIn(variables: Record<string, string | undefined>): string[] {
  const found = Object.entries(variables).flatMap(([name, value = '']) => [
    ...(SECRET_NAME.test(name) ? [value.trim(), ...partsOf(value)] : []),
    ...[...value.matchAll(PASSWORD_IN_ADDRESS)].map(([, password = '']) => password),
  ]);
  return [...new Set(found.filter((secret) => secret.length >= SHORTEST))].sort(
    (one, other) => other.length - one.length,
  );
}

/** The names before `:` and `=` are not secret: logs use them to name callers. */
function partsOf(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim().replace(/^[^:=]*[:=]/, ''))
    .flatMap((secret) => [secret, ...secret.split(/\s+/), decoded(secret)]);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
