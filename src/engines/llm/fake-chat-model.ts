import { abortable } from '../../lib/abort.js';
import type { ChatEvent, ChatMessage, ChatModel, ChatUsage } from './chat-model.js';

/** A string is a delta, a promise pauses the reply until it settles, an error ends it. */
export type FakeChatStep = string | Promise<unknown> | Error;

export interface FakeChatReply {
  steps: readonly FakeChatStep[];
  model?: string;
  finishReason?: string;
  usage?: ChatUsage;
  warnings?: string[];
}

export interface FakeChatCall {
  messages: readonly ChatMessage[];
  /** `left`: the caller left the loop; `aborted`: the caller's signal aborted. */
  state: 'running' | 'finished' | 'failed' | 'aborted' | 'left';
  /** Settles with the state when the call is over. */
  ended: Promise<FakeChatCall['state']>;
}

const GREETING: FakeChatReply = { steps: ['أهلا ', 'بيك ', 'يا فندم.'] };

/** A ChatModel for tests: call n gives the nth scripted reply, later calls the last one. It records its calls. */
export class FakeChatModel implements ChatModel {
  readonly id = 'fake-chat';
  readonly calls: FakeChatCall[] = [];
  readonly #replies: readonly FakeChatReply[];

  constructor(...replies: (FakeChatReply | readonly FakeChatStep[])[]) {
    const scripts = replies.map((reply) => ('steps' in reply ? reply : { steps: reply }));
    this.#replies = scripts.length > 0 ? scripts : [GREETING];
  }

  async *reply(
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<ChatEvent, void, undefined> {
    const script = this.#replies[Math.min(this.calls.length, this.#replies.length - 1)] ?? GREETING;
    let end = (_: FakeChatCall['state']): void => undefined;
    const ended = new Promise<FakeChatCall['state']>((resolve) => (end = resolve));
    const call: FakeChatCall = { messages: structuredClone([...messages]), state: 'running', ended };
    this.calls.push(call);
    try {
      yield* this.#follow(script, signal);
      call.state = 'finished';
    } catch (error) {
      call.state = signal.aborted ? 'aborted' : 'failed';
      throw error;
    } finally {
      if (call.state === 'running') call.state = 'left';
      end(call.state);
    }
  }

  async *#follow(script: FakeChatReply, signal: AbortSignal): AsyncGenerator<ChatEvent, void, undefined> {
    for (const step of script.steps) {
      signal.throwIfAborted();
      if (step instanceof Error) throw step;
      if (typeof step === 'string') yield { type: 'delta', text: step };
      else await abortable(step, signal);
    }
    signal.throwIfAborted();
    yield {
      type: 'done',
      model: script.model ?? this.id,
      finishReason: script.finishReason ?? 'stop',
      ...(script.usage && { usage: script.usage }),
      warnings: [...(script.warnings ?? [])],
    };
  }
}
