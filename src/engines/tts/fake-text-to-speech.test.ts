import { expect, it } from 'vitest';
import { collectSpeech, describeTextToSpeech } from './contract.js';
import { FakeTextToSpeech, Gate } from './fake-text-to-speech.js';

describeTextToSpeech('The fake', () => new FakeTextToSpeech());
describeTextToSpeech('The streaming fake', () => new FakeTextToSpeech({ streaming: true }));

it('follows its script, records its calls and notices an abort', async () => {
  const gate = new Gate();
  const fake = new FakeTextToSpeech({ streaming: true, script: { سلام: [10, gate, 20] } });
  const controller = new AbortController();
  const speaking = collectSpeech(fake, 'سلام', {}, controller.signal);
  await fake.until((calls) => calls.length === 1);
  controller.abort(new Error('hung up'));
  await expect(speaking).rejects.toThrow('hung up');
  expect(fake.calls).toEqual([{ text: 'سلام', options: {}, state: 'aborted' }]);

  gate.open();
  const parts = await collectSpeech(fake, 'سلام', {}, new AbortController().signal);
  expect(parts.map((part) => part.samples.length)).toEqual([10, 20]);
});
