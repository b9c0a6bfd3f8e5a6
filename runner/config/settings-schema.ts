// The shape of `testing.performance` in ProjectConfig, which is also the whole of novaperf.config.

import { z } from 'zod';
import { type HostPattern, readHostPattern } from '../model/host-pattern.ts';
import { namedRecord } from '../model/named-record.ts';
import { judgingSchema } from '../model/run.ts';
import { clusterSchema } from './cluster-config.ts';
import { serverSchema } from './conport-server.ts';
import { environmentSchema } from './environments.ts';
import { duration } from './field-schemas.ts';

const hostPattern = z.string().transform((text, context): HostPattern => {
  const pattern = readHostPattern(text);
  if (pattern !== undefined) return pattern;
  context.addIssue({
    code: 'custom',
    message: `expected a host such as www.example.com, *.example.com, 10.1.2.3 or 10.0.0.0/8, found ${JSON.stringify(text)}`,
  });
  return z.NEVER;
});

const GLOB_IN_ONLY = 'expected a host or addresses without *, because k6 can only be limited to addresses';

function isWithoutGlob(pattern: HostPattern): boolean {
  return pattern.kind === 'range' || !pattern.glob.includes('*');
}

const secretsSchema = z.strictObject({
  names: z.array(z.string().min(1)).default([]),
  patterns: z.array(z.string().min(1).refine(isPattern, 'expected a regular expression of JavaScript')).default([]),
  allow: z.array(z.string().min(1)).default([]),
});

function isPattern(text: string): boolean {
  try {
    return !new RegExp(text).test('');
  } catch {
    return false;
  }
}

/** `testing.performance`, and the whole of novaperf.config. */
export const settingsSchema = z.strictObject({
  default_environment: z.string().min(1).optional(),
  environments: z.record(z.string().min(1), environmentSchema).nullish(),
  conport_server: serverSchema.nullish(),
  records: z.boolean().nullish(),
  report: z.strictObject({ title: z.string().min(1).optional(), logo: z.string().min(1).optional() }).nullish(),
  forbid: z.array(hostPattern).nullish(),
  extensions: z.array(z.string().min(1)).nullish(),
  scenarios: z.string().min(1).nullish(),
  out: z.string().min(1).nullish(),
  environment_of: z.record(z.string().min(1), z.string().min(1)).nullish(),
  only: z.array(hostPattern.refine(isWithoutGlob, GLOB_IN_ONLY)).nullish(),
  no_data: z.enum(['fail', 'warn']).nullish(),
  load_timeout: duration.optional(),
  verdict: judgingSchema.shape.thresholds,
  inconclusive: z
    .literal(['98', 'fail', 'pass', 98])
    .transform((code) => (code === 98 ? '98' : code))
    .optional(),
  warm_up: judgingSchema.shape.warmUp,
  setup: judgingSchema.shape.setup,
  degradation: judgingSchema.shape.degradation,
  change: judgingSchema.shape.change,
  baseline: z.string().min(1).optional(),
  secrets: secretsSchema.nullish(),
  clusters: z.record(z.string().min(1), clusterSchema).nullish(),
});

/** The team's fields may hold anything (placeholders, prose); only ours, under testing.performance, are held to a shape. */
export const configSchema = z.looseObject({
  project_name: z.string().optional(),
  testing: z
    .looseObject({
      paths: namedRecord(z.unknown()).nullish(),
      commands: namedRecord(z.unknown()).nullish(),
      environments: namedRecord(z.unknown()).nullish(),
      performance: settingsSchema.nullish(),
    })
    .nullish(),
  logging: z.looseObject({ paths: z.unknown() }).nullish(),
});

/** The checked value of a configuration. */
export type Config = z.infer<typeof configSchema>;
