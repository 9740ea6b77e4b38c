const STORED_AS = 'kallemni.api-key';

/** The API key, in the session storage of this tab only: it is gone when the tab is closed. */
export interface ApiKey {
  get(): string | null;
  set(key: string | null): void;
}

export function storedApiKey(storage: Storage = sessionStorage): ApiKey {
  return {
    get: () => storage.getItem(STORED_AS),
    set: (key) => {
      if (key === null || key === '') storage.removeItem(STORED_AS);
      else storage.setItem(STORED_AS, key);
    },
  };
}
