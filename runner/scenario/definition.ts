// Checks the argument of defineScenario(), as k6 inspect returned it; each error has the field and what was expected.

import { z } from 'zod';
import { namedRecord } from '../model/named-record.ts';
import { PROFILES } from '../model/plan.ts';
import { degradationSchema } from '../model/run.ts';
import { durationMs } from '../system/duration.ts';
import { nearest } from '../system/nearest.ts';

/** An error with the expectation and the value found. */
function expecting(what: string): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => expectedButFound(what, input) };
}

function expectedButFound(what: string, input: unknown): string {
  return `expected ${what}, found ${input === undefined ? 'nothing' : JSON.stringify(input)}`;
}

const wholeVUs = z.int(expecting('a positive whole number')).positive(expecting('a positive whole number'));
const rate = z
  .number(expecting('iterations per second, a positive number'))
  .positive(expecting('iterations per second, a positive number'));

const duration = z
  .string(expecting('a duration such as "90s"'))
  .refine((text) => (durationMs(text) ?? -1) >= 0, expecting('a duration such as "90s"'));

const wholeDuration = duration.refine(
  (text) => (durationMs(text) ?? 1000) >= 1000,
  expecting('a duration of a second or more, such as "90s"'),
);

const threshold = z.union(
  [
    z.string(),
    z.looseObject({ threshold: z.string(), abortOnFail: z.boolean().optional(), delayAbortEval: duration.optional() }),
  ],
  expecting('an assertion such as "p(95)<250", or { threshold, abortOnFail, delayAbortEval }'),
);
const thresholds = namedRecord(
  z.array(threshold, expecting('a list of assertions such as ["p(95)<250"]')),
  expecting('an object of metric: [assertion, …]'),
);

const stage = z.looseObject(
  {
    duration,
    target: z.number(expecting('virtual users or iterations per second')).nonnegative(expecting('0 or more')),
  },
  expecting('{ duration, target }'),
);

const profileOverride = z.strictObject(
  {
    enabled: z.boolean(expecting('true or false')).optional(),
    duration: wholeDuration.optional(),
    vus: wholeVUs.optional(),
    rate: rate.optional(),
    maxVUs: wholeVUs.optional(),
    stages: z
      .array(stage, expecting('a list of { duration, target }'))
      .refine(
        (stages) => stages.some((one) => (durationMs(one.duration) ?? 0) > 0),
        expecting('stages that last longer than 0 s in all'),
      )
      .optional(),
    thresholds: thresholds.optional(),
  },
  unknownKey(['enabled', 'duration', 'vus', 'rate', 'maxVUs', 'stages', 'thresholds'], 'an object'),
);

const load = z
  .strictObject(
    { vus: wholeVUs.optional(), rate: rate.optional(), maxVUs: wholeVUs.optional() },
    unknownKey(['vus', 'rate', 'maxVUs'], '{ vus } or { rate, maxVUs }'),
  )
  .refine(
    ({ vus, rate: perSecond, maxVUs }) =>
      (vus === undefined) !== (perSecond === undefined) && (maxVUs === undefined || perSecond !== undefined),
    expecting('either { vus } or { rate, maxVUs }'),
  );

const noOwnLoad = z
  .never({
    error: () => 'expected no such field: set the load in load, or use a plain k6 script without defineScenario',
  })
  .optional();

/** Valid names of k6 scenarios. */
const JOURNEY = /^[A-Za-z0-9_-]+$/;

const journey = z.strictObject(
  {
    exec: z
      .string(expecting('an exported function or its name'))
      .min(1, expecting('an exported function, not an anonymous one')),
    weight: z.number(expecting('a positive number')).positive(expecting('a positive number')).optional(),
    thresholds: thresholds.optional(),
  },
  unknownKey(['exec', 'weight', 'thresholds'], '{ exec, weight, thresholds }'),
);

/** Letters, digits, space, dot, dash and underscore: the component is part of file names in ConPort. */
const COMPONENT = /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u;

/** The argument of defineScenario(); other options of k6 are allowed. */
export const definitionSchema = z.looseObject(
  {
    component: z
      .string(expecting('the name of a component'))
      .regex(COMPONENT, expecting('a name of letters, digits, space, . _ -')),
    description: z.string(expecting('a sentence')).optional(),
    environment: z.string(expecting('the name of an environment')).min(1).optional(),
    load,
    profiles: z
      .partialRecord(z.enum(PROFILES), profileOverride, unknownKey(PROFILES, 'an object of profile: { … }'))
      .optional(),
    thresholds: thresholds.optional(),
    exec: z.string(expecting('the name of an exported function')).optional(),
    journeys: namedRecord(journey)
      .superRefine((journeys, context) => {
        const names = Object.keys(journeys);
        if (names.length === 0)
          context.addIssue({ code: 'custom', message: 'expected one journey or more, found none' });
        for (const name of names.filter((each) => !JOURNEY.test(each))) {
          context.addIssue({ code: 'custom', message: expectedButFound('a name of letters, digits, - and _', name) });
        }
      })
      .optional(),
    gracefulStop: duration.optional(),
    degradation: degradationSchema.optional(),
    scenarios: noOwnLoad,
    vus: noOwnLoad,
    duration: noOwnLoad,
    stages: noOwnLoad,
    iterations: noOwnLoad,
  },
  expecting('an object'),
);

/** The error for an unknown key, with the probable one. */
function unknownKey(known: readonly string[], otherwise: string) {
  return {
    error: (issue: { code?: string | undefined; input?: unknown; keys?: unknown }): string => {
      if (!Array.isArray(issue.keys)) return expectedButFound(otherwise, issue.input);
      const found = issue.keys.map((key) => `"${key}"`).join(', ');
      const [meant] = nearest(String(issue.keys[0]), known, 1);
      return `expected ${known.join(', ')}, found ${found}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    },
  };
}

/** Our fields: a similar name is a typo; any other unknown name may be an option of k6. */
const FIELDS = [
  'component',
  'description',
  'environment',
  'load',
  'journeys',
  'profiles',
  'thresholds',
  'gracefulStop',
  'degradation',
];

/** Complaints about a definition, one sentence each, such as `load.vus: expected a positive whole number, found "20"`. */
export function complaintsAbout(definition: unknown): string[] {
  const parsed = definitionSchema.safeParse(definition);
  const wrong = (parsed.error?.issues ?? []).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  const names = typeof definition === 'object' && definition !== null ? Object.keys(definition) : [];
  const slips = names
    .filter((name) => !(name in definitionSchema.shape))
    .flatMap((name) => {
      const [meant] = nearest(name, FIELDS, 1);
      return meant === undefined || Math.abs(meant.length - name.length) > 2
        ? []
        : [`${name}: expected a field of defineScenario or an option of k6; did you mean ${meant}?`];
    });
  return [...wrong, ...slips];
}
