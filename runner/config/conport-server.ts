// `testing.performance.conport_server`: the ConPort server that records are pushed to.

import { z } from 'zod';
import { oneOfShapes } from '../model/alternatives.ts';
import { namedRecord } from '../model/named-record.ts';
import { duration, httpUrl } from './field-schemas.ts';

/** How to reach a real ConPort server; see conport/README.md. */
export type ServerConfig =
  | {
      kind: 'stdio';
      command: string;
      args: string[];
      env: Record<string, string>;
      workspaceId: string;
      timeoutMs: number;
    }
  | { kind: 'http'; url: string; headers: Record<string, string>; workspaceId: string; timeoutMs: number };

const SERVER_TIMEOUT_MS = 30_000;
const serverShared = { workspace_id: z.string().min(1), timeout: duration.optional() };
const stdioSchema = z.strictObject({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: namedRecord(z.string()).default({}),
  ...serverShared,
});
const httpSchema = z.strictObject({
  url: httpUrl,
  headers: namedRecord(z.string()).default({}),
  ...serverShared,
});

const serverOverHttp = httpSchema.transform(
  ({ url, headers, workspace_id, timeout }): ServerConfig => ({
    kind: 'http',
    url,
    headers,
    workspaceId: workspace_id,
    timeoutMs: timeout ?? SERVER_TIMEOUT_MS,
  }),
);
const serverOverStdio = stdioSchema.transform(
  ({ command, args, env, workspace_id, timeout }): ServerConfig => ({
    kind: 'stdio',
    command,
    args,
    env,
    workspaceId: workspace_id,
    timeoutMs: timeout ?? SERVER_TIMEOUT_MS,
  }),
);
/** Schema of the server's settings. */
export const serverSchema = oneOfShapes([serverOverHttp, serverOverStdio], (value) =>
  hasField(value, 'url') ? serverOverHttp : serverOverStdio,
);

function hasField(value: unknown, field: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field);
}
