import { element } from './elements.js';

/** Says texts to screen readers. */
export interface Announcer {
  element: HTMLElement;
  say(text: string): void;
}

export function createAnnouncer(): Announcer {
  const live = element('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  return {
    element: live,
    say: (text) => {
      // The same text twice is no change: a screen reader would be silent.
      live.textContent = live.textContent === text ? `${text}\u00a0` : text;
    },
  };
}
