// Calls to a real shop, with typed answers.

import { z } from 'zod';
import { type Truth, TruthSchema } from '../../runner/demo/truth.ts';

/** One answer, with the shop's decision from its headers. */
export interface Reply {
  status: number;
  body: unknown;
  /** Number of the request on its route; undefined if no service time was spent. */
  number: number | undefined;
  appMs: number;
  baseMs: number;
  poolMs: number;
}

export async function call(
  base: string,
  route: string,
  options: { token?: string; body?: unknown } = {},
): Promise<Reply> {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(base + path, {
    method,
    headers: options.token === undefined ? {} : { authorization: `Bearer ${options.token}` },
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
  });
  const timing = response.headers.get('server-timing') ?? '';
  const duration = (name: string): number => Number(new RegExp(`${name};dur=([\\d.]+)`).exec(timing)?.[1] ?? 'NaN');
  const number = response.headers.get('x-request-number');
  return {
    status: response.status,
    body: await response.json(),
    number: number === null ? undefined : Number(number),
    appMs: duration('app'),
    baseMs: duration('base'),
    poolMs: duration('pool'),
  };
}

/** Repeats a call, at most `width` at once. */
export async function callMany(times: number, width: number, once: () => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  let left = times;
  const worker = async (): Promise<void> => {
    while (left-- > 0) replies.push(await once());
  };
  await Promise.all(Array.from({ length: width }, worker));
  return replies;
}

export async function logIn(base: string, user = '001'): Promise<string> {
  const { body } = await call(base, 'POST /login', {
    body: { email: `user${user}@shop.test`, password: `pass-${user}` },
  });
  return z.object({ token: z.string() }).parse(body).token;
}

export async function truthOf(base: string): Promise<Truth> {
  return TruthSchema.parse((await call(base, 'GET /truth')).body);
}

/** One sample line of the exposition format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/**
 * Reads Prometheus' text format 0.0.4 strictly: any line that is not in its grammar throws. A value is what Go's ParseFloat takes,
 * so "Nan" is one: prom-client 15 writes it for an event loop lag without samples.
 */
export function parseExposition(text: string): { types: Map<string, string>; samples: Sample[] } {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed');
  for (const line of text.split('\n')) {
    if (line === '' || /^# HELP [a-zA-Z_:][\w:]* .*$/.test(line)) continue;
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type !== null) {
      if (types.has(type[1] ?? '')) throw new Error(`declared twice: ${line}`);
      types.set(type[1] ?? '', type[2] ?? '');
      continue;
    }
    const sample =
      /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? ([Nn][Aa][Nn]|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?: \d+)?$/.exec(
        line,
      );
    if (sample === null) throw new Error(`not in the exposition format: ${line}`);
    const labels: Record<string, string> = {};
    for (const [, label = '', value = ''] of (sample[2] ?? '').matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g))
      labels[label] = value;
    samples.push({ name: sample[1] ?? '', labels, value: Number(sample[3]?.replace('Inf', 'Infinity')) });
  }
  return { types, samples };
}

/** Scrapes /metrics and returns the value of the sample with these labels; undefined if it is missing. */
export async function metric(
  base: string,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const { samples } = parseExposition(await (await fetch(`${base}/metrics`)).text());
  return samples.find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value;
}

/** Polls until `probe` gives a value; throws after 20 s, so that a failed test ends. */
export async function until<T>(probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadlineMs = performance.now() + 20_000;
  while (performance.now() < deadlineMs) {
    const value = await probe();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`expected this within 20 s: ${probe}`);
}
