import type { RequestHandler } from 'express';
import { z } from 'zod';
import { jsonAnswer } from '../openapi/common.js';
import { answerSchema } from '../openapi/components.js';
import type { Operation } from '../openapi/operation.js';
import { modelNotFound, type CatalogueModel, type ModelCatalogue } from './model-catalogue.js';

/** OpenAI's four fields, then ours. */
const modelBody = answerSchema(
  'Model',
  z.object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    kind: z.enum(['transcription', 'speech', 'chat']),
    state: z.string().describe('Whether it is ready, loading, downloading or failed.'),
    licence: z.string().nullable(),
    aliases: z.array(z.string()).optional().describe('Other names that the model answers to.'),
    alias_of: z.string().optional().describe('The model that this name means.'),
  }),
);
const modelList = answerSchema(
  'ModelList',
  z.object({ object: z.literal('list'), data: z.array(modelBody) }),
);

export const listModelsOperation: Operation = {
  method: 'get',
  path: '/v1/models',
  id: 'listModels',
  tag: 'OpenAI',
  summary: 'List the configured models and every name that they answer to.',
  answers: { 200: jsonAnswer('All models and aliases.', modelList) },
};

export const getModelOperation: Operation = {
  method: 'get',
  path: '/v1/models/*id',
  id: 'getModel',
  tag: 'OpenAI',
  summary: 'Read one model.',
  answers: { 200: jsonAnswer('The model.', modelBody) },
};

type ModelBody = z.infer<typeof modelBody>;

/** GET /v1/models: every configured model, and every alias. */
export function modelsRoute(catalogue: ModelCatalogue): RequestHandler {
  return (_request, response) => {
    response.json({ object: 'list', data: [...entries(catalogue).values()] });
  };
}

/** GET /v1/models/{id}. Ids contain slashes, which some clients encode and others do not. */
export function modelRoute(catalogue: ModelCatalogue): RequestHandler {
  return (request, response) => {
    const parts: unknown = request.params['id'];
    const id = Array.isArray(parts) ? parts.join('/') : String(parts);
    const entry = entries(catalogue).get(id);
    if (!entry) throw modelNotFound(id);
    response.json(entry);
  };
}

function entries({ created, models }: ModelCatalogue): Map<string, ModelBody> {
  const known = new Map<string, ModelBody>();
  for (const model of models) known.set(model.id, { ...common(model, created), aliases: [...model.aliases] });
  for (const model of models)
    for (const alias of model.aliases)
      if (!known.has(alias)) known.set(alias, { ...common(model, created), id: alias, alias_of: model.id });
  return known;
}

function common({ id, kind, ownedBy, licence, state }: CatalogueModel, created: number): ModelBody {
  return { id, object: 'model', created, owned_by: ownedBy, kind, state: state(), licence };
}
