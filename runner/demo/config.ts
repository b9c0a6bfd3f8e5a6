// The configuration of the demo process from command line and environment. Flags override environment variables.

import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { FaultSchema, parseFault } from './faults.ts';

/** Settings of a demo shop. */
export const DemoConfigSchema = z.object({
  /** 0: a free port. */
  port: z.number().int().min(0).max(65_535).default(0),
  /** Determines every service time and every injected error. */
  seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(1),
  /** The build in /health and /metrics. */
  version: z.string().min(1).max(100).default('1.0.0'),
  /** Size of the pool of database connections. */
  connections: z.number().int().min(1).max(10_000).default(20),
  /** How long /health reports `starting`, milliseconds. */
  startingMs: z.number().int().min(0).max(3_600_000).default(0),
  faults: z.array(FaultSchema).default([]),
});

/** Settings of a demo shop. */
export type DemoConfig = z.infer<typeof DemoConfigSchema>;

/** The text of --help. */
export const USAGE = `Usage: node dist/demo.js [--port N] [--seed N] [--version V] [--connections N] [--starting-ms N] [--fault F]…

A small shop to put load on. Prints {"port","pid","version"} when it listens on 127.0.0.1, ends when its stdin closes.
The same by environment: NOVAPERF_DEMO_SEED, NOVAPERF_DEMO_VERSION, NOVAPERF_DEMO_CONNECTIONS, NOVAPERF_DEMO_STARTING_MS and
NOVAPERF_DEMO_FAULTS (faults separated by semicolons).

Faults, several at once:
  latency-growth:+10%/min               every service time grows by 10 % of its start a minute
  latency-growth:GET /search=+10%/min   only this route's
  memory-leak:1MB/s                     resident memory grows, up to 1 GB
  errors:POST /orders=5%                5 % of these requests are answered 500
  slow:GET /search=800ms                the median of this route becomes 800 ms
  step:30s=+200ms                       30 s after the start, every request takes 200 ms more
  step:30s=GET /search=+50%             … only this route's, by half
`;

const FAULTS_VARIABLE = 'NOVAPERF_DEMO_FAULTS';
const NUMBERS = [
  ['port', 'port', 'NOVAPERF_DEMO_PORT'],
  ['seed', 'seed', 'NOVAPERF_DEMO_SEED'],
  ['connections', 'connections', 'NOVAPERF_DEMO_CONNECTIONS'],
  ['startingMs', 'starting-ms', 'NOVAPERF_DEMO_STARTING_MS'],
] as const;

/**
 * Reads the configuration of the demo process.
 * @throws UserError that names the flag or the variable
 */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): DemoConfig {
  const flags = readFlags(args);
  const candidate: Record<string, unknown> = {};
  const places: Record<string, string> = {};
  for (const [field, flag, variable] of NUMBERS) {
    const text = flags[flag] ?? env[variable];
    if (text === undefined || text === '') continue;
    candidate[field] = /^\d+$/.test(text) ? Number(text) : text;
    places[field] = flags[flag] === undefined ? variable : `--${flag}`;
  }
  const version = flags.version ?? env.NOVAPERF_DEMO_VERSION;
  if (version !== undefined) candidate.version = version;
  places.version = '--version';
  candidate.faults =
    flags.fault === undefined
      ? (env[FAULTS_VARIABLE] ?? '')
          .split(';')
          .filter((text) => text.trim() !== '')
          .map((text) => parseFault(text.trim(), FAULTS_VARIABLE))
      : flags.fault.map((text) => parseFault(text));
  return checkConfig(candidate, (field) => places[field] ?? field);
}

/**
 * Checks a configuration with parsed faults.
 * @param place the name of a field in errors
 * @throws UserError for the first invalid field
 */
export function checkConfig(candidate: Record<string, unknown>, place: (field: string) => string): DemoConfig {
  const parsed = DemoConfigSchema.safeParse(candidate);
  if (parsed.success) return { ...parsed.data, version: versionOf(parsed.data, candidate.version !== undefined) };
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? '');
  const found = JSON.stringify(candidate[field]) ?? 'nothing';
  throw new UserError(`Expected ${field} of the demo shop within its limits, found ${found}: ${issue?.message}.`, {
    where: place(field),
    next: 'correct the value; node dist/demo.js --help lists the flags',
  });
}

/** Other faults give another version unless one was set, so that their runs are not treated as the same build. */
function versionOf({ version, faults }: DemoConfig, isGiven: boolean): string {
  if (isGiven || faults.length === 0) return version;
  const hash = createHash('sha256').update(JSON.stringify(faults)).digest('hex');
  return `${version}+faults.${hash.slice(0, 6)}`;
}

interface Flags {
  port?: string | undefined;
  seed?: string | undefined;
  connections?: string | undefined;
  'starting-ms'?: string | undefined;
  version?: string | undefined;
  fault?: string[] | undefined;
}

function readFlags(args: readonly string[]): Flags {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        seed: { type: 'string' },
        connections: { type: 'string' },
        'starting-ms': { type: 'string' },
        version: { type: 'string' },
        fault: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    throw new UserError(`Expected flags of the demo shop, found: ${messageOf(error)}`, {
      next: 'node dist/demo.js --help lists them',
      cause: error,
    });
  }
}
