import { ar, type Dictionary } from './ar.js';
import { en } from './en.js';

export type Language = 'ar' | 'en';

export interface Locale {
  language: Language;
  direction: 'rtl' | 'ltr';
  words: Dictionary;
  /** A number in the digits of the language. */
  number: (value: number, decimals?: number) => string;
}

const STORED_AS = 'kallemni.language';

/** Arabic, unless English was chosen on an earlier visit. */
export function storedLanguage(storage: Storage = localStorage): Language {
  return storage.getItem(STORED_AS) === 'en' ? 'en' : 'ar';
}

export function storeLanguage(language: Language, storage: Storage = localStorage): void {
  storage.setItem(STORED_AS, language);
}

export function localeOf(language: Language): Locale {
  const formats = new Map<number, Intl.NumberFormat>();
  // Egypt writes ٠١٢٣ in prose, but apps and phones there show 0123 as often; Latin digits also keep units and codes readable.
  const tag = language === 'ar' ? 'ar-EG-u-nu-latn' : 'en';
  return {
    language,
    direction: language === 'ar' ? 'rtl' : 'ltr',
    words: language === 'ar' ? ar : en,
    number(value, decimals = 0) {
      let format = formats.get(decimals);
      if (!format) {
        format = new Intl.NumberFormat(tag, {
          minimumFractionDigits: decimals,
          maximumFractionDigits: decimals,
        });
        formats.set(decimals, format);
      }
      return format.format(value);
    },
  };
}
