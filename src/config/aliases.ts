/** Settings under the names that other real-time speech services use, so that their deployments need no change. */

interface Alias {
  setting: string;
  /** The value for the setting; null when the variable has another meaning and is ignored. */
  translate: (value: string) => string | null;
}

const same = (value: string): string => value;
/** Desktop systems set LANGUAGE to a list of locales such as `en_US:en`, which is not the language of the speech. */
const languageCode = (value: string): string | null => (/^[a-z]{2,3}$/i.test(value) ? value : null);
/** A service that requests a GPU must also start without one, so `true` becomes `auto`. */
const device = (value: string): string => {
  const word = value.toLowerCase();
  if (['1', 'true', 'yes', 'on'].includes(word)) return 'auto';
  return ['0', 'false', 'no', 'off'].includes(word) ? 'cpu' : value;
};

const ALIASES: Readonly<Record<string, Alias>> = {
  WHISPER_MODEL: { setting: 'LOCAL_WHISPER_MODEL', translate: same },
  LANGUAGE: { setting: 'WHISPER_LANGUAGE', translate: languageCode },
  USE_GPU: { setting: 'DEVICE', translate: device },
  WHISPER_CACHE_DIR: { setting: 'MODELS_DIR', translate: same },
};

export const OTHER_NAMES: readonly string[] = Object.keys(ALIASES);

/** The setting of an alias, and its value; null for a name that is not an alias. */
export function aliasOf(name: string, value: string): { setting: string; value: string } | null {
  const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
  const translated = alias?.translate(value) ?? null;
  return alias && translated !== null ? { setting: alias.setting, value: translated } : null;
}
