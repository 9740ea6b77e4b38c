import { Shell } from './shell/shell.js';
import { applyStoredTheme } from './shell/theme.js';

applyStoredTheme();
new Shell(document.getElementById('page') as HTMLElement).start();
