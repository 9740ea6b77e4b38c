import type { Locale } from '../i18n/language.js';
import type { ApiClient } from '../service/api-client.js';

/** What the shell gives every view. */
export interface PageContext {
  locale: Locale;
  api: ApiClient;
  /** Says a text to screen readers. */
  announce: (text: string) => void;
}

/** One page of the app. `close` stops everything that it started. */
export interface View {
  element: HTMLElement;
  close(): void;
}

export type CreateView = (page: PageContext) => View;
