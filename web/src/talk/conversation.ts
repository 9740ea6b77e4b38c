/** A clause of a reply and where it begins in the reply's audio. */
export interface Clause {
  text: string;
  startMs: number;
}

export type ReplyState = 'running' | 'done' | 'interrupted' | 'failed';

export interface Reply {
  /** The item that the player and the service know the audio by. Null until it is announced. */
  item: string | null;
  clauses: Clause[];
  audioMs: number;
  state: ReplyState;
  /** Why it failed. */
  error: string | null;
}

/** Moments of a turn, in milliseconds of `performance.now()`. Missing: not reached, or not known. */
export interface Marks {
  voiceEnd?: number;
  turnEnd?: number;
  transcript?: number;
  firstText?: number;
  firstAudio?: number;
  done?: number;
}
export type Mark = keyof Marks;

export interface Turn {
  id: string;
  /** What is heard so far; final when `final` is true. Empty for a reply to nothing. */
  heard: string;
  final: boolean;
  /** Why nothing was understood. */
  problem: string | null;
  reply: Reply | null;
  marks: Marks;
  warnings: string[];
}

/** Turns that are kept and shown. */
const MOST_TURNS = 100;

/** What was said by both sides. Knows no socket and no page. */
export class Conversation {
  #turns: Turn[] = [];

  get turns(): readonly Turn[] {
    return this.#turns;
  }

  get last(): Turn | undefined {
    return this.#turns.at(-1);
  }

  turn(id: string): Turn {
    const known = this.#turns.find((turn) => turn.id === id);
    if (known) return known;
    const turn: Turn = { id, heard: '', final: false, problem: null, reply: null, marks: {}, warnings: [] };
    this.#turns = [...this.#turns, turn].slice(-MOST_TURNS);
    return turn;
  }

  /** The turn was a cough or noise. */
  drop(id: string): void {
    this.#turns = this.#turns.filter((turn) => turn.id !== id || turn.reply !== null);
  }

  /** Begins a reply to the newest turn, or a turn without words where that one is answered. */
  reply(id: string): Reply {
    const { last } = this;
    const turn = last && last.reply === null ? last : this.turn(id);
    turn.reply = { item: null, clauses: [], audioMs: 0, state: 'running', error: null };
    return turn.reply;
  }

  turnOf(reply: Reply): Turn | undefined {
    return this.#turns.find((turn) => turn.reply === reply);
  }

  /** Remembers when this happened first. */
  mark(turn: Turn | undefined, mark: Mark, now: number): void {
    if (turn) turn.marks[mark] ??= now;
  }
}

export function replyText(reply: Reply): string {
  return reply.clauses.map(({ text }) => text.trim()).join(' ');
}

/** The clause that is heard after `playedMs` of the reply's audio; -1 before the first. */
export function clauseAt({ clauses }: Reply, playedMs: number): number {
  if (playedMs <= 0) return -1;
  return clauses.findLastIndex(({ startMs }) => startMs <= playedMs);
}
