import type { EngineState } from '../inference/inference-engine.js';
import type { Engines } from './engines.js';
import type { Readiness } from '../http/routes/health.js';

/** An engine that is off was idle: it comes back with its next call. */
const NOT_WORKING: ReadonlySet<EngineState['status']> = new Set(['loading', 'restarting', 'broken']);

/** What /ready says: every model and engine, and whether each configured part can work. */
export function readinessOf({ provisions, supervised, processes, voices }: Engines): Readiness {
  const models = Object.fromEntries(
    provisions.map((provision) => {
      const { id, ...progress } = provision.progress();
      return [id, progress];
    }),
  );
  const engines = Object.fromEntries([...supervised].map(([name, engine]) => [name, engine.state()]));
  const arrived = provisions.every((provision) => provision.unavailable() === null);
  const working = [...supervised.values()].every((engine) => !NOT_WORKING.has(engine.state().status));
  return {
    ready: arrived && working,
    details: {
      models,
      engines,
      voices: voices.map((voice) => ({ id: voice.id, unavailable: voice.unavailableReason() })),
      processes: processes.map((process) => process.state()),
    },
  };
}
