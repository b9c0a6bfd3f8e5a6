// Specifications become sources, each with a name of its own.

import { ExpositionSource } from './exposition-source.ts';
import { MachineSource } from './machine-source.ts';
import type { AnySource } from './model.ts';
import { ProcessSource } from './process-source.ts';
import { EVERYTHING } from './series-filter.ts';
import type { SourceSpec } from './spec.ts';

/** Sources in the order of their specifications; two of one name become `name` and `name-2`. */
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
      return new ExpositionSource(name, spec);
  }
}

function defaultName(spec: SourceSpec): string {
  if (spec.kind === 'machine') return 'machine';
  if (spec.kind === 'exposition') {
    const { host, pathname } = new URL(spec.url);
    return pathname === '/metrics' || pathname === '/' ? host : `${host}${pathname}`;
  }
  const { choice } = spec;
  if (choice.by === 'name') return choice.name;
  return choice.by === 'pid' ? `pid-${choice.pid}` : `port-${choice.port}`;
}

/** The sources of the demo target that nobody has to configure: its process and its own metrics. */
export function demoSources(pid: number, url: string): SourceSpec[] {
  return [
    { name: 'demo', kind: 'process', choice: { by: 'pid', pid } },
    { name: 'demo-metrics', kind: 'exposition', url: `${url}/metrics`, headers: {}, filter: EVERYTHING },
  ];
}
