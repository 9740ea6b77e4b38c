import { element } from '../lib/elements.js';
import type { CreateView } from '../shell/view.js';
import { CallForm } from './call-form.js';
import { CALLS } from './calls.js';

/** Try it: the main calls with their answers, audio included. */
export const createView: CreateView = (page) => {
  const { tryIt } = page.locale.words;
  const forms = CALLS.map((call) => new CallForm(page, call));
  return {
    element: element(
      'div',
      { class: 'stack' },
      element('h1', {}, tryIt.title),
      element(
        'p',
        { class: 'muted lead' },
        tryIt.hint,
        ' ',
        element('a', { href: page.api.url('docs') }, tryIt.docs),
      ),
      ...forms.map((form) => form.element),
    ),
    close: () => forms.forEach((form) => form.close()),
  };
};
