import { describeDiariser } from './contract.js';
import { FakeDiariser } from './fake-diariser.js';

describeDiariser('the fake diariser', () => ({
  diariser: new FakeDiariser(),
  conversation: new Float32Array(32_000).fill(0.1),
}));
