import { invalidRequest, type AppError } from '../../lib/errors.js';

/** A configured model, as the API shows it. */
export interface CatalogueModel {
  id: string;
  kind: 'transcription' | 'speech' | 'chat';
  /** Other names of the model: OpenAI's models for the same task, and the service's own names. */
  aliases: readonly string[];
  ownedBy: string;
  licence: string | null;
  /** The current state: `ready`, `loading`, `downloading`, ... */
  state: () => string;
}

export interface ModelCatalogue {
  /** Unix seconds. */
  created: number;
  models: readonly CatalogueModel[];
}

/** Throws AppError 404 as OpenAI does, unless `id` names a model of this kind. */
export function checkModel(catalogue: ModelCatalogue, id: string, kind: CatalogueModel['kind']): void {
  const known = catalogue.models.some(
    (model) => model.kind === kind && (model.id === id || model.aliases.includes(id)),
  );
  if (!known) throw modelNotFound(id);
}

export function modelNotFound(id: string): AppError {
  return invalidRequest(
    `The model \`${id.slice(0, 100)}\` does not exist or you do not have access to it. GET /v1/models lists the models.`,
    { status: 404, code: 'model_not_found', param: 'model' },
  );
}
