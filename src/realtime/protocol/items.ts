/** Content parts as clients read them. A user's audio always has the key `transcript`, because clients fail without it. */
export type UserPart =
  { type: 'input_text'; text: string } | { type: 'input_audio'; transcript: string | null };
export type AssistantPart =
  { type: 'output_text'; text: string } | { type: 'output_audio'; transcript: string };
export type SystemPart = { type: 'input_text'; text: string };

/** There is no `cancelled`: an interrupted item is `incomplete`. */
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

interface ItemBase {
  id: string;
  object: 'realtime.item';
  status: ItemStatus;
}

/** An item of a conversation in the form of the protocol. */
export type Item =
  | (ItemBase & { type: 'message'; role: 'user'; content: UserPart[] })
  | (ItemBase & { type: 'message'; role: 'assistant'; content: AssistantPart[] })
  | (ItemBase & { type: 'message'; role: 'system'; content: SystemPart[] })
  | (ItemBase & { type: 'function_call'; call_id: string; name: string; arguments: string })
  | (ItemBase & { type: 'function_call_output'; call_id: string; output: string });
