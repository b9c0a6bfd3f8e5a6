// A source that scrapes a Prometheus exporter for every sample.

import type { Reading, Source } from '../model/server.ts';
import { redactUrl } from '../text/secrets.ts';
import { ExpositionReader } from './exposition-reader.ts';
import { httpText } from './http-text.ts';
import type { SeriesFilter } from './series-filter.ts';

/** Prefers the text format, but accepts OpenMetrics. */
const ACCEPT = 'text/plain;version=0.0.4;q=1,application/openmetrics-text;q=0.5,*/*;q=0.1';

export interface ExpositionOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly filter: SeriesFilter;
}

/** Samples by scraping a URL. `target` is the URL with secrets redacted. */
export class ExpositionSource implements Source {
  readonly kind = 'exposition';
  readonly target: string;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #reader: ExpositionReader;

  constructor(
    readonly name: string,
    { url, headers, filter }: ExpositionOptions,
  ) {
    this.#url = new URL(url);
    this.#headers = { accept: ACCEPT, ...headers };
    this.#reader = new ExpositionReader(filter);
    this.target = redactUrl(url);
  }

  async sample(signal: AbortSignal): Promise<readonly Reading[]> {
    const text = await httpText({ url: this.#url, headers: this.#headers, signal });
    return this.#reader.read(text, Date.now());
  }

  remarks(): readonly string[] {
    return capRemark(this.#reader);
  }
}

/** The remark about series beyond the limit; empty if there are none. */
export function capRemark({ series: { kept, leftOut } }: Pick<ExpositionReader, 'series'>): string[] {
  return leftOut === 0
    ? []
    : [
        `${leftOut} series were left out, because at most ${kept} are kept; select with globs (#node_cpu*,pg_*) or raise max_series`,
      ];
}
