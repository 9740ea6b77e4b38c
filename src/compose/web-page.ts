import { fileURLToPath } from 'node:url';
import type { Config } from '../config/load-config.js';
import { readWebPage, type WebPage } from '../http/web-page/web-page.js';
import type { Logger } from '../observability/logger.js';

/** Where scripts/build-web.mjs writes, seen from src/compose and from dist/compose. */
const FOLDER = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** The page at `/`. Null with WEB_PAGE=off, and with a warning where `npm run build` has not run. */
export function webPageOf(config: Pick<Config, 'WEB_PAGE'>, logger: Logger): WebPage | null {
  if (!config.WEB_PAGE) return null;
  const page = readWebPage(FOLDER);
  if (page === null) logger.warn('the page at / is not built: run "npm run build", or set WEB_PAGE=off');
  return page;
}
