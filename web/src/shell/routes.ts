import type { IconName } from '../lib/icons.js';
import type { CreateView } from './view.js';

export type ViewName = 'talk' | 'dictate' | 'files' | 'voices' | 'monitor' | 'tryIt';

interface Route {
  name: ViewName;
  icon: IconName;
  /** Loads the code of the view: the first visit needs one of them only. */
  load: () => Promise<{ createView: CreateView }>;
}

export const ROUTES: readonly Route[] = [
  { name: 'talk', icon: 'talk', load: () => import('../talk/talk-view.js') },
  { name: 'dictate', icon: 'dictate', load: () => import('../dictate/dictate-view.js') },
  { name: 'files', icon: 'files', load: () => import('../files/files-view.js') },
  { name: 'voices', icon: 'voices', load: () => import('../voices/voices-view.js') },
  { name: 'monitor', icon: 'monitor', load: () => import('../monitor/monitor-view.js') },
  { name: 'tryIt', icon: 'tryIt', load: () => import('../try-it/try-it-view.js') },
];

/** The route of a location hash such as `#/voices`; the first one for an unknown hash. */
export function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '');
  return ROUTES.find((route) => route.name === name) ?? (ROUTES[0] as Route);
}
