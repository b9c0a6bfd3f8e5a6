// The configuration of a ConPort server → a connection on which tools are called by name and return plain data.

import { resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { z } from 'zod';
import type { ServerConfig } from '../../config/conport-server.ts';
import { messageOf, UserError } from '../../system/errors.ts';
import { EXIT } from '../../system/exit-codes.ts';
import { packageVersion } from '../../system/package-root.ts';
import { wellFormed } from '../../text/record-text.ts';

export interface ConportConnection {
  /** Identifies the server and the workspace. */
  readonly identity: string;
  /** Calls a tool with the workspace added to `args`. Throws a UserError if the server refuses the call or is not reachable. */
  call(tool: string, args?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** The same for tools that return a list. */
  list(tool: string, args?: Readonly<Record<string, unknown>>): Promise<unknown[]>;
  close(): Promise<void>;
}

// An answer contains its data twice on one line, so the SDK's default of 10 MB would break the connection at 5 MB of records.
const LARGEST_ANSWER_BYTES = 256 * 1024 * 1024;
const STDERR_KEPT = 2000;
// If several servers start simultaneously on a new workspace, all but one fail to create its database and exit.
const CONNECT_ATTEMPTS = 3;
const CONNECT_PAUSE_MS = 500;

const answerSchema = z.looseObject({
  isError: z.boolean().optional(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).default([]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
});

/** Starts or contacts the server. Relative paths start at `projectDir`. Throws a UserError with exit code 3 if it is not reachable. */
export async function connectServer(config: ServerConfig, projectDir: string): Promise<ConportConnection> {
  const workspaceId = workspaceOf(config, projectDir);
  for (let attempt = 1; ; attempt++) {
    const stderr = { text: '' };
    const client = new Client({ name: 'novaperf', version: packageVersion });
    try {
      await client.connect(openTransport(config, projectDir, stderr), { timeout: config.timeoutMs });
      return connection(client, config, workspaceId, stderr);
    } catch (error) {
      await client.close().catch(() => undefined);
      if (attempt >= CONNECT_ATTEMPTS || !/closed/i.test(messageOf(error))) {
        throw notReachable(config, error, stderr.text);
      }
      await new Promise((done) => setTimeout(done, CONNECT_PAUSE_MS * attempt));
    }
  }
}

/** The workspace as a normalised absolute path, because the server distinguishes `/shop` and `/shop/` in links. Over HTTP it is the server's own path. */
function workspaceOf(config: ServerConfig, projectDir: string): string {
  const id = withVariables(config.workspaceId, 'workspace_id');
  return config.kind === 'stdio' ? resolve(projectDir, id) : id;
}

function openTransport(config: ServerConfig, projectDir: string, stderr: { text: string }): Transport {
  if (config.kind === 'http') {
    const headers = mapped(config.headers, 'headers');
    return new StreamableHTTPClientTransport(new URL(withVariables(config.url, 'url')), { requestInit: { headers } });
  }
  const transport = new StdioClientTransport({
    command: withVariables(config.command, 'command'),
    args: config.args.map((argument) => withVariables(argument, 'args')),
    cwd: projectDir,
    stderr: 'pipe',
    maxBufferSize: LARGEST_ANSWER_BYTES,
    env: {
      ...getDefaultEnvironment(),
      // If the hub is not reachable, every write waits 70 s for a model. Offline, records are stored without an embedding.
      HF_HUB_OFFLINE: '1',
      FASTMCP_SHOW_SERVER_BANNER: 'false',
      FASTMCP_CHECK_FOR_UPDATES: 'off',
      ...mapped(config.env, 'env'),
    },
  });
  transport.stderr?.on('data', (chunk: Buffer) => {
    stderr.text = (stderr.text + chunk.toString()).slice(-STDERR_KEPT);
  });
  return transport;
}

function mapped(texts: Readonly<Record<string, string>>, field: string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, withVariables(text, field)]));
}

/** Replaces `${NAME}` by the environment variable, so that files in git need not contain secrets. */
function withVariables(text: string, field: string): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_whole, name: string) => {
    const value = process.env[name];
    if (value !== undefined) return value;
    throw new UserError(`Environment variable ${name} is not set. The conport_server in ProjectConfig needs it.`, {
      where: `testing.performance.conport_server.${field}`,
      next: `export ${name}=…`,
    });
  });
}

function connection(
  client: Client,
  config: ServerConfig,
  workspaceId: string,
  stderr: { readonly text: string },
): ConportConnection {
  const ask = async (tool: string, args: Readonly<Record<string, unknown>>) => {
    let answer: unknown;
    try {
      const safe = wellFormedValue({ workspace_id: workspaceId, ...args });
      answer = await client.callTool({ name: tool, arguments: safe }, undefined, { timeout: config.timeoutMs });
    } catch (error) {
      throw notReachable(config, error, stderr.text);
    }
    const { isError, content, structuredContent } = answerSchema.parse(answer);
    const text = content[0]?.text;
    if (isError === true) throw refused(tool, text ?? 'no reason', config);
    if (structuredContent !== undefined) return structuredContent;
    const parsed: unknown = text === undefined ? [] : JSON.parse(text);
    return Array.isArray(parsed) ? { result: parsed } : z.record(z.string(), z.unknown()).parse(parsed);
  };
  return {
    identity: `${config.kind === 'http' ? config.url : 'stdio'} ${workspaceId}`,
    call: (tool, args = {}) => ask(tool, args),
    list: async (tool, args = {}) => z.array(z.unknown()).parse((await ask(tool, args)).result ?? []),
    close: () => client.close(),
  };
}

/** Without lone surrogates, to which the server would not answer. */
function wellFormedValue(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return wellFormed(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [wellFormed(key), walk(below)]));
  };
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, walk(value)]));
}

function placeOf(config: ServerConfig): string {
  return config.kind === 'http' ? config.url : [config.command, ...config.args].join(' ');
}

function notReachable(config: ServerConfig, error: unknown, stderr: string): UserError {
  const last = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/\bINFO\b/.test(line))
    .at(-1);
  const found = messageOf(error) + (last === undefined ? '' : `; its last message: ${last.slice(0, 300)}`);
  return new UserError(`Expected the ConPort server to answer, found: ${found}`, {
    where: placeOf(config),
    next: 'no local record is lost: run novaperf conport push when the server is available again',
    exitCode: EXIT.environment,
    cause: error,
  });
}

function refused(tool: string, reason: string, config: ServerConfig): UserError {
  return new UserError(
    `Expected the ConPort server to accept ${tool}, found: ${reason.replace(/\s+/g, ' ').slice(0, 500)}`,
    {
      where: placeOf(config),
      next: 'check conport_server.workspace_id (it must be a folder on the server) and the version of the server',
      exitCode: EXIT.environment,
    },
  );
}
