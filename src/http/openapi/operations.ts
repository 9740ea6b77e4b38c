import type { Operation } from './operation.js';
import { ASSISTANT_OPERATIONS } from './assistant-operations.js';
import { SERVICE_OPERATIONS } from './service-operations.js';

/** Every call there is. A test holds it against the routes of the app. */
export const OPERATIONS: readonly Operation[] = [...ASSISTANT_OPERATIONS, ...SERVICE_OPERATIONS];
