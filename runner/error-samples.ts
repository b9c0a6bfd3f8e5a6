// Lines of k6's log in which a scenario tells of a request that failed become samples: checked, redacted once more, and few.

import { z } from 'zod';
import { redactField, redactPayload, withoutValues } from './conport/secrets.ts';
import { parseJson } from './json.ts';
import type { LogEntry } from './k6/log.ts';
import { KEPT, SAMPLE_MARKER, type SampleLine } from './scenario/sample-line.ts';

/** A script may write such a line by itself: nothing in it is longer than ours are, the note about what was left out aside. */
const text = (limit: number) => z.string().transform((value) => value.slice(0, limit + NOTE));
const NOTE = 40;
const MOST_HEADERS = 50;
const headers = z.record(z.string(), z.string()).transform((record) =>
  Object.fromEntries(
    Object.entries(record)
      .slice(0, MOST_HEADERS)
      .map(([name, value]) => [name.slice(0, KEPT.headerName), value.slice(0, KEPT.headerValue + NOTE)]),
  ),
);
const body = text(KEPT.body).nullable();

export const sampleSchema = z.object({
  at: z.number().min(0).max(8.64e15),
  name: text(KEPT.name),
  group: text(KEPT.name),
  checks: z.array(text(KEPT.name)).max(50),
  error_code: z.number(),
  vu: z.number(),
  iteration: z.number().nullable(),
  scenario: text(KEPT.name),
  request: z.object({ method: text(20), url: text(KEPT.url), headers, body }),
  response: z.object({ status: z.number(), headers, body, duration_ms: z.number(), error: text(KEPT.error) }),
}) satisfies z.ZodType<SampleLine>;

export type ErrorSample = z.infer<typeof sampleSchema>;

/** Samples of one fingerprint that are kept. */
export const SAMPLES_PER_ERROR = 3;
/** Fingerprints that are told apart; of any further one no sample is kept. */
const MOST_FINGERPRINTS = 100;

/** What a sample is a sample of: the failed request, or each check that failed on its response. */
function fingerprintsOf({ checks, group, name, request, response, error_code }: ErrorSample): string[] {
  if (checks.length > 0) return checks.map((check) => JSON.stringify([group, check]));
  return [JSON.stringify([name, request.method, response.status, error_code])];
}

/**
 * Keeps up to three samples of each fingerprint, in bounded memory however many lines come: the first one, and of the
 * others those that lie furthest apart in time. `secrets`: values that must not stand in any.
 */
export class ErrorSamples {
  readonly #secrets: readonly string[];
  readonly #kept = new Map<string, ErrorSample[]>();

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  /** Whether the entry is a line of ours, and no concern of people who read the log. */
  static isLine(entry: LogEntry): boolean {
    // A line that was cut, or that a process tore apart, is no JSON any more.
    return entry.source === 'console'
      ? entry.message.startsWith(SAMPLE_MARKER)
      : entry.source === 'raw' && entry.message.includes(SAMPLE_MARKER);
  }

  /** Takes a line of ours. Returns the sample where it is among the first three of a fingerprint. */
  add(entry: LogEntry): ErrorSample | undefined {
    if (entry.source !== 'console') return undefined;
    const parsed = sampleSchema.safeParse(parseJson(entry.message.slice(SAMPLE_MARKER.length)));
    if (!parsed.success) return undefined;
    const sample = redacted(parsed.data, this.#secrets);
    let isNews = false;
    for (const fingerprint of fingerprintsOf(sample)) {
      const kept = this.#kept.get(fingerprint) ?? [];
      if (kept.length === 0 && this.#kept.size >= MOST_FINGERPRINTS) continue;
      if (kept.length < SAMPLES_PER_ERROR) isNews = true;
      this.#kept.set(fingerprint, spread([...kept, sample]));
    }
    return isNews ? sample : undefined;
  }

  /** All that were kept, the earliest first. */
  samples(): ErrorSample[] {
    return [...new Set([...this.#kept.values()].flat())].sort((a, b) => a.at - b.at);
  }
}

/** Of four samples three: the first, and the pair whose shortest distance in time, the first one's included, is longest. */
function spread(samples: readonly ErrorSample[]): ErrorSample[] {
  const inOrder = [...samples].sort((a, b) => a.at - b.at);
  if (inOrder.length <= SAMPLES_PER_ERROR) return inOrder;
  const shortest = (kept: readonly ErrorSample[]) =>
    Math.min(...kept.slice(1).map(({ at }, index) => at - (kept[index]?.at ?? at)));
  const choices = inOrder.slice(1).map((left) => inOrder.filter((sample) => sample !== left));
  // At the same distance the later one goes: the earlier ones are in the archive already.
  return choices.reduce((best, next) => (shortest(next) >= shortest(best) ? next : best));
}

function redacted(sample: ErrorSample, secrets: readonly string[]): ErrorSample {
  const payload = (value: string) => redactPayload(withoutValues(value, secrets));
  const bodyOf = (value: string | null) => (value === null ? null : payload(value));
  const headersOf = (record: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [name, redactField(name, withoutValues(value, secrets))]),
    );
  const { request, response } = sample;
  return {
    ...sample,
    request: {
      ...request,
      url: payload(request.url),
      headers: headersOf(request.headers),
      body: bodyOf(request.body),
    },
    response: {
      ...response,
      headers: headersOf(response.headers),
      body: bodyOf(response.body),
      error: payload(response.error),
    },
  };
}
