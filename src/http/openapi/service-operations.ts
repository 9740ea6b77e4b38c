import { z } from 'zod';
import * as bodies from './bodies.js';
import type { Operation } from './operation.js';

const page = (path: string, id: string, summary: string, type: string): Operation => ({
  method: 'get',
  path,
  id,
  tag: 'Service',
  summary,
  open: true,
  answers: {
    200: {
      description: summary,
      content: { [type]: type === 'application/json' ? z.looseObject({}) : 'text' },
    },
  },
});

export const SERVICE_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/health',
    id: 'health',
    tag: 'Service',
    summary: 'The process runs',
    open: true,
    answers: { 200: { description: 'It does.', content: { 'application/json': bodies.health } } },
  },
  {
    method: 'get',
    path: '/ready',
    id: 'ready',
    tag: 'Service',
    summary: 'Everything that was configured can work',
    open: true,
    answers: {
      200: { description: 'It can.', content: { 'application/json': bodies.readiness } },
      503: {
        description: 'Not yet; how far each part is.',
        content: { 'application/json': bodies.readiness },
      },
    },
  },
  {
    method: 'get',
    path: '/ping',
    id: 'ping',
    tag: 'Service',
    summary: 'Readiness as RunPod asks for it',
    open: true,
    answers: {
      200: { description: 'Send work.', content: { 'text/html': 'text' } },
      204: { description: 'Still starting.' },
    },
  },
  {
    method: 'get',
    path: '/metrics',
    id: 'metrics',
    tag: 'Service',
    summary: 'Figures for Prometheus',
    answers: { 200: { description: 'Text format.', content: { 'text/plain': 'text' } } },
  },
  page('/openapi.json', 'openapi', 'This document', 'application/json'),
  page('/docs', 'docs', 'This document as a page', 'text/html'),
];
