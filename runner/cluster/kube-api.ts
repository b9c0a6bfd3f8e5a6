// Sends requests to the Kubernetes API and returns JSON, or a log as it is written. Address and credentials come from
// kubectl's configuration, read by @kubernetes/client-node.

import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf, UserError } from '../system/errors.ts';
import { parseJson } from '../system/json.ts';
import { KubeConfig } from './kubernetes-client.ts';
import { Turns } from './turns.ts';

export interface KubeAnswer {
  /** HTTP status. */
  readonly status: number;
  /** The body parsed as JSON, or as text if it is not JSON. */
  readonly body: unknown;
  /** The clock of the answering server, epoch milliseconds in whole seconds; undefined if the response has no date. */
  readonly dateMs: number | undefined;
}

/** The part of the API that this room uses; tests replace it with a recording. */
export interface KubeApi {
  /** Rejects with a KubeUnreachable if no answer comes within `timeoutMs` (default 20 s). */
  request(
    method: string,
    path: string,
    body?: unknown,
    options?: { contentType?: string; timeoutMs?: number },
  ): Promise<KubeAnswer>;
  /**
   * Passes the body on as it arrives; resolves with the HTTP status at its end. Rejects with a KubeUnreachable if the
   * connection breaks.
   */
  follow(path: string, onChunk: (chunk: Buffer) => void, signal: AbortSignal): Promise<number>;
}

/** The API server did not answer, or the connection broke. */
export class KubeUnreachable extends Error {}

const TIMEOUT_MS = 20_000;
/** After this time without a line, a log may have lost its connection: a run writes its health every second. */
const SILENT_MS = 30_000;
const SECOND_LOOK_MS = 100;

/**
 * Connects to the API. Throws a UserError if there is no kubectl configuration, or the configured context does not
 * exist.
 */
export function openKubeApi(where: {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}): KubeApi {
  const config = new KubeConfig();
  try {
    if (where.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(where.kubeconfig);
  } catch (error) {
    throw new UserError(`Expected a kubectl configuration, found: ${messageOf(error)}`, {
      where: where.kubeconfig ?? process.env.KUBECONFIG ?? '~/.kube/config',
      cause: error,
    });
  }
  if (where.context !== undefined) {
    const names = config.getContexts().map(({ name }) => name);
    if (!names.includes(where.context)) {
      throw new UserError(
        `Expected the context "${where.context}" in the kubectl configuration, found: ${names.join(', ') || 'none'}.`,
      );
    }
    config.setCurrentContext(where.context);
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new UserError('Expected a cluster in the kubectl configuration, found none.');
  return new HttpsKubeApi(config, new URL(server));
}

class HttpsKubeApi implements KubeApi {
  readonly #turns = new Turns();

  constructor(
    private readonly config: KubeConfig,
    private readonly server: URL,
  ) {}

  async request(
    method: string,
    path: string,
    body?: unknown,
    { contentType = 'application/json', timeoutMs = TIMEOUT_MS } = {},
  ): Promise<KubeAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.#send(method, path, text, contentType, timeoutMs);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of response) chunks.push(Buffer.from(chunk));
    } catch (error) {
      throw new KubeUnreachable(messageOf(error), { cause: error });
    }
    const answer = Buffer.concat(chunks).toString('utf8');
    const date = Date.parse(response.headers.date ?? '');
    return {
      status: response.statusCode ?? 0,
      body: parseJson(answer) ?? answer,
      dateMs: Number.isNaN(date) ? undefined : date,
    };
  }

  async follow(path: string, onChunk: (chunk: Buffer) => void, signal: AbortSignal): Promise<number> {
    const response = await this.#send('GET', path, undefined, undefined, TIMEOUT_MS, signal);
    let bytes = 0;
    const silent = () => {
      // If this process got no CPU for long, bytes may be waiting; they are read before this second check.
      const before = bytes;
      setTimeout(() => {
        if (bytes === before) response.destroy(new Error(`no byte for ${SILENT_MS / 1000} s`));
      }, SECOND_LOOK_MS);
    };
    response.socket.setTimeout(SILENT_MS);
    response.socket.on('timeout', silent);
    try {
      for await (const chunk of response) {
        bytes += chunk.length;
        // The stream is paused meanwhile, so nothing accumulates here.
        await this.#turns.do(() => onChunk(Buffer.from(chunk)));
      }
    } catch (error) {
      throw new KubeUnreachable(messageOf(error), { cause: error });
    }
    return response.statusCode ?? 0;
  }

  async #send(
    method: string,
    path: string,
    body: string | undefined,
    contentType: string | undefined,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const isTls = this.server.protocol === 'https:';
    const options: RequestOptions = { method, timeout: timeoutMs, ...(signal !== undefined && { signal }) };
    await this.config.applyToHTTPSOptions(options).catch((error: unknown) => {
      // For example a failed login command, an unreadable certificate, or http without insecure-skip-tls-verify.
      throw new UserError(
        `Expected the kubectl configuration to give access to ${this.server.host}, found: ${messageOf(error)}`,
        {
          next: 'check kubectl get pods with the same configuration',
          cause: error,
        },
      );
    });
    options.headers = {
      ...options.headers,
      accept: 'application/json, */*',
      ...(body !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
    };
    const url = new URL(`${this.server.pathname.replace(/\/$/, '')}${path}`, this.server);
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => reject(new KubeUnreachable(messageOf(error), { cause: error }));
      let isAnswered = false;
      const request = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
        isAnswered = true;
        resolve(response);
      });
      request.on('error', failed);
      request.on('timeout', () => {
        // A followed log may be silent for longer.
        if (!isAnswered || signal === undefined) request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
      });
      request.end(body);
    });
  }
}
