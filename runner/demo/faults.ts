// Parses a line of --fault into a typed fault, or gives an error.

import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { UserError } from '../system/errors.ts';
import { ROUTE_NAMES } from './routes.ts';

// The grammar:
//
//   fault    -> growth | leak | errors | slow | step
//   growth   -> "latency-growth:" [ route "=" ] "+" percent "/" per    service time × (1 + percent × elapsed), linear
//   leak     -> "memory-leak:" size "/" per                            resident memory that is never given back, up to 1 GB
//   errors   -> "errors:" route "=" percent                            this share of requests gets 500, after its service time
//   slow     -> "slow:" route "=" duration                             the route's median becomes this; its shape stays
//   step     -> "step:" duration "=" [ route "=" ] "+" (duration | percent)
//                                                                      from that second on, every request takes so much more
//   route    -> "*" | method " " path                                  as in the table of routes: "GET /products/:id"
//   percent  -> number "%"
//   duration -> number ("ms" | "s" | "min" | "h")
//   size     -> number ("kB" | "MB" | "GB")                            powers of ten
//   per      -> "s" | "min" | "h"
//   number   -> digits [ "." digits ]
//
// No route means every route. Time counts from the moment the shop is ready (`started_at` of GET /truth). Several faults
// act at once: growths and error shares that meet on a route add up, steps follow each other in the order given, and of several
// `slow` the last one counts.

const ROUTE = z.enum(['*', ...ROUTE_NAMES]);
const LONGEST_MS = 3_600_000;

/** A fault, normalised: one unit per kind, whatever the text used. `text` is the line as it was given. */
export const FaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('latency-growth'),
    text: z.string(),
    route: ROUTE,
    percent_per_minute: z.number().positive().max(100_000),
  }),
  z.strictObject({
    kind: z.literal('memory-leak'),
    text: z.string(),
    bytes_per_second: z.number().positive().max(100_000_000),
  }),
  z.strictObject({
    kind: z.literal('errors'),
    text: z.string(),
    route: ROUTE,
    percent: z.number().positive().max(100),
  }),
  z.strictObject({
    kind: z.literal('slow'),
    text: z.string(),
    route: ROUTE,
    median_ms: z.number().positive().max(LONGEST_MS),
  }),
  z.strictObject({
    kind: z.literal('step'),
    text: z.string(),
    route: ROUTE,
    at_ms: z
      .number()
      .nonnegative()
      .max(24 * LONGEST_MS),
    add_ms: z.number().nonnegative().max(LONGEST_MS),
    add_percent: z.number().nonnegative().max(100_000),
  }),
]);

/** A fault. */
export type Fault = z.infer<typeof FaultSchema>;
/** The kind of a fault. */
export type FaultKind = Fault['kind'];

const MS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
const BYTES = { kB: 1e3, MB: 1e6, GB: 1e9 };
const PERCENT = { '%': 1 };
const EXAMPLES: Record<FaultKind, string> = {
  'latency-growth': 'latency-growth:+10%/min',
  'memory-leak': 'memory-leak:1MB/s',
  errors: 'errors:POST /orders=5%',
  slow: 'slow:GET /search=800ms',
  step: 'step:30s=+200ms',
};
const KINDS = Object.keys(EXAMPLES);

/**
 * Reads one fault.
 * @param text one line of the grammar above
 * @param where the place in errors: a flag, an environment variable
 * @throws UserError for invalid text, with an example of the probable kind
 */
export function parseFault(text: string, where = '--fault'): Fault {
  const colon = text.indexOf(':');
  const kind = KINDS.find((name) => name === text.slice(0, colon).trim());
  if (colon < 0 || kind === undefined) {
    const meant = closest(colon < 0 ? text : text.slice(0, colon), KINDS);
    throw new UserError(
      `Expected a fault to begin with one of ${KINDS.join(', ')} and a colon, found ${quote(text)}.`,
      {
        where,
        next: `did you mean ${meant}? Example: --fault '${exampleOf(meant)}'`,
      },
    );
  }
  const fields = readFields(kind, text.slice(colon + 1).trim());
  const example = `Example: --fault '${exampleOf(kind)}'`;
  if (fields === undefined) {
    throw new UserError(`Expected a fault like ${exampleOf(kind)}, found ${quote(text)}.`, { where, next: example });
  }
  const parsed = FaultSchema.safeParse({ kind, text, ...fields });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.path[0] === 'route') {
    const found = String(fields.route);
    throw new UserError(`Expected a route of the shop, found ${quote(found)} in ${quote(text)}.`, {
      where,
      next: `did you mean ${closest(found, [...ROUTE_NAMES])}? Routes: *, ${ROUTE_NAMES.join(', ')}`,
    });
  }
  throw new UserError(`${issue?.message ?? 'Invalid fault'}: ${String(issue?.path[0])} in ${quote(text)}.`, {
    where,
    next: example,
  });
}

interface FaultFields {
  [field: string]: string | number;
}

/** The part after the colon as fields in normal units; undefined when it does not follow the grammar. */
function readFields(kind: string, rest: string): FaultFields | undefined {
  const equals = rest.lastIndexOf('=');
  const before = rest.slice(0, Math.max(equals, 0)).trim();
  const amount = rest.slice(equals + 1).trim();
  switch (kind) {
    case 'latency-growth': {
      const growth = readRate(amount.replace(/^\+/, ''), PERCENT);
      if (!amount.startsWith('+') || growth === undefined) return undefined;
      return { route: equals < 0 ? '*' : before, percent_per_minute: growth * MS.min };
    }
    case 'memory-leak': {
      const leak = readRate(rest, BYTES);
      return leak === undefined ? undefined : { bytes_per_second: leak * MS.s };
    }
    case 'errors': {
      const percent = readNumber(amount, PERCENT);
      return equals < 0 || percent === undefined ? undefined : { route: before, percent };
    }
    case 'slow': {
      const medianMs = readNumber(amount, MS);
      return equals < 0 || medianMs === undefined ? undefined : { route: before, median_ms: medianMs };
    }
    default: {
      const [at = '', route = '*'] = before.split(/=(.*)/);
      const atMs = readNumber(at.trim(), MS);
      const addMs = readNumber(amount.slice(1), MS);
      const addPercent = readNumber(amount.slice(1), PERCENT);
      if (atMs === undefined || !amount.startsWith('+') || (addMs ?? addPercent) === undefined) return undefined;
      return { route: route.trim(), at_ms: atMs, add_ms: addMs ?? 0, add_percent: addPercent ?? 0 };
    }
  }
}

/** `number unit`, in the base of `units`. */
function readNumber(text: string, units: Record<string, number>): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,12})?) ?([A-Za-z%]+)$/.exec(text);
  const scale = match?.[2] === undefined || !Object.hasOwn(units, match[2]) ? undefined : units[match[2]];
  return scale === undefined ? undefined : Number(match?.[1]) * scale;
}

/** `number unit "/" per`, in the base of `units` per millisecond. */
function readRate(text: string, units: Record<string, number>): number | undefined {
  const match = /^([^/]+)\/(s|min|h)$/.exec(text);
  const amount = readNumber(match?.[1] ?? '', units);
  const perMs = readNumber(`1${match?.[2] ?? ''}`, MS);
  return amount === undefined || perMs === undefined ? undefined : amount / perMs;
}

function exampleOf(kind: string): string {
  return Object.entries(EXAMPLES).find(([name]) => name === kind)?.[1] ?? EXAMPLES.slow;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
