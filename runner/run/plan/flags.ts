// The text of command-line flags becomes checked values; a wrong one is a UserError that names the flag.

import { z } from 'zod';
import { type BaselineChoice, choiceOf } from '../../model/baseline-choice.ts';
import { PROFILES } from '../../model/plan.ts';
import { judgingSchema } from '../../model/run.ts';
import { sourceSchema } from '../../monitor/spec.ts';
import { ASSETS } from '../../report/presentation.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../../system/default-folders.ts';
import { durationMs } from '../../system/duration.ts';
import { UserError } from '../../system/errors.ts';

/** `90s`, `5m`, `1h30m`: a positive duration in milliseconds. */
export const durationFlag = z
  .string()
  .refine((text) => (durationMs(text) ?? 0) > 0, 'expected a duration as k6 writes it, such as 90s, 5m or 1h30m');

/** A duration in milliseconds that may be 0. */
export const pauseFlag = z
  .string()
  .refine((text) => (durationMs(text) ?? -1) >= 0, 'expected a duration such as 5s, or 0s for none')
  .transform((text) => durationMs(text) ?? 0);

/** A positive whole number. */
export const countFlag = z
  .string()
  .regex(/^\d+$/, 'expected a positive whole number')
  .transform(Number)
  .refine((value) => value > 0, 'expected a positive whole number');

/** A positive number. */
export const rateFlag = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'expected iterations per second, such as 50')
  .transform(Number)
  .refine((value) => value > 0, 'expected a rate above 0');

/** An http(s) URL. */
export const urlFlag = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL, such as http://127.0.0.1:8080' });

/** A TCP port. */
export const portFlag = z
  .string()
  .regex(/^\d+$/, 'expected a port number from 1 to 65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'expected a port number from 1 to 65535');
/** `NAME=value` texts, in their order. */
export const scriptEnvFlag = z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*=/, 'expected NAME=value')).default([]);

/** The texts of scriptEnvFlag as an object; the last value of a name counts, as in k6. */
export function assignments(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** Flags for the look of pages; see report/presentation.ts. */
const presentationFlags = {
  template: z.string().min(1).optional(),
  assets: z.enum(ASSETS).default('inline'),
};

/** Flags for the look of pages. */
export const presentationFlagsSchema = z.object(presentationFlags);

/** Flags of `novaperf analyze`. */
export const analyzeFlagsSchema = z.object({
  ...presentationFlags,
  scenario: z.string().min(1).optional(),
  scriptEnv: scriptEnvFlag,
  component: z.string().min(1).optional(),
  profile: z.enum(PROFILES).optional(),
  build: z.string().optional(),
  out: z.string().min(1),
  conport: z.string().min(1),
  k6: z.string().min(1).optional(),
  json: z.boolean().default(false),
});

/** Flags of `novaperf merge`. */
export const mergeFlagsSchema = analyzeFlagsSchema.extend({ name: z.string().min(1).optional() });

/** `90s` after the start of the load, or a time of day in ISO 8601. */
const momentFlag = z.string().transform((text, context) => {
  const afterMs = /^\d{4}-/.test(text) ? undefined : durationMs(text);
  if (afterMs !== undefined && afterMs >= 0) return { afterMs };
  const atMs = Date.parse(text);
  if (/^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:?\d\d)$/.test(text) && Number.isFinite(atMs)) return { atMs };
  context.addIssue(
    'expected a time since the load began, such as 90s or 5m, or a time of day such as 2026-11-29T21:00:00Z',
  );
  return z.NEVER;
});

/** `name=GET /a` → its two sides. */
const tagFlag = z
  .string()
  .regex(/^[^=]+=/, 'expected name=value, such as name="GET /products"')
  .transform((text): [name: string, value: string] => {
    const equals = text.indexOf('=');
    return [text.slice(0, equals), text.slice(equals + 1)];
  });

/** Flags of `novaperf slice`. */
export const sliceFlagsSchema = z.object({
  ...presentationFlags,
  from: momentFlag.optional(),
  to: momentFlag.optional(),
  tag: z.array(tagFlag).default([]),
  out: z.string().min(1),
  conport: z.string().min(1),
  json: z.boolean().default(false),
});

/** `latest`, `green`, `build:1.4.1`, `branch:main`, a run's folder or name; `none` disables a configured baseline. */
export const baselineFlag = z
  .string()
  .min(1)
  .refine((text) => !/^(build|branch):\s*$/.test(text), 'expected a name after the colon, such as branch:main')
  .transform((text): BaselineChoice => choiceOf(text));

/** Flags of `novaperf run`. */
export const runFlagsSchema = z.object({
  ...presentationFlags,
  profile: z.enum(PROFILES).optional(),
  duration: durationFlag.optional(),
  vus: countFlag.optional(),
  rate: rateFlag.optional(),
  env: z.string().min(1).optional(),
  /** The k6 scenario of a plain script to run. */
  scenario: z.string().min(1).optional(),
  scriptEnv: scriptEnvFlag,
  baseUrl: urlFlag.optional(),
  build: z.string().optional(),
  branch: z.string().min(1).optional(),
  component: z.string().min(1).optional(),
  out: z.string().min(1),
  conport: z.string().min(1),
  k6: z.string().min(1).optional(),
  stream: z.enum(['auto', 'histograms', 'samples']),
  trigger: z.string().min(1).default('requested'),
  requestedBy: z.string().min(1).optional(),
  /** Flags of k6 run, after --. */
  k6Args: z.array(z.string()).default([]),
  verify: z.boolean().default(false),
  wait: z.union([z.literal(true), durationFlag]).optional(),
  push: z.boolean().default(false),
  /** Id of the open cycle that the call is part of. */
  cycle: countFlag.optional(),
  baseline: baselineFlag.optional(),
  failOn: z.enum(['regression']).optional(),
  repeat: countFlag.optional(),
  /** The system of the build to compare with, by URL or name, loaded in the same cycle. */
  against: z.string().min(1).optional(),
  interleave: z.boolean().default(false),
  /** Set by withSides(). */
  isSideBySide: z.boolean().default(false),
  sideBySide: z
    .array(z.string().min(1))
    .min(2, 'expected two systems, such as http://old:8080 http://new:8080')
    .optional(),
  /** false: --no-records. */
  records: z.boolean().default(true),
  serverMetrics: z.array(sourceSchema).optional(),
  baselineTime: pauseFlag.optional(),
  recoveryTime: pauseFlag.optional(),
  live: z.union([z.literal(true), portFlag]).optional(),
  inconclusive: judgingSchema.shape.inconclusive.unwrap().optional(),
  verdict: judgingSchema.shape.thresholds.unwrap().optional(),
  warmUp: judgingSchema.shape.warmUp.unwrap().optional(),
  /** Breakpoint: maximum iterations per second, and minimum and maximum duration of each step. */
  maxRate: rateFlag.optional(),
  stepTime: durationFlag.optional(),
  maxStepTime: durationFlag.optional(),
  /** Set for a step of a capacity search. */
  isHeld: z.boolean().default(false),
  untilDecided: z.union([z.literal(true), durationFlag]).optional(),
  keepRaw: z.boolean().default(false),
  /** false: --no-bundle. */
  bundle: z.boolean().default(true),
  /** Whether to call the script's handleSummary(); undefined: in runs of up to 30 minutes. */
  handleSummary: z.boolean().optional(),
  json: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  /** Name of the configured cluster that makes the load. */
  cluster: z.string().min(1).optional(),
  parallelism: countFlag.optional(),
  setupOnce: z.boolean().default(false),
});

/** Checked flags of `novaperf run`. */
export type RunFlags = z.infer<typeof runFlagsSchema>;

/** The flags that a rejected call is recorded with, if they are valid. */
const legibleSchema = z.object({
  conport: z.string().catch(DEFAULT_CONPORT),
  out: z.string().catch(DEFAULT_OUT),
  records: z.boolean().catch(true),
  push: z.boolean().catch(false),
  json: z.boolean().catch(false),
  component: z.string().optional().catch(undefined),
  env: z.string().optional().catch(undefined),
  baseUrl: urlFlag.optional().catch(undefined),
  build: z.string().optional().catch(undefined),
  trigger: z.string().min(1).catch('requested'),
  requestedBy: z.string().optional().catch(undefined),
  cycle: countFlag.optional().catch(undefined),
});

/** The valid ones of these flags, for a call with an invalid flag. */
export function legibleFlags(raw: Readonly<Record<string, unknown>>): z.infer<typeof legibleSchema> {
  return legibleSchema.parse(raw);
}

/** Flags as commander gives them → checked values; throws a UserError that names the flag, the text found and what was expected. */
export function parseFlags<T>(schema: z.ZodType<T>, raw: Readonly<Record<string, unknown>>): T {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? '');
  const flag = `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const found = raw[field];
  const shown = Array.isArray(found) ? found[Number(issue?.path[1] ?? 0)] : found;
  const expected =
    issue?.code === 'invalid_value'
      ? `expected one of ${issue.values.join(', ')}`
      : (issue?.message ?? 'not understood');
  throw new UserError(`${flag}: ${expected}, found "${String(shown)}".`, {
    next: 'see the flags with --help',
  });
}
