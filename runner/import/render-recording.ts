// A recording becomes the source of a scenario in the style of the shipped ones: a function per transaction, checks of every
// status, values of earlier responses in the session, secrets from the environment.

import { UserError } from '../system/errors.ts';
import { commentText, identifier, typescriptString, typescriptText } from '../text/typescript-source.ts';
import { type Extraction, type FoundValues, findValues, isPlaceholder, safelyDecoded } from './find-values.ts';
import type { RecordedRequest, Recording } from './recording.ts';
import { requestLines, type Write, type Writer } from './render-request.ts';
import { withinPieces } from './value-parts.ts';
import { ValuesWithin } from './values-within.ts';

/** Texts of the new scenario. */
export interface RenderOptions {
  /** File name without extension. */
  readonly name: string;
  readonly component: string;
  readonly description?: string | undefined;
}

/** A scenario's source, and what is needed to run it. */
export interface RenderedScenario {
  readonly source: string;
  /** The base URL of the recording, for --base-url. */
  readonly baseUrl: string;
  /** Variables to set when running it. */
  readonly secrets: readonly string[];
}

/** The source of the scenario. Throws a UserError for a recording without requests. */
export function renderRecording(recorded: Recording, options: RenderOptions): RenderedScenario {
  const transactions = recorded.transactions.map(({ title, requests }) => ({
    title,
    requests: requests.map(withoutUser),
  }));
  const recording = { ...recorded, transactions };
  const requests = recording.transactions.flatMap((transaction) => transaction.requests);
  const [first] = requests;
  if (first === undefined) {
    throw new UserError('Expected requests to the system under test, found none.', {
      where: recording.source,
      ...(recording.leftOut.length === 0 ? {} : { next: `left out: ${recording.leftOut.join(', ')}` }),
    });
  }
  const found = findValues(recording);
  const names = new Set<string>();
  const baseUrl = mostUsedOrigin(requests);
  const origins = [...new Set(requests.map(({ url }) => url.origin))].filter((origin) => origin !== baseUrl);
  const hosts = new Map(origins.map((origin) => [origin, identifier(`${new URL(origin).hostname} url`, names)]));
  const writer: Writer = { ...found, baseUrl, hosts };
  const secretNames = new Map(
    found.secrets.map((env) => [env, identifier(env.toLowerCase().replaceAll('_', ' '), names)]),
  );
  const used = new Set<string>();
  const write: Write = (parts) =>
    typescriptText(
      parts.map((part) => {
        if (typeof part === 'string') return part;
        const piece = 'encoded' in part ? part.encoded : part;
        if ('env' in piece) used.add(piece.env);
        const value = 'env' in piece ? (secretNames.get(piece.env) ?? '') : `session.${piece.session}`;
        return { expression: 'encoded' in part ? `encodeURIComponent(${value})` : value };
      }),
    );
  const functions = recording.transactions.map((transaction) => {
    const title = withoutKnown(transaction.title, writer);
    const name = identifier(title, names, 'page');
    const body = transaction.requests.map((request, index) => requestLines(request, index, writer, write));
    return { name, title, thinkS: transaction.requests[0]?.thinkS ?? 0, body };
  });
  // A value may occur only in omitted parts, such as a URL with another name.
  for (const env of found.secrets) if (!used.has(env)) secretNames.delete(env);
  const extractions = [...found.extractions.values()].flat();
  const usesSession = extractions.length > 0;
  const sessionNames = [...new Set(extractions.map(({ name }) => name))];
  const extracts = (kind: Extraction['kind']) => extractions.some(({ from }) => from.kind === kind);
  const imported = [
    ...['baseUrl', 'check', 'defineScenario'],
    ...(extracts('input') ? ['htmlAttribute'] : []),
    'http',
    ...(extracts('json') ? ['jsonText'] : []),
  ];
  const sleeps = functions.some(
    ({ thinkS, body }) => thinkS > 0 || body.some((lines) => lines.some((line) => line.includes('sleep('))),
  );
  const lines = [
    `// Written by novaperf from ${commentText(recording.source)}: ${count(functions.length, 'transaction')}, ${count(requests.length, 'request')}.`,
    ...(recording.leftOut.length === 0
      ? []
      : [`// Left out: ${recording.leftOut.map((what) => commentText(what, 120)).join(', ')}.`]),
    `// Run it with: novaperf run ${options.name} --profile smoke --base-url ${commentText(baseUrl)}`,
    '',
    `import { group${sleeps ? ', sleep' : ''} } from 'k6';`,
    `import { ${imported.join(', ')} } from 'novaperf';`,
    '',
    'export const options = defineScenario({',
    `  component: ${typescriptString(options.component)},`,
    `  description: ${typescriptString(options.description ?? `What was recorded in ${recording.source}`)},`,
    '  load: { vus: 5 },',
    "  thresholds: {\n    checks: ['rate>0.99'],\n    http_req_failed: ['rate<0.01'],\n  },",
    '});',
    ...environmentLines(writer, secretNames),
    ...(usesSession
      ? [
          '',
          '/** What answers give to later requests. */',
          'interface Session {',
          ...sessionNames.map((name) => `  ${name}: string;`),
          '}',
        ]
      : []),
    '',
    'export default function (): void {',
    ...(usesSession ? [`  const session: Session = { ${sessionNames.map((name) => `${name}: ''`).join(', ')} };`] : []),
    ...functions.flatMap(({ name, title, thinkS }) => [
      ...(thinkS > 0 ? [`  sleep(${thinkS});`] : []),
      `  group(${typescriptString(groupName(title))}, () => ${name}(${usesSession ? 'session' : ''}));`,
    ]),
    '}',
    ...functions.flatMap(({ name, body }) => [
      '',
      `function ${name}(${usesSession ? (uses(body, 'session.') ? 'session: Session' : '_session: Session') : ''}): void {`,
      ...body
        .flatMap((part, index) => (index === 0 ? part : ['', ...part]))
        .map((line) => (line === '' ? '' : `  ${line}`)),
      '}',
    ]),
    '',
  ];
  const source = lines.join('\n');
  assertNoSecret(source, found);
  return { source, baseUrl, secrets: [...secretNames.keys()] };
}

/** Sends user and password of a URL in a header, as k6 and browsers do. */
function withoutUser(request: RecordedRequest): RecordedRequest {
  const { username, password } = request.url;
  if (username === '' && password === '') return request;
  const url = new URL(request.url);
  url.username = '';
  url.password = '';
  if (request.headers.some(([name]) => /^authorization$/i.test(name))) return { ...request, url };
  const credentials = Buffer.from(`${safelyDecoded(username)}:${safelyDecoded(password)}`).toString('base64');
  return { ...request, url, headers: [...request.headers, ['Authorization', `Basic ${credentials}`]] };
}

function environmentLines({ hosts }: Writer, secretNames: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  for (const [origin, name] of hosts) {
    const env = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
    lines.push(`const ${name} = __ENV.${env} || ${typescriptString(origin)};`);
  }
  if (secretNames.size > 0) {
    lines.push(...(lines.length > 0 ? [''] : []), '// Secrets are not in this file: novaperf run … -e NAME=value');
    for (const [env, name] of secretNames) lines.push(`const ${name} = __ENV.${env} ?? '';`);
  }
  return lines.length === 0 ? [] : ['', ...lines];
}

/** A title without known values, because it may be a URL with a token. */
function withoutKnown(title: string, { pieces }: FoundValues): string {
  const parts = withinPieces(pieces).split(title);
  return parts.map((part) => (typeof part === 'string' ? part : ':id')).join('');
}

/** Throws if the source contains a secret, which would be a bug and must not be written. */
function assertNoSecret(source: string, { pieces }: FoundValues): void {
  const secrets = [...pieces].flatMap(([value, piece]): [string, string][] =>
    'env' in piece && !isPlaceholder(value) ? [[value, piece.env]] : [],
  );
  const slipped = new ValuesWithin(secrets).next(source);
  if (slipped !== undefined) throw new Error(`a value of ${slipped.found} would have been written`);
}

function mostUsedOrigin(requests: readonly RecordedRequest[]): string {
  const counts = new Map<string, number>();
  for (const { url } of requests) counts.set(url.origin, (counts.get(url.origin) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

function uses(body: readonly (readonly string[])[], text: string): boolean {
  return body.some((lines) => lines.some((line) => line.includes(text)));
}

/** k6 separates nested groups by `::`. */
function groupName(title: string): string {
  return commentText(title.replaceAll('::', ':'), 100) || 'page';
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
