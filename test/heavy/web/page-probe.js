// Runs in the page before its scripts. Records what the page plays, what the service sends, and what the security policy refuses.
// Not part of the page: the tests read it as `window.probe`.
const probe = { violations: [], events: [], sound: [], firstAudioSentAt: null, interactiveAt: null };
window.probe = probe;
const LOUD = 0.01;

document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  probe.violations.push(`${violatedDirective} ${blockedURI}`);
});

// Everything that goes to a loudspeaker also goes to an analyser.
const analysers = new WeakMap();
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode && !analysers.has(target.context)) {
    const analyser = target.context.createAnalyser();
    analyser.fftSize = 256;
    analysers.set(target.context, analyser);
    const samples = new Float32Array(analyser.fftSize);
    setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
      probe.sound.push({ at: performance.now(), rms });
    }, 10);
  }
  if (target instanceof AudioDestinationNode) connect.call(this, analysers.get(target.context));
  return connect.call(this, target, ...rest);
};

window.WebSocket = class extends WebSocket {
  constructor(...parameters) {
    super(...parameters);
    this.addEventListener('message', ({ data }) => {
      const { type, audio_start_ms: audioStartMs, transcript } = JSON.parse(data);
      probe.events.push({ at: performance.now(), type, audioStartMs, transcript });
    });
  }

  send(message) {
    if (message.includes('input_audio_buffer.append')) probe.firstAudioSentAt ??= performance.now();
    super.send(message);
  }
};

const newest = (type) => probe.events.findLast((each) => each.type === type);

/** Milliseconds from the newest event of this type to the last loud sound after it; 0 where none came after it. */
probe.soundAfter = (type) => {
  const loud = probe.sound.findLast(({ rms }) => rms > LOUD);
  return loud ? Math.max(0, loud.at - newest(type).at) : 0;
};
/** The loudest sound in the second before the newest event of this type. */
probe.soundBefore = (type) => {
  const { at } = newest(type);
  return probe.sound
    .filter((each) => each.at > at - 1_000 && each.at <= at)
    .reduce((most, { rms }) => Math.max(most, rms), 0);
};
/** Milliseconds from the beginning of the newest utterance, as the service found it, to the last loud sound. */
probe.soundAfterVoice = () => {
  const voiceAt = probe.firstAudioSentAt + newest('input_audio_buffer.speech_started').audioStartMs;
  return probe.sound.findLast(({ rms }) => rms > LOUD).at - voiceAt;
};
probe.loudest = () => probe.sound.reduce((most, { rms }) => Math.max(most, rms), 0);

new MutationObserver((_, observer) => {
  if (!document.querySelector('#talk-button')) return;
  probe.interactiveAt = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
