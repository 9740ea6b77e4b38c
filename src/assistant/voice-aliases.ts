/** Alternative names of voices, including those of other services. */
export const VOICE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['female', 'female_1'],
  ['male', 'male_1'],
  // OpenAI's voices, matched by how they sound.
  ['alloy', 'female_1'],
  ['coral', 'female_2'],
  ['nova', 'female_3'],
  ['sage', 'female_4'],
  ['shimmer', 'female_5'],
  ['marin', 'female_1'],
  ['ash', 'male_1'],
  ['ballad', 'male_2'],
  ['echo', 'male_3'],
  ['fable', 'male_4'],
  ['onyx', 'male_5'],
  ['verse', 'male_2'],
  ['cedar', 'male_1'],
]);
