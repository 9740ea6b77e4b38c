/** A call of the API that the page can make. */
export interface TryCall {
  id: 'transcribe' | 'chat' | 'speak' | 'voiceChat';
  path: string;
  /** How the fields are sent. */
  body: 'json' | 'multipart';
  takesRecording: boolean;
  /** Text field of the call, with a first value. */
  text: { name: string; value: string } | null;
  /** What the answer can be, as values of `Accept`; the first one is the default. */
  accepts: readonly string[];
  /** A field with a few values. */
  choice: { name: string; values: readonly string[] } | null;
}

export const CALLS: readonly TryCall[] = [
  {
    id: 'transcribe',
    path: 'v1/transcribe',
    body: 'multipart',
    takesRecording: true,
    text: null,
    accepts: ['application/json'],
    choice: { name: 'timestamps', values: ['none', 'segment', 'word'] },
  },
  {
    id: 'chat',
    path: 'v1/chat',
    body: 'json',
    takesRecording: false,
    text: { name: 'message', value: 'الساعة كام في القاهرة؟' },
    accepts: ['application/json', 'text/event-stream'],
    choice: null,
  },
  {
    id: 'speak',
    path: 'v1/speak',
    body: 'json',
    takesRecording: false,
    text: { name: 'text', value: 'أهلاً بيك يا فندم، الحساب ١٢٥ جنيه.' },
    accepts: ['audio/*'],
    choice: { name: 'format', values: ['mp3', 'opus', 'aac', 'flac', 'wav'] },
  },
  {
    id: 'voiceChat',
    path: 'v1/voice-chat',
    body: 'multipart',
    takesRecording: true,
    text: null,
    accepts: ['audio/*', 'application/json', 'text/event-stream'],
    choice: { name: 'format', values: ['mp3', 'opus', 'aac', 'flac', 'wav'] },
  },
];

export interface CallInput {
  accept: string;
  text: string;
  choice: string;
  file: File | null;
}

export function requestOf(call: TryCall, { accept, text, choice, file }: CallInput): RequestInit {
  const fields = fieldsOf(call, text, choice);
  const headers: Record<string, string> = { Accept: accept };
  if (call.body === 'json') {
    headers['Content-Type'] = 'application/json';
    return { method: 'POST', headers, body: JSON.stringify(fields) };
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (file) form.set('file', file, file.name);
  return { method: 'POST', headers, body: form };
}

/** The same call for a shell. The key is a variable: it is never shown. */
export function curlOf(
  call: TryCall,
  url: string,
  { accept, text, choice, file }: CallInput,
  key: boolean,
): string {
  const fields = fieldsOf(call, text, choice);
  const parts = [
    ...(key ? ['-H "Authorization: Bearer $KEY"'] : []),
    `-H ${quoted(`Accept: ${accept}`)}`,
    ...(call.body === 'json'
      ? [`-H ${quoted('Content-Type: application/json')}`, `-d ${quoted(JSON.stringify(fields))}`]
      : [
          ...Object.entries(fields).map(([name, value]) => `-F ${quoted(`${name}=${value}`)}`),
          ...(call.takesRecording ? [`-F ${quoted(`file=@${file?.name ?? 'recording.m4a'}`)}`] : []),
        ]),
  ];
  return `curl ${parts.join(' ')} ${quoted(url)}`;
}

function fieldsOf(call: TryCall, text: string, choice: string): Record<string, string> {
  return {
    ...(call.text && { [call.text.name]: text }),
    ...(call.choice && { [call.choice.name]: choice }),
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
