import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';

export interface HttpServer {
  /** The port it listens on. */
  readonly port: number;
  /** Takes no new connections, lets running requests finish for `graceMs`, then cuts them. Resolves when all are gone. */
  stop(graceMs: number): Promise<void>;
}

/** A slow sender holds a connection no longer than this. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 120_000;
/** Longer than the 60 s of common load balancers, which otherwise send a request into a closing connection. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const MALFORMED: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
const IDLE_SWEEP_MS = 50;
const MAX_HEADER_BYTES = 16 * 1024;

/** Opens the port. Rejects when it is taken. */
export async function listen(app: Express, port: number, host: string): Promise<HttpServer> {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
    },
    app,
  );
  server.on('clientError', refuseMalformed);
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, stop: (graceMs) => stop(server, graceMs) };
}

/** What is no HTTP request never reaches the app; it gets the same kind of answer all the same. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = MALFORMED[error.code ?? ''] ?? '400 Bad Request';
  const message = 'This is not a request that can be understood; the connection is closed.';
  const body = JSON.stringify({
    error: { message, type: 'invalid_request_error', param: null, code: 'malformed_request' },
  });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}`;
  socket.end(`${head}\r\n\r\n${body}`);
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // A connection that becomes idle after close() would otherwise stay open for the whole keep-alive time.
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  await closed;
  clearTimeout(cut);
  clearInterval(sweep);
}
