import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Reply, ReplyEvent, ReplyRequest } from '../../assistant/reply.js';
import { conversationField, historyField } from '../request/field-types.js';
import { parseJson } from '../request/fields.js';
import { openEventStream, type SendEvent } from '../response/sse.js';
import { requestSignal } from '../request/request-signal.js';
import { roundTimings } from '../response/timings.js';

export interface ChatRouteParts {
  reply: Reply;
}

export const chatFields = z.object({
  message: z.string(),
  conversation: conversationField.optional(),
  history: historyField.optional(),
  stream: z.boolean().optional(),
});

/** POST /v1/chat: text in, the assistant's answer out, whole or as it is written. */
export function chatRoute({ reply }: ChatRouteParts): RequestHandler {
  return async (request, response) => {
    const { stream, message, conversation, history } = parseJson(chatFields, request);
    const call: ReplyRequest = {
      message,
      ...(conversation !== undefined && { conversation }),
      ...(history && { history }),
    };
    const wantsEvents =
      stream ?? request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';
    if (wantsEvents) await streamReply(reply, call, request, response);
    else await wholeReply(reply, call, request, response);
  };
}

async function wholeReply(
  reply: Reply,
  call: ReplyRequest,
  request: Request,
  response: Response,
): Promise<void> {
  const startedAt = performance.now();
  for await (const event of reply(call, requestSignal(request, response))) {
    if (event.type === 'done') response.json(replyBody(event, startedAt));
  }
}

async function streamReply(
  reply: Reply,
  call: ReplyRequest,
  request: Request,
  response: Response,
): Promise<void> {
  const startedAt = performance.now();
  const signal = requestSignal(request, response);
  let send: SendEvent | undefined;
  for await (const event of reply(call, signal)) {
    // The head waits for the first event, so that a chat server that is away is still an honest 503.
    send ??= openEventStream(response, signal);
    if (event.type === 'delta') await send('reply.delta', { delta: event.text });
    else await send('reply.done', replyBody(event, startedAt));
  }
  response.end();
}

function replyBody(event: Extract<ReplyEvent, { type: 'done' }>, startedAt: number): Record<string, unknown> {
  const { type: _, timings, ...body } = event;
  return { ...body, timings: roundTimings({ ...timings, total_ms: performance.now() - startedAt }) };
}
