import { expect, it } from 'vitest';
import { languageOf } from './language.js';

it.each([
  ['ar', 'ar'],
  ['ar-EG', 'ar'],
  ['arz', 'ar'],
  ['arz-EG', 'ar'],
  ['en', 'en'],
])('speech in "%s" is "%s" for a speech model', (code, language) => {
  expect(languageOf(code)).toBe(language);
});
