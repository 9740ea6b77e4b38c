import { z } from 'zod';
import { KEY_HEADER } from '../../access/keys.js';
import { REFUSALS, type Answer, type Operation, type RefusalStatus } from './operation.js';
import { OPERATIONS } from './operations.js';

type JsonObject = Record<string, unknown>;

const ERROR_SCHEMA = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});
const RETRY_STATUSES: ReadonlySet<number> = new Set([409, 429, 503]);
const ANY_CALL: readonly RefusalStatus[] = [401, 429, 431, 500, 503];
/** `:id`, or `*id` where the value may hold slashes. */
const PARAMETER = /[:*](\w+)/g;
const WITH_BODY: readonly RefusalStatus[] = [400, 408, 409, 413, 415, 422];
const FORM_FIELDS =
  'In a form, an empty value, "null" and "undefined" mean that an optional field is not set (of free text, only an empty value); booleans may be written true, 1, yes or on, in any case.';

/** The contract as OpenAPI 3.1, made from the schemas that check requests. */
export function openApiDocument(version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const operation of OPERATIONS) {
    const path = operation.path.replace(/[:*](\w+)/g, '{$1}');
    (paths[path] ??= {})[operation.method] = operationObject(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kallemni',
      version,
      description: 'Talk to it in Egyptian Arabic; it answers aloud in Egyptian Arabic.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { keyHeader: [] }, {}],
    tags: ['Assistant', 'Voices', 'OpenAI', 'Service'].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Error: schemaObject(ERROR_SCHEMA, 'output') },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer' },
        keyHeader: { type: 'apiKey', in: 'header', name: KEY_HEADER },
      },
      headers: HEADERS,
    },
  };
}

const HEADERS = {
  'x-request-id': { description: 'Names this request in the log.', schema: { type: 'string' } },
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
  'retry-after-ms': { description: 'Milliseconds to wait.', schema: { type: 'integer', minimum: 0 } },
};

function operationObject(operation: Operation): JsonObject {
  const { id, tag, summary, description, body, open } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(open && { security: [] }),
    parameters: parametersOf(operation),
    ...(body && { requestBody: { required: true, content: requestContent(body) } }),
    responses: responsesOf(operation),
  };
}

function parametersOf({ method, path, query, body }: Operation): JsonObject[] {
  const inPath = [...path.matchAll(PARAMETER)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const rawFields = body?.kind === 'multipart' && body.raw ? body.fields.partial() : undefined;
  const asked = [query, rawFields].flatMap((fields) => (fields ? queryParameters(fields) : []));
  const idempotency = {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'The same key and request within ten minutes give the first answer again.',
    schema: { type: 'string', maxLength: 255 },
  };
  return [...inPath, ...asked, ...(method === 'post' ? [idempotency] : [])];
}

function queryParameters(fields: z.ZodObject): JsonObject[] {
  const { properties = {}, required = [] } = schemaObject(fields, 'input') as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    ...(required.includes(name) && { required: true }),
    schema,
  }));
}

function requestContent(body: NonNullable<Operation['body']>): JsonObject {
  if (body.kind === 'json')
    return { 'application/json': { schema: withNulls(schemaObject(body.fields, 'input')) } };
  const { properties, required = [] } = schemaObject(body.fields, 'input');
  const recording = { type: 'string', contentMediaType: 'application/octet-stream' };
  const schema = {
    type: 'object',
    description: FORM_FIELDS,
    properties: { [body.file]: recording, ...(properties as JsonObject) },
    required: [body.file, ...(required as string[])],
  };
  return {
    'multipart/form-data': { schema },
    ...(body.raw && { 'audio/*': {}, 'application/octet-stream': {} }),
  };
}

function responsesOf({ method, body, path, answers, refusals = [], open }: Operation): JsonObject {
  const statuses = new Set<RefusalStatus>([
    ...(open ? ([429, 431, 500] as const) : ANY_CALL),
    ...(body ? WITH_BODY : []),
    ...(path.search(PARAMETER) >= 0 ? ([404] as const) : []),
    ...refusals,
  ]);
  const refused = [...statuses]
    .filter((status) => !(status in answers))
    .sort((one, other) => one - other)
    .map((status) => [status, refusalObject(status)]);
  const given = Object.entries(answers).map(([status, answer]) => [status, answerObject(answer, method)]);
  return Object.fromEntries([...given, ...refused]) as JsonObject;
}

function answerObject({ description, content, headers = {} }: Answer, method: string): JsonObject {
  const described = Object.entries(headers).map(([name, text]) => [
    name,
    { description: text, schema: { type: 'string' } },
  ]);
  return {
    description,
    headers: {
      'x-request-id': { $ref: '#/components/headers/x-request-id' },
      ...(Object.fromEntries(described) as JsonObject),
    },
    ...(content && method !== 'head' && { content: contentOf(content) }),
  };
}

function contentOf(content: NonNullable<Answer['content']>): JsonObject {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, mediaObject(type, schema)]),
  );
}

function mediaObject(type: string, schema: z.ZodType | 'binary' | 'text'): JsonObject {
  // The events of a stream are told in words: OpenAPI 3.1 has no schema for them.
  if (schema === 'binary' || type === 'text/event-stream') return {};
  return { schema: schema === 'text' ? { type: 'string' } : schemaObject(schema, 'output') };
}

function refusalObject(status: RefusalStatus): JsonObject {
  const headers = ['x-request-id', ...(RETRY_STATUSES.has(status) ? ['Retry-After', 'retry-after-ms'] : [])];
  return {
    description: REFUSALS[status],
    headers: Object.fromEntries(headers.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
}

/** Optional fields of JSON bodies may be null, which means that they are not set: see parseJson. */
function withNulls(schema: JsonObject): JsonObject {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  const nullable = Object.entries(properties).map(([name, field]) => [
    name,
    required.includes(name) ? field : orNull(field),
  ]);
  return { ...schema, properties: Object.fromEntries(nullable) as JsonObject };
}

function orNull(field: JsonObject): JsonObject {
  const { type, description, default: value, ...rules } = field;
  const named = {
    ...(description !== undefined && { description }),
    ...(value !== undefined && { default: value }),
  };
  if (typeof type === 'string' && !('enum' in rules)) return { ...named, type: [type, 'null'], ...rules };
  return { ...named, anyOf: [{ ...(type !== undefined && { type }), ...rules }, { type: 'null' }] };
}

/** JSON Schema 2020-12, which is what OpenAPI 3.1 has. */
function schemaObject(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _, ...object } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return object;
}
