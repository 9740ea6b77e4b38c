import type { EngineState } from '../inference/inference-engine.js';
import type { DeviceChoice, DeviceDecision } from '../device/device-choice.js';
import type { Engines } from './engines.js';
import type { Readiness } from '../http/routes/health.js';

/** An engine that is off was idle: it comes back with its next call. */
const ON_ITS_WAY: ReadonlySet<EngineState['status']> = new Set(['loading', 'restarting']);

/** What /ready says: every model and engine, and whether each configured part can work. */
export function readinessOf({
  provisions,
  supervised,
  processes,
  speechEngines,
  device,
}: Engines): Readiness {
  const models = Object.fromEntries(
    provisions.map((provision) => {
      const { id, ...progress } = provision.progress();
      return [id, progress];
    }),
  );
  const engines = [...supervised].map(([name, engine]) => [name, engine.state()] as const);
  const spoken = speechEngines.map((voice) => ({
    id: voice.id,
    licence: voice.licence,
    unavailable: voice.unavailableReason(),
  }));
  // A voice whose model cannot be had is no reason to wait while another one speaks; one on its way is.
  const coming = provisions.some((model) => model.unavailable() && model.progress().state !== 'failed');
  const settled = engines.every(
    ([, { status, unavailable, error }]) =>
      unavailable !== undefined || error !== undefined || !ON_ITS_WAY.has(status),
  );
  const hears = works(supervised.get('stt')?.state());
  const speaks = spoken.some(({ unavailable }) => unavailable === null);
  return {
    ready: hears && speaks && settled && !coming,
    details: {
      models,
      engines: Object.fromEntries(engines),
      voices: spoken,
      processes: processes.map((process) => process.state()),
      device: deviceDetails(device),
      warnings: [device.known?.warning, ...speechEngines.map((engine) => engine.warning?.())].filter(Boolean),
    },
  };
}

function deviceDetails({ known }: DeviceChoice): Omit<DeviceDecision, 'warning'> | null {
  if (!known) return null;
  const { warning: _, ...decision } = known;
  return decision;
}

function works(state: EngineState | undefined): boolean {
  return state?.unavailable === undefined && state?.error === undefined && state?.status !== 'broken';
}
