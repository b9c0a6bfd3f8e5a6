// The commands that reproduce a failed request or check, with secrets redacted.

import type { Result, ResultError, ResultErrorSample } from '../../model/result.ts';
import { recordLine } from '../../text/record-text.ts';
import { REDACTED } from '../../text/secret-rules.ts';
import { redactUrl } from '../../text/secrets.ts';
import { shellWord } from '../../text/shell-word.ts';

/** The steps to reproduce an error: a curl line if the request is known, otherwise the scenario. */
export function reproductionSteps(result: Result, error: ResultError): string[] {
  const [sample] = error.samples;
  if (sample !== undefined) return [...stepsOf(sample.request, result), `Under load: ${scenarioLine(result)}`];
  const request = error.kind === 'http' || error.kind === 'transport' ? requestOf(result, error) : undefined;
  if (request === undefined) return [scenarioLine(result)];
  const steps = [`curl -i -X ${request.method} ${shellWord(request.url)}`];
  if (request.placeholders.length > 0) {
    steps.push(
      `Replace ${request.placeholders.join(', ')} with a value from the scenario: ${recordLine(result.script, 500)}`,
    );
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    steps.push('Add the headers and the body that the scenario sends; runs do not keep them.');
  }
  steps.push(`Under load: ${scenarioLine(result)}`);
  return steps;
}

type SampledRequest = ResultErrorSample['request'];

/** curl sets these itself. */
const OF_THE_CLIENT = /^(user-agent|content-length|host|connection|accept-encoding)$/i;

/** True for a body of which the sample has only the type, or only the beginning. */
function isPartial(body: string): boolean {
  return /^\(binary, \d+ bytes\)$|… \(\d+ more characters\)$/.test(body);
}

/** A recorded request as a curl command for a POSIX shell; an incomplete body is left out. */
export function curlLine({ method, url, headers, body }: SampledRequest): string {
  const flags = Object.entries(headers)
    .filter(([name]) => !OF_THE_CLIENT.test(name))
    .map(([name, value]) => `-H ${shellWord(`${name}: ${value}`)}`);
  const data = body === null || isPartial(body) ? [] : [`--data-raw ${shellWord(body)}`];
  return [`curl -i -X ${shellWord(method)} ${shellWord(url)}`, ...flags, ...data].join(' ');
}

function stepsOf(request: SampledRequest, result: Result): string[] {
  const line = curlLine(request);
  const steps = [line];
  if (line.includes(REDACTED)) steps.push(`Replace ${REDACTED} with your secrets.`);
  if (request.body !== null && isPartial(request.body)) {
    steps.push(
      `Add the complete body that the scenario sends; the run kept only a part: ${recordLine(result.script, 500)}`,
    );
  }
  return steps;
}

function scenarioLine(result: Result): string {
  const profile = result.profile === 'own' ? '' : ` --profile ${shellWord(result.profile)}`;
  // The name of an environment is meaningful to others; a URL from --base-url is repeated as it is.
  const target = {
    'base-url': ` --base-url ${shellWord(redactUrl(result.target_url))}`,
    configured: ` --env ${shellWord(recordLine(result.environment))}`,
    'as-scripted': '',
    'as-recorded': '',
  }[result.environment_source];
  return `novaperf run ${shellWord(recordLine(result.scenario))}${profile}${target}`;
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly placeholders: string[];
}

/**
 * The request with its own URL, if the samples have it. In k6 a `name` tag replaces the `url` tag: then the path in the
 * name is appended to the system's URL, and `:id`, `{id}` and `${id}` remain as placeholders.
 */
function requestOf(result: Result, error: ResultError): Request | undefined {
  const named = /^(?:([A-Z]{3,10})\s+)?(\S+)$/.exec(error.endpoint.trim());
  const method = [error.method, named?.[1]].find((word) => word !== undefined && /^[A-Z]{3,10}$/.test(word)) ?? 'GET';
  const own = parsed(error.url) ?? parsed(named?.[2] ?? '');
  if (own !== undefined) return { method, ...safe(own.href) };
  const path = [named?.[2], error.url].find((text) => text?.startsWith('/'));
  const target = parsed(result.target_url);
  if (path === undefined || target === undefined) return undefined;
  return { method, ...safe(new URL(`${target.href.replace(/\/+$/, '')}${path}`).href) };
}

function parsed(text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function safe(href: string): { url: string; placeholders: string[] } {
  // The parser wrote {id} as %7Bid%7D; the script has the former.
  const url = redactUrl(href).replace(/%7B/gi, '{').replace(/%7D/gi, '}');
  const path = url.replace(/^https?:\/\/[^/]*/i, '');
  return { url, placeholders: [...new Set(path.match(/(?<=\/):[A-Za-z_]\w*|\$?\{[^}/]+\}/g) ?? [])] };
}
