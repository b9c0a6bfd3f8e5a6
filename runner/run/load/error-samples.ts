// Lines of k6's log in which the scenario API reports a failed request become samples: checked, redacted again, and limited in number.

import type { LogEntry } from '../../k6/log.ts';
import { type ErrorSample, SAMPLES_PER_ERROR, sampleSchema } from '../../model/error-sample.ts';
import { SAMPLE_MARKER } from '../../model/sample-line.ts';
import { parseJson } from '../../system/json.ts';
import { redactField, redactPayload, redactTag } from '../../text/secrets.ts';

/** Number of fingerprints with samples; further ones get none. */
const MOST_FINGERPRINTS = 100;

/** The errors that a sample belongs to: the failed request, or each check that failed on its response. */
function fingerprintsOf({ checks, group, name, request, response, error_code }: ErrorSample): string[] {
  if (checks.length > 0) return checks.map((check) => JSON.stringify([group, check]));
  return [JSON.stringify([name, request.method, response.status, error_code])];
}

/**
 * Keeps up to three samples per fingerprint, in bounded memory for any number of lines: the first one, and of the
 * others those furthest apart in time.
 */
export class ErrorSamples {
  readonly #kept = new Map<string, ErrorSample[]>();

  /** Whether the entry is such a line, which is left out of k6.log. */
  static isLine(entry: LogEntry): boolean {
    // A truncated or interleaved line is not JSON.
    return entry.source === 'console'
      ? entry.message.startsWith(SAMPLE_MARKER)
      : entry.source === 'raw' && entry.message.includes(SAMPLE_MARKER);
  }

  /** Adds such a line. Returns the sample if it is among the first three of a fingerprint. */
  add(entry: LogEntry): ErrorSample | undefined {
    if (entry.source !== 'console') return undefined;
    const parsed = sampleSchema.safeParse(parseJson(entry.message.slice(SAMPLE_MARKER.length)));
    if (!parsed.success) return undefined;
    const sample = redacted(parsed.data);
    let isNews = false;
    for (const fingerprint of fingerprintsOf(sample)) {
      const kept = this.#kept.get(fingerprint) ?? [];
      if (kept.length === 0 && this.#kept.size >= MOST_FINGERPRINTS) continue;
      if (kept.length < SAMPLES_PER_ERROR) isNews = true;
      this.#kept.set(fingerprint, spread([...kept, sample]));
    }
    return isNews ? sample : undefined;
  }

  /** All kept samples, the earliest first. */
  samples(): ErrorSample[] {
    return [...new Set([...this.#kept.values()].flat())].sort((a, b) => a.at - b.at);
  }
}

/** Three of four samples: the first, and the pair with the longest minimum distance in time, including the first. */
function spread(samples: readonly ErrorSample[]): ErrorSample[] {
  const inOrder = [...samples].sort((a, b) => a.at - b.at);
  if (inOrder.length <= SAMPLES_PER_ERROR) return inOrder;
  const shortest = (kept: readonly ErrorSample[]) =>
    Math.min(...kept.slice(1).map(({ at }, index) => at - (kept[index]?.at ?? at)));
  const choices = inOrder.slice(1).map((left) => inOrder.filter((sample) => sample !== left));
  // At equal distance the later one is dropped, because the earlier ones are in the archive already.
  return choices.reduce((best, next) => (shortest(next) >= shortest(best) ? next : best));
}

function redacted(sample: ErrorSample): ErrorSample {
  const bodyOf = (value: string | null) => (value === null ? null : redactPayload(value));
  const headersOf = (record: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, redactField(name, value)]));
  const { request, response } = sample;
  return {
    ...sample,
    // Redacted like the tags of the series, because they are matched by them.
    name: redactTag('name', sample.name),
    group: redactTag('group', sample.group),
    checks: sample.checks.map((check) => redactTag('check', check)),
    request: {
      ...request,
      url: redactPayload(request.url),
      headers: headersOf(request.headers),
      body: bodyOf(request.body),
    },
    response: {
      ...response,
      headers: headersOf(response.headers),
      body: bodyOf(response.body),
      error: redactPayload(response.error),
    },
  };
}
