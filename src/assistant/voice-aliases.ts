/** Names that callers use for voices of ours. The one place for names of other services, too. */
export const VOICE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['female', 'female_1'],
  ['male', 'male_1'],
]);
