import type { ApiClient } from './api-client.js';

/** Whether the service takes calls over HTTP. Asks the user for a key where one is missing; throws nothing. */
export async function isReachable(api: ApiClient): Promise<boolean> {
  try {
    await api.request('v1/models');
    return true;
  } catch {
    return false;
  }
}
