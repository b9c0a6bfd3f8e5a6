// Creates sources from their specifications and gives each a unique name.

import { basename } from 'node:path';
import type { AnySource } from '../model/server.ts';
import { UserError } from '../system/errors.ts';
import { CommandSource } from './command-source.ts';
import { CsvSource } from './csv-source.ts';
import { ExpositionSource } from './exposition-source.ts';
import { MachineSource } from './machine-source.ts';
import { ProcessSource } from './process-source.ts';
import { PrometheusSource } from './prometheus-source.ts';
import { ALL_SERIES } from './series-filter.ts';
import type { SourceSpec } from './spec.ts';
import { StreamSource } from './stream-source.ts';

/**
 * Creates sources in the order of their specifications; of two with one name, the second is called `name-2`. Throws a
 * UserError if a header needs an environment variable that is not set.
 */
export function openSources(specs: readonly SourceSpec[]): AnySource[] {
  const taken = new Set<string>();
  return specs.map((spec) => {
    const wanted = spec.name ?? defaultName(spec);
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
    taken.add(name);
    return openSource(name, spec);
  });
}

function openSource(name: string, spec: SourceSpec): AnySource {
  switch (spec.kind) {
    case 'process':
      return new ProcessSource(name, spec.choice);
    case 'machine':
      return new MachineSource(name);
    case 'exposition':
      return new ExpositionSource(name, { ...spec, headers: withVariables(spec.headers, name) });
    case 'prometheus':
      return new PrometheusSource(name, { ...spec, headers: withVariables(spec.headers, name) });
    case 'csv':
      return new CsvSource(name, spec.path, spec.csv);
    case 'command':
      return new CommandSource(name, spec.command, spec.filter, spec.csv);
    case 'stream':
      return new StreamSource(name, spec.command, spec.csv);
  }
}

/** Replaces `${NAME}` with an environment variable, so that a file in git need not contain a secret. */
function withVariables(headers: Readonly<Record<string, string>>, source: string): Record<string, string> {
  const valueIn = (variable: string) => {
    const value = process.env[variable];
    if (value !== undefined) return value;
    throw new UserError(`Environment variable ${variable} is not set. A header of the source ${source} needs it.`, {
      where: 'server_metrics',
      next: `export ${variable}=…`,
    });
  };
  return Object.fromEntries(
    Object.entries(headers).map(([header, text]) => [
      header,
      text.replace(/\$\{([A-Za-z_]\w*)\}/g, (_, variable: string) => valueIn(variable)),
    ]),
  );
}

function defaultName(spec: SourceSpec): string {
  if (spec.kind === 'machine') return 'machine';
  if (spec.kind === 'exposition') {
    const { host, pathname } = new URL(spec.url);
    return pathname === '/metrics' || pathname === '/' ? host : `${host}${pathname}`;
  }
  if (spec.kind === 'prometheus') return new URL(spec.url).host;
  if (spec.kind === 'csv') return basename(spec.path);
  if (spec.kind === 'command' || spec.kind === 'stream')
    return basename(spec.command.trim().split(/\s+/)[0] ?? '') || spec.kind;
  const { choice } = spec;
  if (choice.by === 'name') return choice.name;
  return choice.by === 'pid' ? `pid-${choice.pid}` : `port-${choice.port}`;
}

/** The default sources for the demo shop: its process and its own metrics. */
export function demoSources(pid: number, url: string): SourceSpec[] {
  return [
    { name: 'demo', kind: 'process', choice: { by: 'pid', pid } },
    { name: 'demo-metrics', kind: 'exposition', url: `${url}/metrics`, headers: {}, filter: ALL_SERIES },
  ];
}
