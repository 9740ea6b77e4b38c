import { HOP_SAMPLES, type HeardWindow } from '../protocol.js';
import { LOCAL_SPEAKERS } from './local-voices.js';
import { SEGMENT_HOP } from './segmentation.js';

/** The frame of the recording with which a window begins. */
export function firstFrameOf(window: number): number {
  return Math.round((window * HOP_SAMPLES) / SEGMENT_HOP);
}

/**
 * Who speaks in each frame of the recording: as many people as the windows over a frame hear on average, and of those the
 * ones that most windows name. `people` maps local speakers of each window to people. Gives [people, frames] of 0 and 1.
 */
export function frameVotes(
  windows: readonly HeardWindow[],
  people: readonly (readonly (number | undefined)[])[],
  count: number,
): Uint8Array[] {
  const frames = Math.max(0, ...windows.map(({ active }, window) => firstFrameOf(window) + active.length));
  const votes = Array.from({ length: count }, () => new Uint8Array(frames));
  const speaking = new Uint8Array(frames);
  const heardBy = new Uint8Array(frames);
  windows.forEach(({ active }, window) => {
    const first = firstFrameOf(window);
    active.forEach((bits, frame) => {
      heardBy[first + frame]! += 1;
      for (let local = 0; local < LOCAL_SPEAKERS; local++) {
        if ((bits & (1 << local)) === 0) continue;
        speaking[first + frame]! += 1;
        const votesOfPerson = votes[people[window]?.[local] ?? -1];
        if (votesOfPerson) votesOfPerson[first + frame]! += 1;
      }
    });
  });
  for (let frame = 0; frame < frames; frame++) {
    const wanted = Math.round(speaking[frame]! / Math.max(1, heardBy[frame]!));
    elect(votes, frame, wanted);
  }
  return votes;
}

/** Leaves 1 for the `wanted` people with the most votes, and 0 for the others. */
function elect(votes: readonly Uint8Array[], frame: number, wanted: number): void {
  const ranking = votes
    .filter((ofPerson) => ofPerson[frame]! > 0)
    .sort((one, other) => other[frame]! - one[frame]!);
  const elected = new Set(ranking.slice(0, wanted));
  for (const ofPerson of votes) ofPerson[frame] = elected.has(ofPerson) ? 1 : 0;
}
