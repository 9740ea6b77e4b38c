import type { Locale } from '../i18n/language.js';
import { element } from '../lib/elements.js';
import type { ApiClient } from '../service/api-client.js';
import { listVoices } from '../service/voices.js';
import { MOST_INSTRUCTIONS, SILENCE_MS, SPEED, type TalkSettings } from './talk-settings.js';

/** The settings of a talk as a form. `onChange` gets all of them when one was changed. */
export function createSettingsForm(
  { words, number }: Locale,
  api: ApiClient,
  settings: TalkSettings,
  onChange: (settings: TalkSettings) => void,
): HTMLElement {
  const { talk } = words;
  let now = settings;
  const change = (patch: Partial<TalkSettings>): void => onChange((now = { ...now, ...patch }));
  const voice = voiceField(talk.defaultVoice, api, now.voice, (chosen) => change({ voice: chosen }));
  const instructions = instructionsField(talk.instructionsHint, now.instructions, change);
  return element(
    'details',
    { class: 'card' },
    element('summary', {}, talk.settings),
    element(
      'div',
      { class: 'settings' },
      element('label', { class: 'field' }, talk.voice, voice),
      slider(
        talk.speed,
        { ...SPEED, value: now.speed },
        (value) => talk.times(number(value, 2)),
        (speed) => change({ speed }),
      ),
      slider(
        talk.silence,
        { ...SILENCE_MS, value: now.silenceMs },
        (value) => talk.seconds(number(value / 1_000, 2)),
        (silenceMs) => change({ silenceMs }),
      ),
      element('label', { class: 'field wide', for: 'talk-instructions' }, talk.instructions, instructions),
    ),
  );
}

function instructionsField(
  hint: string,
  text: string,
  change: (patch: Partial<TalkSettings>) => void,
): HTMLTextAreaElement {
  const field = element('textarea', {
    id: 'talk-instructions',
    class: 'input',
    rows: 3,
    maxlength: MOST_INSTRUCTIONS,
    placeholder: hint,
    dir: 'auto',
  });
  field.value = text;
  field.addEventListener('change', () => change({ instructions: field.value }));
  return field;
}

function voiceField(
  defaultLabel: string,
  api: ApiClient,
  chosen: string,
  onChoice: (voice: string) => void,
): HTMLSelectElement {
  const select = element('select', { class: 'input' }, element('option', { value: '' }, defaultLabel));
  if (chosen !== '') select.append(element('option', { value: chosen, selected: true }, chosen));
  select.addEventListener('change', () => onChoice(select.value));
  // The list is asked for when the user reaches for it: a service with keys would else ask for one at once.
  const load = async (): Promise<void> => {
    const voices = await listVoices(api);
    for (const { id, name } of voices)
      if (id !== chosen) select.append(element('option', { value: id }, name));
  };
  select.addEventListener('focus', () => void load().catch(() => undefined), { once: true });
  return select;
}

function slider(
  label: string,
  { least, most, step, value }: { least: number; most: number; step: number; value: number },
  show: (value: number) => string,
  onChange: (value: number) => void,
): HTMLElement {
  const input = element('input', { type: 'range', min: least, max: most, step, value });
  const shown = element('output', { class: 'muted' }, show(value));
  input.addEventListener('input', () => (shown.textContent = show(input.valueAsNumber)));
  input.addEventListener('change', () => onChange(input.valueAsNumber));
  return element('label', { class: 'field' }, element('span', { class: 'row between' }, label, shown), input);
}
