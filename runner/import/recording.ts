// What recordings, collections and command lines have in common: transactions of requests, in their order. Plain data; secrets
// and correlated values are found in it before anything is written.

/** A part of a text: as it is, or taken from the session (an earlier answer) or from the environment (a secret). */
export type Piece = string | { readonly session: string } | { readonly env: string };

export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly fields: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'text'; readonly text: string };

export interface RecordedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Body | undefined;
  /** The status that was answered; undefined if not recorded. */
  readonly status: number | undefined;
  /** The answer, as far as later requests may use it. */
  readonly response: { readonly headers: readonly (readonly [string, string])[]; readonly text: string } | undefined;
  /** Seconds that the user waited before it. */
  readonly thinkS: number;
}

export interface Transaction {
  readonly title: string;
  readonly requests: readonly RecordedRequest[];
}

export interface Recording {
  /** What it was read from, for the head of the scenario: `shop.har`. */
  readonly source: string;
  readonly transactions: readonly Transaction[];
  /** Values that the source itself calls keys, whatever their names. */
  readonly keys?: ReadonlySet<string>;
  /** What was left out and why, a clause each. */
  readonly leftOut: readonly string[];
}

/** Parses a URL of a recording; undefined for one that is none. */
export function parsedUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The body of a request by its media type. */
export function bodyOf(text: string | undefined, mediaType: string): Body | undefined {
  if (text === undefined || text === '') return undefined;
  if (/\bjson\b/i.test(mediaType) || (mediaType === '' && /^\s*[[{]/.test(text))) {
    try {
      return { kind: 'json', value: JSON.parse(text) };
    } catch {
      return { kind: 'text', text };
    }
  }
  if (/x-www-form-urlencoded/i.test(mediaType)) return { kind: 'form', fields: [...new URLSearchParams(text)] };
  return { kind: 'text', text };
}
