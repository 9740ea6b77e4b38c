import express from 'express';
import request from 'supertest';
import { expect, it } from 'vitest';
import { OPERATIONS } from '../openapi/operations.js';
import { allowOrigins } from './cors.js';

const ORIGIN = 'https://app.example';
const app = express().use(allowOrigins([ORIGIN]), (_request, response) => void response.end());
const listed = (header: string | undefined): string[] => (header ?? '').split(',').map((name) => name.trim());

it('pages may use every method of the API', async () => {
  const { headers } = await request(app)
    .options('/')
    .set({ Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' });
  const methods = OPERATIONS.map(({ method }) => method.toUpperCase());
  expect(listed(headers['access-control-allow-methods'])).toEqual(expect.arrayContaining(methods));
});

it('pages may read every response header in openapi.json', async () => {
  const { headers } = await request(app).get('/').set('Origin', ORIGIN);
  const names = OPERATIONS.flatMap(({ answers }) =>
    Object.values(answers).flatMap((answer) => Object.keys(answer.headers ?? {})),
  );
  expect(listed(headers['access-control-expose-headers'])).toEqual(expect.arrayContaining(names));
});
