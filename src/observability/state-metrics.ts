import { Gauge, type Registry } from 'prom-client';

/** What the service is like now. */
export interface ServiceState {
  engines: readonly { name: string; status: string; queued: number }[];
  models: readonly { id: string; state: string; percent: number }[];
  processes: readonly { name: string; residentBytes: number; restarts: number }[];
}

export type StateSource = () => ServiceState;

export type DoorSource = () => readonly { name: string; waiting: number }[];

const ENGINE_STATES = ['off', 'loading', 'ready', 'busy', 'restarting', 'broken'];
const MODEL_STATES = ['missing', 'waiting', 'downloading', 'verifying', 'ready', 'failed'];

/** Gauges that are read when Prometheus asks, and cost nothing between. */
export function registerState(registry: Registry, source: StateSource): void {
  const gauge = gaugesOf(registry);
  registerEngines(gauge, source);
  registerProcesses(gauge, source);
  gauge('model_state', 'One series per state, 1 for the one the model is in.', ['model', 'state'], (set) => {
    for (const { id, state } of source().models)
      for (const other of MODEL_STATES) set({ model: id, state: other }, Number(other === state));
  });
  gauge('model_downloaded_ratio', 'Share of the model that is on this machine.', ['model'], (set) => {
    for (const { id, percent } of source().models) set({ model: id }, percent / 100);
  });
}

export function registerDoors(registry: Registry, source: DoorSource): void {
  gaugesOf(registry)(
    'door_queue_depth',
    'Calls that were taken and wait for their turn.',
    ['door'],
    (set) => {
      for (const { name, waiting } of source()) set({ door: name }, waiting);
    },
  );
}

function gaugesOf(registry: Registry): Register {
  return (name, help, labelNames, collect) => {
    new Gauge({
      name: `kallemni_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        collect((labels, value) => this.set(labels, value));
      },
    });
  };
}

type Set = (labels: Record<string, string>, value: number) => void;
type Register = (name: string, help: string, labelNames: string[], collect: (set: Set) => void) => void;

function registerEngines(gauge: Register, source: StateSource): void {
  gauge('engine_queue_depth', 'Calls that wait for the engine.', ['engine'], (set) => {
    for (const { name, queued } of source().engines) set({ engine: name }, queued);
  });
  gauge(
    'engine_state',
    'One series per state, 1 for the one the engine is in.',
    ['engine', 'state'],
    (set) => {
      for (const { name, status } of source().engines)
        for (const state of ENGINE_STATES) set({ engine: name, state }, Number(state === status));
    },
  );
}

function registerProcesses(gauge: Register, source: StateSource): void {
  gauge('resident_memory_bytes', 'Resident memory of the service and its children.', ['process'], (set) => {
    set({ process: 'service' }, process.memoryUsage.rss());
    for (const { name, residentBytes } of source().processes) set({ process: name }, residentBytes);
  });
  gauge('process_restarts', 'Times a child had to be started again since the start.', ['process'], (set) => {
    for (const { name, restarts } of source().processes) set({ process: name }, restarts);
  });
}
