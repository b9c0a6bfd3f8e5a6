// Plain data of recordings, collections and command lines: transactions of requests, in order.

/** A part of a text: literal, from the session (an earlier response) or from the environment (a secret). */
export type Piece = string | { readonly session: string } | { readonly env: string };

/** The body of a request. */
export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly fields: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'text'; readonly text: string };

/** A recorded request. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Body | undefined;
  /** The status of the response; undefined if not recorded. */
  readonly status: number | undefined;
  /** The parts of the response that later requests may use. */
  readonly response: { readonly headers: readonly (readonly [string, string])[]; readonly text: string } | undefined;
  /** Seconds that the user waited before it. */
  readonly thinkS: number;
}

/** A named group of requests. */
export interface Transaction {
  readonly title: string;
  readonly requests: readonly RecordedRequest[];
}

/** A recording. */
export interface Recording {
  /** Its source, for the header of the scenario: `shop.har`. */
  readonly source: string;
  readonly transactions: readonly Transaction[];
  /** Values that the source marks as keys, regardless of their names. */
  readonly keys?: ReadonlySet<string>;
  /** Omitted parts and the reasons, a clause each. */
  readonly leftOut: readonly string[];
}

/** Parses a URL of a recording; undefined if it is invalid. */
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
