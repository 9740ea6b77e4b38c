import type { IncomingMessage } from 'node:http';
import { FileStore } from '@tus/file-store';
import { MemoryLocker, Server, Upload, type ServerOptions } from '@tus/server';
import type { RequestHandler, Response } from 'express';
import { UPLOAD_ID, type NewUpload } from '../../jobs/uploads/upload-record.js';
import { DATA, type UploadStore } from '../../jobs/uploads/upload-store.js';
import { callerOf } from '../middleware/authenticate.js';
import { EXPOSED_HEADERS } from '../middleware/cors.js';
import { checkTusHeaders, TUS_HEADER, TUS_VERSION, tusError } from './tus-protocol.js';

export const UPLOADS_PATH = '/v1/uploads';
const MAX_FILENAME = 255;

/** A request of the library, which wraps Node's. */
type TusRequest = Parameters<NonNullable<ServerOptions['onUploadFinish']>>[0];

/**
 * Speaks tus over the store of uploads. The library appends bytes and keeps two writers of one upload apart; creation,
 * owners, completion and removal are the store's. Requests for an upload must have passed the check of its owner.
 */
export function createTusHandler(store: UploadStore): RequestHandler {
  /** Uploads by the request that creates them. A failed request's upload is removed: its client never learnt the id. */
  const created = new WeakMap<IncomingMessage, string>();
  const server = createServer(store, created);
  return async (request, response) => {
    response.set(TUS_HEADER, TUS_VERSION);
    if (request.method !== 'OPTIONS') checkTusHeaders(request.method, request.headers);
    dropForwardedProto(request);
    try {
      await server.handle(request, response);
    } catch (error) {
      const id = created.get(request);
      if (id !== undefined) await store.remove(id);
      if (request.destroyed && !request.complete) throw new DOMException('The caller left.', 'AbortError');
      throw error;
    }
  };
}

function createServer(store: UploadStore, created: WeakMap<IncomingMessage, string>): Server {
  const datastore = new FileStore({ directory: store.directory, configstore: recordsOf(store) });
  // The store expires uploads itself, by their last byte and not by their creation, and reserves the length of each.
  datastore.extensions = ['creation', 'creation-with-upload', 'termination'];
  return new Server({
    path: UPLOADS_PATH,
    datastore,
    locker: new MemoryLocker(),
    maxSize: store.maxBytes,
    relativeLocation: true,
    // Our own middleware answers browsers: the library allows every origin by default.
    allowedOrigins: () => false,
    exposedHeaders: [...EXPOSED_HEADERS],
    namingFunction: async (request, metadata = {}) => {
      const { req, res } = nodeOf(request);
      const { id } = await store.create(newUpload(req, callerOf(res), metadata));
      created.set(req, id);
      return pathOf(id);
    },
    generateUrl: (_request, { path, id }) => `${path}/${idOf(id)}`,
    getFileIdFromRequest: (_request, id = '') => (UPLOAD_ID.test(id) ? pathOf(id) : undefined),
    onUploadFinish: async (_request, { id }) => {
      await store.complete(idOf(id));
      return {};
    },
    onResponseError: (_request, error) => {
      throw tusError(error);
    },
  });
}

/** The store's records in the form of the library. Keys are paths below the store's directory. */
function recordsOf(store: UploadStore): NonNullable<FileStore['configstore']> {
  return {
    get: async (key) => {
      const record = await store.read(idOf(key));
      if (!record) return undefined;
      const { bytes, metadata, createdAt } = record;
      const creation = new Date(createdAt).toISOString();
      return new Upload({ id: key, size: bytes, offset: 0, metadata, creation_date: creation });
    },
    // The store wrote the record when it gave the upload its id; the length cannot change later.
    set: () => Promise.resolve(),
    delete: (key) => store.remove(idOf(key)),
  };
}

const pathOf = (id: string): string => `${id}/${DATA}`;
const idOf = (path: string): string => path.slice(0, -(DATA.length + 1));

function newUpload(request: IncomingMessage, owner: string, metadata: NewUpload['metadata']): NewUpload {
  return {
    owner,
    protocol: 'tus',
    bytes: Number(request.headers['upload-length']),
    // The names that tus-js-client and Uppy use.
    filename: plainName(metadata['filename'] ?? metadata['name']),
    mediaType: plainName(metadata['filetype'] ?? metadata['type']),
    purpose: null,
    metadata,
  };
}

function plainName(text: string | null | undefined): string | null {
  return text?.replace(/\p{Cc}/gu, '').slice(0, MAX_FILENAME) || null;
}

function nodeOf(request: TusRequest): { req: IncomingMessage; res: Response } {
  const { req, res } = request.runtime?.node ?? {};
  if (!req || !res) throw new Error('tus runs over Node requests only');
  return { req: req as IncomingMessage, res: res as Response };
}

/** The library refuses the lists in this header that chains of proxies write. Location is relative and needs none of it. */
function dropForwardedProto({ rawHeaders }: IncomingMessage): void {
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2)
    if (rawHeaders[index]?.toLowerCase() === 'x-forwarded-proto') rawHeaders.splice(index, 2);
}
