// `testing.performance.environments`: the systems under test by name, each a URL or the demo, and their monitoring.

import { z } from 'zod';
import { oneOfShapes } from '../model/alternatives.ts';
import { type ServerWatchConfig, watchConfigOf, watchFields } from '../monitor/watch-config.ts';
import { httpUrl } from './field-schemas.ts';

/** A system under test with its monitoring. */
export type EnvironmentConfig = ServerWatchConfig & PlaceConfig;

type PlaceConfig =
  | { kind: 'demo'; port?: number; seed?: number; version?: string; faults?: string[] }
  | { kind: 'url'; url: string; healthPath: string | undefined };

const wholeNumber = (most: number) => z.number().int().min(0).max(most);

const demoSchema = z.strictObject({
  kind: z.literal('demo'),
  port: wholeNumber(65_535).optional(),
  seed: wholeNumber(Number.MAX_SAFE_INTEGER).optional(),
  version: z.string({ error: 'expected text; put a version such as "1.10" in quotes' }).min(1).optional(),
  faults: z.array(z.string().min(1)).optional(),
  ...watchFields,
});
const urlSchema = z.strictObject({
  kind: z.literal('url').optional(),
  url: httpUrl,
  health_path: z.string().regex(/^\//, 'expected a path that begins with /').optional(),
  ...watchFields,
});
function isDemo(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'demo';
}

const environmentUrl = httpUrl.transform((url): EnvironmentConfig => ({ kind: 'url', url, healthPath: undefined }));
const environmentOfUrl = urlSchema.transform(urlOf);
const environmentOfDemo = demoSchema.transform(demoOf);

/** Schema of an environment. */
export const environmentSchema = oneOfShapes([environmentUrl, environmentOfUrl, environmentOfDemo], (value) => {
  if (typeof value === 'string') return environmentUrl;
  return isDemo(value) ? environmentOfDemo : environmentOfUrl;
});

function urlOf({ url, health_path, ...watch }: z.infer<typeof urlSchema>): EnvironmentConfig {
  return { kind: 'url', url, healthPath: health_path, ...watchConfigOf(watch) };
}

function demoOf({ port, seed, version, faults, ...watch }: z.infer<typeof demoSchema>): EnvironmentConfig {
  return {
    kind: 'demo',
    ...watchConfigOf(watch),
    ...(port === undefined ? {} : { port }),
    ...(seed === undefined ? {} : { seed }),
    ...(version === undefined ? {} : { version }),
    ...(faults === undefined ? {} : { faults }),
  };
}
