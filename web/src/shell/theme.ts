const STORED_AS = 'kallemni.theme';
type Theme = 'light' | 'dark';

/** Applies the theme that was chosen on an earlier visit; without one the page follows the device. */
export function applyStoredTheme(): void {
  const stored = localStorage.getItem(STORED_AS);
  if (stored === 'light' || stored === 'dark') apply(stored);
}

export function switchTheme(): void {
  const next = current() === 'dark' ? 'light' : 'dark';
  localStorage.setItem(STORED_AS, next);
  apply(next);
}

function current(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function apply(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}
