import { describe, expect, it } from 'vitest';
import { buildMessages, egyptianPersona } from './persona.js';

const now = new Date('2026-11-21T13:30:00Z');
const build = (history: Parameters<typeof buildMessages>[0]['history'] = []) =>
  buildMessages({ persona: egyptianPersona, now, history, message: 'الساعة كام؟' });
const examples = egyptianPersona.examples.length;

describe('the Egyptian persona', () => {
  const answers = egyptianPersona.examples
    .filter(({ role }) => role === 'assistant')
    .map(({ content }) => content);

  it('follows its own style: short, without digits, written marks or diacritics', () => {
    for (const answer of answers) {
      expect(answer.length).toBeLessThan(140);
      expect(answer.split(/[.؟!]/u).filter(Boolean).length).toBeLessThanOrEqual(3);
      expect(answer).not.toMatch(/[\d*#_()[\]«»\p{Extended_Pictographic}\u064B-\u0652]/u);
    }
  });

  it('contains no standard Arabic', () => {
    const formal = /(^|\s)[وفب]?(سوف|ليس|لن|لم|الذي|التي|عندما|هذا|هذه|لماذا|ماذا|يجب)(?=\s|[.،؟]|$)/u;
    for (const { content } of egyptianPersona.examples) expect(content).not.toMatch(formal);
  });

  it('knows what time it is in Cairo', () => {
    expect(egyptianPersona.system(now)).toMatch(/السبت.*21 نوفمبر 2026.*3:30/u);
  });
});

describe('the messages for the model', () => {
  it('are instructions, examples, history, message', () => {
    const history = [
      { role: 'user', content: 'أنا اسمي منى' },
      { role: 'assistant', content: 'أهلا يا منى.' },
    ] as const;
    const { messages, forgotten } = build(history);
    expect(messages[0]).toEqual({ role: 'system', content: egyptianPersona.system(now) });
    expect(messages.slice(1, 1 + examples)).toEqual(egyptianPersona.examples);
    expect(messages.slice(1 + examples)).toEqual([...history, { role: 'user', content: 'الساعة كام؟' }]);
    expect(forgotten).toBe(0);
  });

  it('leave out messages that are too old and count them', () => {
    const { messages, forgotten } = build([
      { role: 'user', content: 'ك'.repeat(3_000) },
      { role: 'assistant', content: 'ك'.repeat(3_000) },
      { role: 'user', content: 'ك'.repeat(3_000) },
      { role: 'assistant', content: 'تمام' },
    ]);
    expect(forgotten).toBe(2);
    expect(messages).toHaveLength(1 + examples + 3);
  });

  it('alternate between user and assistant, for any history', () => {
    const { messages } = build([
      { role: 'assistant', content: 'أهلا' },
      { role: 'user', content: 'طب' },
      { role: 'user', content: 'بقولك' },
    ]);
    const roles = messages.slice(1).map(({ role }) => role);
    expect(roles).toEqual(roles.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')));
    expect(messages.at(-1)?.content).toBe('طب\nبقولك\nالساعة كام؟');
  });

  it('do not change the persona and the history', () => {
    const before = structuredClone(egyptianPersona.examples);
    const history = [{ role: 'user', content: 'طب' }] as const;
    build(history);
    expect(egyptianPersona.examples).toEqual(before);
    expect(history).toEqual([{ role: 'user', content: 'طب' }]);
  });
});
