import { bucketsBy, quantileOf, samplesOf, totalOf, type Sample } from './prometheus.js';

/** The parts of GET /ready that the page shows. */
export interface Readiness {
  status: 'ready' | 'not ready';
  pending?: { id: string; state: string; percent: number; meanwhile: string | null }[];
  models?: Record<
    string,
    { state: string; percent: number; received?: number; total?: number; error?: string }
  >;
  engines?: Record<string, { status: string; queued: number; error?: string; unavailable?: string }>;
  voices?: { id: string; licence: string; unavailable: string | null }[];
  processes?: { name: string; pid: number | null; residentBytes: number; restarts: number }[];
  device?: { device: string; reason: string; gpus: unknown[] } | null;
  warnings?: string[];
}

export interface StageTimes {
  stage: string;
  count: number;
  /** Seconds. */
  p50: number;
  p95: number;
}

/** One observation of the service. */
export interface Status {
  at: number;
  readiness: Readiness;
  sessions: number;
  /** Calls that wait, admitted ones and those before the engines. */
  waiting: number;
  jobs: { waiting: number; running: number };
  memoryBytes: number;
  stages: StageTimes[];
  /** Refused calls since the start, by the part that refused. */
  refusals: Map<string, number>;
}

export interface Refusal {
  part: string;
  count: number;
  /** Unix time in milliseconds at which the page saw it. */
  at: number;
}

const STAGES = ['decode', 'transcribe', 'first_token', 'reply', 'speak_first_audio', 'speak', 'first_audio'];

export function statusOf(readiness: Readiness, samples: readonly Sample[], at: number): Status {
  return {
    at,
    readiness,
    sessions: totalOf(samples, 'kallemni_live_sessions'),
    waiting:
      totalOf(samples, 'kallemni_engine_queue_depth') + totalOf(samples, 'kallemni_admission_queue_depth'),
    jobs: {
      waiting: totalOf(samples, 'kallemni_jobs_waiting'),
      running: totalOf(samples, 'kallemni_jobs_running'),
    },
    memoryBytes: totalOf(samples, 'kallemni_resident_memory_bytes'),
    stages: stagesOf(samples),
    refusals: new Map([
      ...samplesOf(samples, 'kallemni_refusals_total').map(
        ({ labels, value }) => [labels['part'] ?? '', value] as const,
      ),
      ['live sessions', totalOf(samples, 'kallemni_live_sessions_refused_total')] as const,
    ]),
  };
}

/** The refusals between two observations. */
export function newRefusals(before: Status | undefined, now: Status): Refusal[] {
  if (!before) return [];
  return [...now.refusals].flatMap(([part, total]) => {
    const count = total - (before.refusals.get(part) ?? 0);
    return count > 0 ? [{ part, count, at: now.at }] : [];
  });
}

function stagesOf(samples: readonly Sample[]): StageTimes[] {
  const groups = bucketsBy(samples, 'kallemni_stage_duration_seconds', 'stage');
  return STAGES.flatMap((stage) => {
    const buckets = groups.get(stage) ?? [];
    const p50 = quantileOf(buckets, 0.5);
    const p95 = quantileOf(buckets, 0.95);
    if (p50 === null || p95 === null) return [];
    return [{ stage, count: Math.max(...buckets.map(({ count }) => count)), p50, p95 }];
  });
}
