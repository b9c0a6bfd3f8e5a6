// Real files from elsewhere: each is imported, compiled under strict and run with k6 against a server on loopback that gives the
// answers in the file. `npx tsx test/import/corpus.ts <folder>`: below it har/, openapi/ and postman/ with files, curl/ with a command in each file.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type ImportSource, importScenario } from '../../runner/import/import-scenario.ts';
import { exampleOf } from '../../runner/import/schema-example.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { typecheckScenarios } from '../../runner/scenario/typecheck.ts';
import { messageOf } from '../../runner/system/errors.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { runOnK6, testK6 } from '../scenario/real-k6.ts';
import { removeTemporaryProjects, temporaryProject } from '../scenario/temporary-project.ts';

type Kind = ImportSource['kind'];
type Answer = {
  readonly status: number;
  readonly type: string;
  readonly headers: [string, string][];
  readonly body: string;
};
/** The server's answer to a request; undefined if the file has none. */
type Answers = (method: string, path: string) => Answer | undefined;

interface Imported {
  readonly name: string;
  readonly kind: Kind;
  readonly file: string;
  readonly source: string;
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function answer(request: IncomingMessage, response: ServerResponse, answers: Answers): boolean {
  request.resume();
  const found = answers(request.method ?? 'GET', (request.url ?? '/').split('?')[0] ?? '/');
  const { status, type, headers, body } = found ?? {
    status: 404,
    type: 'text/html',
    headers: [],
    body: '<html>none</html>',
  };
  response.statusCode = status;
  if (type !== '') response.setHeader('Content-Type', type);
  for (const [header, value] of headers) {
    try {
      response.setHeader(header, value);
    } catch {
      // A recorded header that Node rejects.
    }
  }
  response.end(status === 204 || status === 304 ? undefined : body);
  return found !== undefined;
}

const harSchema = z.looseObject({
  log: z.looseObject({
    entries: z.array(
      z.looseObject({
        request: z.looseObject({
          method: z.string(),
          url: z.string(),
          headers: z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]),
          postData: z.looseObject({ text: z.string().nullish() }).nullish(),
        }),
        response: z
          .looseObject({
            status: z.number(),
            headers: z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]),
            content: z.looseObject({ mimeType: z.string().nullish(), text: z.string().nullish() }).nullish(),
          })
          .nullish(),
      }),
    ),
  }),
});

function harEntries(file: string) {
  return harSchema.parse(JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))).log.entries;
}

async function answersOf(kind: Kind, file: string): Promise<Answers> {
  if (kind === 'har') return recordedAnswers(file);
  if (kind === 'openapi') return describedAnswers(file);
  return () => ({ status: 200, type: 'application/json', headers: [], body: '{"id":1,"token":"t0ken-1"}' });
}

/** Recorded answers by method and path, in their order; the last one repeats. */
function recordedAnswers(file: string): Answers {
  const kept = new Map<string, Answer[]>();
  for (const { request, response } of harEntries(file)) {
    if (!response || !URL.canParse(request.url)) continue;
    const key = `${request.method.toUpperCase()} ${new URL(request.url).pathname}`;
    const headers = response.headers
      .filter(
        ({ name }) => !/^(:|content-|transfer-|connection|set-cookie|location|keep-alive|alt-svc|link)/i.test(name),
      )
      .map(({ name, value }): [string, string] => [name, value]);
    const answered = {
      status: response.status >= 100 ? response.status : 200,
      type: response.content?.mimeType ?? '',
      headers,
      body: response.content?.text ?? '',
    };
    kept.set(key, [...(kept.get(key) ?? []), answered]);
  }
  return (method, path) => {
    const list = kept.get(`${method} ${path}`);
    return list !== undefined && list.length > 1 ? list.shift() : list?.[0];
  };
}

/** Answers from the description's examples and schemas. */
async function describedAnswers(file: string): Promise<Answers> {
  const { default: SwaggerParser } = await import('@apidevtools/swagger-parser');
  const text = readFileSync(file, 'utf8');
  const document: unknown = extname(file) === '.json' ? JSON.parse(text) : parse(text, { logLevel: 'silent' });
  const reader = new SwaggerParser();
  await reader
    .dereference(file, { continueOnError: true, dereference: { circular: true, maxDepth: 5000 } })
    .catch(() => undefined);
  const paths = recordOf(recordOf(reader.api ?? document).paths);
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(recordOf(item)).map(([method, operation]) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`${path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^{}]+\}/g, '[^/]+')}$`),
      isFixed: !path.includes('{'),
      responses: recordOf(recordOf(operation).responses),
    })),
  );
  operations.sort((a, b) => Number(b.isFixed) - Number(a.isFixed));
  return (method, path) => {
    const found = operations.find((each) => each.method === method && each.pattern.test(path));
    if (found === undefined) return undefined;
    const code = Object.keys(found.responses)
      .filter((each) => /^[23]\d\d$/.test(each))
      .sort()[0];
    const response = recordOf(found.responses[code ?? '']);
    const [type, content] = Object.entries(recordOf(response.content))[0] ?? [
      'application/json',
      { schema: response.schema },
    ];
    const { example, examples, schema } = recordOf(content);
    const [named] = Object.values(recordOf(examples));
    const value = example ?? recordOf(named).value ?? exampleOf(schema);
    return { status: Number(code ?? 200), type, headers: [], body: JSON.stringify(value) ?? '' };
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).catch({}).parse(value);
}

/** Values that look secret, by rules independent of the importer's. */
function secretsIn(kind: Kind, file: string): string[] {
  if (kind !== 'har') return [];
  const found = new Set<string>();
  for (const { request } of harEntries(file)) {
    for (const { name, value } of request.headers) {
      if (/^(authorization|cookie|x-api-key|x-csrf-token|x-xsrf-token)$/i.test(name))
        for (const part of value.split(/[;,\s=]+/)) if (/\d/.test(part) && part.length >= 12) found.add(part);
    }
    const text = `${request.url} ${request.postData?.text ?? ''}`;
    for (const [, value = ''] of text.matchAll(
      /(?:pass(?:word|wd)?|secret|token|api_?key)["']?\s*[=:]\s*["']?([^&"'\s]{6,})/gi,
    ))
      found.add(value);
  }
  return [...found];
}

const corpus = resolve(process.argv[2] ?? '.');
const only = process.argv[3];
const project = temporaryProject({
  'scenarios/tsconfig.json': readFileSync(join(packageRoot, 'scenarios/tsconfig.json'), 'utf8'),
});

const imported: Imported[] = [];
for (const kind of ['har', 'openapi', 'postman', 'curl'] as const) {
  for (const file of filesOf(join(corpus, kind))) {
    const name = `${kind}-${file.replace(/\.\w+$/, '').replace(/[^\w-]+/g, '-')}`;
    if (only !== undefined && !name.includes(only)) continue;
    const path = join(corpus, kind, file);
    const startedAtMs = Date.now();
    try {
      const from: ImportSource = kind === 'curl' ? { kind, command: readFileSync(path, 'utf8') } : { kind, path };
      const { source, secrets } = await importScenario(from, { name, component: 'Corpus' });
      writeFileSync(join(project, `scenarios/${name}.ts`), source);
      imported.push({ name, kind, file: path, source });
      const leaked = secretsIn(kind, path).filter((secret) => source.includes(secret));
      const lines = source.split('\n').length;
      console.log(`${name}: ${lines} lines in ${Date.now() - startedAtMs} ms, variables ${secrets.join() || 'none'}`);
      for (const secret of leaked) console.log(`  LEAKED ${secret.slice(0, 6)}… (${secret.length} characters)`);
    } catch (error) {
      console.log(`${name}: REFUSED ${messageOf(error)}`);
    }
  }
}

const problems = await typecheckScenarios(project);
for (const { file, line, message } of problems) console.log(`TYPES ${file}:${line} ${message}`);

const k6 = await testK6();
for (const { name, kind, file, source } of imported) {
  const answers = await answersOf(kind, file);
  let unanswered = 0;
  const server = createServer((request, response) => {
    if (!answer(request, response, answers)) unanswered++;
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const once =
    kind === 'openapi'
      ? source.replace('sleep(1);', 'for (const [, each] of operations) each();')
      : source.replace(/sleep\([\d.]+\);/g, '');
  const script = join(project, `scenarios/${name}.run.ts`);
  writeFileSync(script, once.replace("import { sleep } from 'k6';\n", ''));
  const hosts = [...source.matchAll(/__ENV\.(\w+_URL) \|\|/g)].map(([, host = '']) => [host, base] as const);
  const secrets = [...source.matchAll(/__ENV\.(\w+) \?\?/g)].map(([, secret = '']) => [secret, 'x'] as const);
  const env = { BASE_URL: base, NOVAPERF_TRIAL: '1', ...Object.fromEntries([...hosts, ...secrets]) };
  try {
    const { exitCode, samples, failedChecks, log } = await runOnK6(k6, await bundleScript(script), env);
    const count = (metric: string) =>
      [...samples].reduce((sum, [key, n]) => (key.startsWith(`${metric}{`) ? sum + n : sum), 0);
    const thrown = log.filter((line) => /GoError|TypeError|ReferenceError|SyntaxError/.test(line));
    const figures = `${count('http_reqs')} requests, ${failedChecks} of ${count('checks')} checks failed`;
    console.log(`RUN ${name}: exit ${exitCode}, ${figures}, ${unanswered} without an answer in the file`);
    for (const line of thrown.slice(0, 3)) console.log(`  THROWN ${line.slice(0, 300)}`);
  } catch (error) {
    console.log(`RUN ${name}: FAILED ${messageOf(error)}`);
  }
  server.closeAllConnections();
  server.close();
}
removeTemporaryProjects();
