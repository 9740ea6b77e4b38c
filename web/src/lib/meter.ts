import { element } from './elements.js';

/** A bar for the loudness of one side. */
export interface Meter {
  element: HTMLElement;
  /** 0 to 1. */
  set(level: number): void;
}

export function createMeter(label: string, kind: 'input' | 'output'): Meter {
  const bar = element('div', { class: 'meter-bar' });
  const meter = element(
    'div',
    {
      class: `meter meter-${kind}`,
      role: 'meter',
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': 0,
    },
    bar,
  );
  const line = element(
    'div',
    { class: 'meter-line' },
    element('span', { class: 'muted small' }, label),
    meter,
  );
  return {
    element: line,
    set: (level) => {
      bar.style.setProperty('--level', level.toFixed(3));
      meter.setAttribute('aria-valuenow', String(Math.round(level * 100)));
    },
  };
}
