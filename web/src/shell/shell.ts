import { localeOf, storedLanguage, storeLanguage, type Language } from '../i18n/language.js';
import { createAnnouncer } from '../lib/announcer.js';
import { button, element, fill, setAttribute } from '../lib/elements.js';
import { icon } from '../lib/icons.js';
import { createApiClient } from '../service/api-client.js';
import { storedApiKey } from '../service/api-key.js';
import { createKeyDialog } from './key-dialog.js';
import { ROUTES, routeOf } from './routes.js';
import { switchTheme } from './theme.js';
import type { View } from './view.js';

/** The frame of the page: header, navigation, and the view that the address names. */
export class Shell {
  readonly #root: HTMLElement;
  readonly #key = storedApiKey();
  readonly #keyDialog = createKeyDialog(() => this.#locale, this.#key);
  readonly #announcer = createAnnouncer();
  readonly #api = createApiClient({
    base: document.baseURI,
    key: this.#key,
    askForKey: () => this.#keyDialog.ask(),
    fetch: (url, init) => fetch(url, init),
  });
  readonly #main = element('main', { id: 'main', class: 'main', tabindex: -1 });
  #locale = localeOf(storedLanguage());
  #view: View | null = null;
  /** Counts navigations: a view that loads slowly must not replace a newer one. */
  #visit = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
    addEventListener('hashchange', () => {
      this.#frame();
      void this.#show();
      this.#main.focus();
    });
  }

  start(): void {
    this.#frame();
    void this.#show();
  }

  #frame(): void {
    const { language, direction, words } = this.#locale;
    document.documentElement.lang = language;
    document.documentElement.dir = direction;
    const route = routeOf(location.hash);
    document.title = `${words.views[route.name]} · ${words.name}`;
    fill(
      this.#root,
      element('a', { class: 'skip', href: '#main' }, words.shell.skip),
      this.#header(),
      this.#main,
      this.#navigation(),
      this.#announcer.element,
    );
    const skip = this.#root.querySelector('.skip');
    // A plain jump would change the hash, which names the view.
    skip?.addEventListener('click', (event) => {
      event.preventDefault();
      this.#main.focus();
    });
  }

  #header(): HTMLElement {
    const { words, language } = this.#locale;
    const other = language === 'ar' ? 'en' : 'ar';
    const tool = { class: 'button quiet' };
    return element(
      'header',
      { class: 'header' },
      element('a', { class: 'brand', href: '#/talk' }, icon('talk'), words.name),
      element(
        'div',
        { class: 'row tools' },
        button(words.shell.otherLanguage, () => this.#speak(other), { ...tool, lang: other }),
        button(icon('theme'), switchTheme, { ...tool, 'aria-label': words.shell.theme }),
        button(icon('key'), () => void this.#keyDialog.ask(), { ...tool, 'aria-label': words.shell.key }),
      ),
    );
  }

  #navigation(): HTMLElement {
    const { words } = this.#locale;
    const current = routeOf(location.hash).name;
    const links = ROUTES.map(({ name, icon: picture }) => {
      const link = element('a', { class: 'tab', href: `#/${name}` }, icon(picture), words.views[name]);
      setAttribute(link, 'aria-current', name === current ? 'page' : undefined);
      return element('li', {}, link);
    });
    return element(
      'nav',
      { class: 'tabs', 'aria-label': words.shell.navigation },
      element('ul', {}, ...links),
    );
  }

  #speak(language: Language): void {
    storeLanguage(language);
    this.#locale = localeOf(language);
    this.#frame();
    void this.#show();
  }

  async #show(): Promise<void> {
    const visit = ++this.#visit;
    this.#view?.close();
    this.#view = null;
    const { shell } = this.#locale.words;
    try {
      const { createView } = await routeOf(location.hash).load();
      if (visit !== this.#visit) return;
      const announce = (text: string): void => this.#announcer.say(text);
      this.#view = createView({ locale: this.#locale, api: this.#api, announce });
      fill(this.#main, this.#view.element);
    } catch (error) {
      const reload = button(shell.reload, () => location.reload());
      fill(
        this.#main,
        element('p', { class: 'notice notice-warning', role: 'alert' }, shell.loadFailed),
        reload,
      );
      throw error;
    }
  }
}
