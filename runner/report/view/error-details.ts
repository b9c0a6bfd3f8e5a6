// Errors with samples in detail: figures, and the request and response of each sample as text.

import { curlLine } from '../../analysis/result/reproduction.ts';
import type { Result, ResultError, ResultErrorSample } from '../../model/result.ts';
import { oneLine, visible } from '../../text/display-text.ts';
import { count, duration, elapsed, percent, plural, utc } from '../../text/format.ts';
import type { ChartInput } from '../charts/chart.ts';
import { fact, timeFact } from './cells.ts';
import type { ErrorDetail, ErrorSampleView } from './model.ts';

/** Most characters of samples on a page; result.json has the rest. */
const MOST_SAMPLE_CHARACTERS = 100_000;
/** Our own samples are shorter; those of an imported result may not be. */
const LONGEST_BLOCK = 6000;

/** The anchor of each error that has samples on the page. */
export type ErrorAnchors = ReadonlyMap<ResultError, string>;

/** The errors with samples, in the order of the result, and their anchors. */
export function errorDetails(result: Result, input: ChartInput): { details: ErrorDetail[]; anchors: ErrorAnchors } {
  const details: ErrorDetail[] = [];
  const shownElsewhere: Array<readonly ResultError[]> = [];
  const anchors = new Map<ResultError, string>();
  const owners = ownersOf(result);
  let room = MOST_SAMPLE_CHARACTERS;
  for (const [index, error] of result.errors.entries()) {
    const own = error.samples.filter((sample) => owners.get(identityOf(sample)) === error);
    const samples = own.map((sample, number) => sampleView(sample, number, own.length, input));
    room -= samples.reduce(
      (sum, { request, response, curl }) => sum + request.length + response.length + curl.length,
      0,
    );
    if (error.samples.length === 0 || room < 0) continue;
    const anchor = `error-${index + 1}`;
    anchors.set(error, anchor);
    const others = new Set(error.samples.flatMap((sample) => owners.get(identityOf(sample)) ?? []));
    others.delete(error);
    shownElsewhere.push([...others]);
    const parts = { title: titleOf(error), summary: summaryOf(error), facts: factsOf(error) };
    details.push({ anchor, ...parts, samples, elsewhere: [], hasElsewhere: false });
  }
  const linked = details.map((detail, i) => {
    const elsewhere = (shownElsewhere[i] ?? []).flatMap((other) => {
      const anchor = anchors.get(other);
      return anchor === undefined ? [] : [{ anchor, title: titleOf(other) }];
    });
    return { ...detail, elsewhere, hasElsewhere: elsewhere.length > 0 };
  });
  return { details: linked, anchors };
}

/** The same text for one request of one iteration, whichever errors it is a sample of. */
function identityOf({ at, vu, iteration, scenario, request, response }: ResultErrorSample): string {
  return JSON.stringify([at, vu, iteration, scenario, request.method, request.url, response.status]);
}

/** The error that shows each sample: a failed request rather than the checks that failed because of it. */
function ownersOf({ errors }: Result): ReadonlyMap<string, ResultError> {
  const owners = new Map<string, ResultError>();
  const isCheck = ({ kind }: ResultError) => Number(kind === 'check');
  for (const error of errors.toSorted((a, b) => isCheck(a) - isCheck(b))) {
    for (const sample of error.samples) {
      const identity = identityOf(sample);
      if (!owners.has(identity)) owners.set(identity, error);
    }
  }
  return owners;
}

function titleOf({ kind, endpoint, status, message }: ResultError): string {
  const words = kind === 'check' ? ['check failed', message] : [endpoint, kind === 'http' ? status : message];
  return oneLine(words.filter((word) => word !== '').join(' · '), 200);
}

function summaryOf({ count: times, share, samples }: ResultError): string {
  const shareText = share === null ? '' : ` · ${percent(share)}`;
  return `${plural(times, 'time')}${shareText} · ${plural(samples.length, 'sample')}`;
}

function factsOf(error: ResultError): ErrorDetail['facts'] {
  const { first_seen_at: first, last_seen_at: last } = error;
  return [
    fact('Message', error.message),
    fact('Count', count(error.count)),
    fact('Share', percent(error.share)),
    ...(error.code === '' ? [] : [fact('k6 error code', error.code)]),
    ...(first === null ? [] : [timeFact('First seen', first)]),
    ...(last === null ? [] : [timeFact('Last seen', last)]),
  ];
}

function sampleView(sample: ResultErrorSample, number: number, of: number, input: ChartInput): ErrorSampleView {
  const { at, request, response, vu, iteration, scenario } = sample;
  const where = [
    `VU ${count(vu)}`,
    iteration === null ? 'setup or teardown' : `iteration ${count(iteration)}`,
    scenario === '' ? '' : `scenario ${oneLine(scenario, 80)}`,
  ];
  const answer = response.status === 0 ? `no response: ${response.error}` : `${response.status}`;
  const took = duration(response.duration_ms);
  return {
    title: `Sample ${number + 1} of ${of}`,
    since: elapsed(Date.parse(at) - input.loadStartMs),
    iso: at,
    utc: utc(at),
    where: where.filter((word) => word !== '').join(', '),
    request: block(`${request.method} ${request.url}`, request.headers, request.body),
    response: block(`${answer}, after ${took}`, response.headers, response.body),
    curl: visible(curlLine(request)).slice(0, LONGEST_BLOCK),
    brief: oneLine(`answered ${answer} after ${took}${response.body === null ? '' : `: ${response.body}`}`, 300),
  };
}

/** A request or response much as HTTP writes it: a first line, headers, an empty line, the body. */
function block(first: string, headers: Readonly<Record<string, string>>, body: string | null): string {
  const lines = [first, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const text = body === null ? lines : [...lines, '', body];
  return visible(text.join('\n').slice(0, LONGEST_BLOCK));
}
