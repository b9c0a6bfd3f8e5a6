// A source that queries a Prometheus server once the run is over, for its whole time, so that no scrape is missing.

import { z } from 'zod';
import { namedRecord } from '../model/named-record.ts';
import type { AfterRunSource, Reading } from '../model/server.ts';
import { metricName, unitByName } from '../model/server-metrics.ts';
import { parseJson } from '../system/json.ts';
import { redactUrl } from '../text/secrets.ts';
import { httpText } from './http-text.ts';

export interface PrometheusQuery {
  /** undefined: use the metric's own name. */
  readonly name: string | undefined;
  readonly query: string;
}

export interface PrometheusOptions {
  /** URL of the server, without /api. */
  readonly url: string;
  readonly queries: readonly PrometheusQuery[];
  readonly stepMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxSeries: number;
}

/** https://prometheus.io/docs/prometheus/latest/querying/api: at most 11,000 points per series. */
const MOST_POINTS = 10_000;

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: namedRecord(z.string()),
        values: z.array(z.tuple([z.number(), z.string()])).default([]),
      }),
    ),
  }),
});

/** Collects with query_range. `target` is the redacted URL and the queries. */
export class PrometheusSource implements AfterRunSource {
  readonly kind = 'prometheus';
  readonly target: string;
  #leftOut = 0;

  constructor(
    readonly name: string,
    private readonly options: PrometheusOptions,
  ) {
    const { url, queries } = options;
    this.target = `${redactUrl(url)}: ${queries.map(({ query }) => query).join('; ')}`.slice(0, 500);
  }

  async collect(range: { fromMs: number; toMs: number }, signal: AbortSignal): Promise<readonly Reading[]> {
    const answers = await Promise.all(this.options.queries.map((query) => this.#query(query, range, signal)));
    return answers.flat();
  }

  remarks(): readonly string[] {
    const gaps = 'if a scrape is missing, Prometheus repeats the last value for up to five minutes';
    return this.#leftOut === 0
      ? [gaps]
      : [
          gaps,
          `${this.#leftOut} series were left out, because at most ${this.options.maxSeries} are kept; narrow the query or raise max_series`,
        ];
  }

  async #query(
    { name, query }: PrometheusQuery,
    { fromMs, toMs }: { fromMs: number; toMs: number },
    signal: AbortSignal,
  ): Promise<Reading[]> {
    const { url, headers, stepMs, maxSeries } = this.options;
    const stepS = Math.max(stepMs, Math.ceil((toMs - fromMs) / MOST_POINTS)) / 1000;
    const requestUrl = new URL('api/v1/query_range', url.endsWith('/') ? url : `${url}/`);
    requestUrl.search = new URLSearchParams({
      query,
      start: String(fromMs / 1000),
      end: String(toMs / 1000),
      step: String(stepS),
    }).toString();
    const answer = answerSchema.safeParse(parseJson(await httpText({ url: requestUrl, headers, signal })));
    if (!answer.success)
      throw new Error('expected the answer of a Prometheus server to query_range, found something else');
    const { result } = answer.data.data;
    this.#leftOut += Math.max(0, result.length - maxSeries);
    return result.slice(0, maxSeries).flatMap(({ metric: { __name__, ...labels }, values }) => {
      const called = name ?? __name__ ?? 'query';
      const series = { metric: metricName(called), unit: unitByName(called, /\b(i?rate)\s*\(/.test(query)), labels };
      return values.flatMap(([seconds, text]): Reading[] => {
        const value = Number(text);
        return Number.isFinite(value) ? [{ series, value, atMs: Math.round(seconds * 1000) }] : [];
      });
    });
  }
}
