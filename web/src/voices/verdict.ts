import type { VoiceQuality } from '../service/voices.js';

export type Grade = 'good' | 'fair' | 'poor';
export type Measure = 'speech' | 'noise' | 'clipping' | 'loudness';

export interface Finding {
  measure: Measure;
  grade: Grade;
  value: number;
}

/**
 * What the measurements of a recording mean for the voice. The service refuses below the limits of "fair"
 * (docs/voices.md); "good" is where studio recordings lie.
 */
export function findingsOf(quality: VoiceQuality): Finding[] {
  const {
    speech_seconds: speech,
    snr_db: noise,
    clipping_percent: clipping,
    loudness_db: loudness,
  } = quality;
  return [
    { measure: 'speech', value: speech, grade: atLeast(speech, 6, 2) },
    { measure: 'noise', value: noise, grade: atLeast(noise, 25, 15) },
    { measure: 'clipping', value: clipping, grade: atLeast(-clipping, -0.05, -0.2) },
    { measure: 'loudness', value: loudness, grade: atLeast(loudness, -35, -50) },
  ];
}

/** The worst finding decides. */
export function verdictOf(findings: readonly Finding[]): Grade {
  const grades = findings.map(({ grade }) => grade);
  return grades.includes('poor') ? 'poor' : grades.includes('fair') ? 'fair' : 'good';
}

function atLeast(value: number, good: number, fair: number): Grade {
  return value >= good ? 'good' : value >= fair ? 'fair' : 'poor';
}
