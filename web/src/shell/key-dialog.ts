import type { Dictionary } from '../i18n/ar.js';
import type { Locale } from '../i18n/language.js';
import { button, element } from '../lib/elements.js';
import type { ApiKey } from '../service/api-key.js';

/** Asks for the API key. Resolves with true when one was given. A second call while it is open shares its answer. */
export interface KeyDialog {
  ask(): Promise<boolean>;
}

export function createKeyDialog(locale: () => Locale, key: ApiKey): KeyDialog {
  let open: Promise<boolean> | null = null;
  return {
    ask() {
      open ??= show(locale(), key).finally(() => (open = null));
      return open;
    },
  };
}

function show({ words }: Locale, key: ApiKey): Promise<boolean> {
  const dialog = element('dialog', { class: 'dialog', 'aria-labelledby': 'api-key-title' });
  const input = element('input', {
    id: 'api-key',
    class: 'input ltr',
    type: 'password',
    autocomplete: 'off',
    required: true,
    'aria-describedby': 'api-key-about',
  });
  const form = formOf(words.key, input, key, dialog);
  // Forms of the page are never sent anywhere: the content security policy forbids it.
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    key.set(input.value.trim());
    dialog.close('save');
  });
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'save');
    });
  });
}

function formOf(
  texts: Dictionary['key'],
  input: HTMLInputElement,
  key: ApiKey,
  dialog: HTMLDialogElement,
): HTMLFormElement {
  const known = key.get() !== null;
  const remove = button(texts.remove, () => {
    key.set(null);
    dialog.close();
  });
  return element(
    'form',
    { class: 'stack' },
    element('h2', { id: 'api-key-title' }, texts.title),
    element('p', { id: 'api-key-about', class: 'muted' }, texts.ask),
    known ? element('p', { class: 'notice' }, texts.known) : null,
    element('label', { class: 'field', for: 'api-key' }, texts.label, input),
    element(
      'div',
      { class: 'row end' },
      known ? remove : null,
      button(texts.cancel, () => dialog.close()),
      element('button', { type: 'submit', class: 'button primary' }, texts.save),
    ),
  );
}
