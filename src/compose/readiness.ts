import type { EngineState } from '../inference/inference-engine.js';
import type { DeviceChoice, DeviceDecision } from '../device/device-choice.js';
import type { Engines } from './engines.js';
import type { Readiness } from '../http/routes/health.js';
import type { ModelProgress } from '../models/model-store.types.js';
import type { ModelProvision } from '../models/provision.js';
import { CAPTIONS, HEARING, STAND_IN } from './hearing.js';
import { DIARISATION } from './diarisation.js';

/** An engine that is off was idle. Its next call starts it again. */
const ON_ITS_WAY: ReadonlySet<EngineState['status']> = new Set(['loading', 'restarting']);

/** The content of /ready: whether the service can hear and speak now, and the state of every model and engine. */
export function readinessOf(engines: Engines, sharedWarnings: readonly string[]): Readiness {
  const { provisions, supervised, processes, speechEngines, device } = engines;
  const states = new Map([...supervised].map(([name, engine]) => [name, engine.state()] as const));
  const voices = speechEngines.map((voice) => ({
    id: voice.id,
    licence: voice.licence,
    unavailable: voice.unavailable()?.message ?? null,
  }));
  const speaks = voices.some(({ unavailable }) => unavailable === null);
  return {
    ready: hears(states) && speaks && settled(states),
    details: {
      pending: provisions.filter((model) => !model.dormant && model.unavailable()).map(pendingModel),
      models: Object.fromEntries(provisions.map((model) => [model.id, modelDetails(model)])),
      engines: Object.fromEntries(states),
      voices,
      processes: processes.map((process) => process.state()),
      device: deviceDetails(device),
      warnings: [
        device.known?.warning,
        ...provisions.flatMap((model) => model.warnings),
        ...speechEngines.map((engine) => engine.warning?.()),
        ...sharedWarnings,
      ].filter(Boolean),
    },
  };
}

/** Captions and speaker labels are optional, so readiness does not wait for their models. */
const HEARING_ENGINES: ReadonlySet<string> = new Set([HEARING, STAND_IN, CAPTIONS, DIARISATION]);

type States = ReadonlyMap<string, EngineState>;

/** The configured model or its stand-in. */
function hears(states: States): boolean {
  const standIn = states.get(STAND_IN);
  return usable(states.get(HEARING)) || (standIn !== undefined && usable(standIn));
}

/**
 * Readiness does not wait for a voice engine whose model is missing if another engine can speak. It waits for an engine
 * that is loading.
 */
function settled(states: States): boolean {
  const voices = [...states].filter(([name]) => !HEARING_ENGINES.has(name));
  return voices.every(
    ([, { status, unavailable, error }]) =>
      unavailable !== undefined || error !== undefined || !ON_ITS_WAY.has(status),
  );
}

function modelDetails(model: ModelProvision): Omit<ModelProgress, 'id'> {
  const { id: _, ...progress } = model.progress();
  return progress;
}

function deviceDetails({ known }: DeviceChoice): Omit<DeviceDecision, 'warning'> | null {
  if (!known) return null;
  const { warning: _, ...decision } = known;
  return decision;
}

/** A model that is not ready yet, and its replacement. */
function pendingModel(model: ModelProvision) {
  const { id, state, percent } = model.progress();
  return { id, state, percent, meanwhile: model.meanwhile };
}

function usable(state: EngineState | undefined): boolean {
  if (state === undefined) return true;
  const { unavailable, error, status } = state;
  return unavailable === undefined && error === undefined && status !== 'broken' && !ON_ITS_WAY.has(status);
}
