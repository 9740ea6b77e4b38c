import type { Locale } from '../i18n/language.js';
import { element } from '../lib/elements.js';
import type { Voice } from '../service/voices.js';
import { findingsOf, verdictOf, type Finding } from './verdict.js';

const UNITS = { speech: 's', noise: 'dB', clipping: '%', loudness: 'dB' } as const;

/** The quality of a cloned voice with its reasons. */
export function verdictElement({ words, number }: Locale, { quality }: Voice): HTMLElement {
  const { voices } = words;
  const findings = quality ? findingsOf(quality) : [];
  const verdict = verdictOf(findings);
  const row = ({ measure, grade, value }: Finding): HTMLElement =>
    element(
      'li',
      { class: `finding finding-${grade}` },
      element('span', {}, voices.measures[measure]),
      element('bdi', { dir: 'ltr' }, `${number(value, 1)} ${UNITS[measure]}`),
      element('span', { class: 'small' }, voices.grades[grade]),
    );
  return element(
    'div',
    { class: 'verdict', 'data-verdict': verdict },
    element('p', { class: `verdict-title finding-${verdict}` }, voices.verdicts[verdict]),
    element('ul', { class: 'findings' }, ...findings.map(row)),
  );
}
