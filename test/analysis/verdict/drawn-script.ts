// A random k6 script from a seed, with metrics, actions, options and thresholds, run by test/fixtures/analysis/random-load.js.

export interface Drawn {
  readonly spec: {
    readonly metrics: ReadonlyArray<{ readonly name: string; readonly type: MetricType; readonly isTime: boolean }>;
    readonly actions: readonly Action[];
    readonly options: Readonly<Record<string, unknown>>;
  };
  readonly thresholds: Record<string, string[]>;
}

type MetricType = 'counter' | 'gauge' | 'rate' | 'trend';
type Tags = Readonly<Record<string, string>>;
type Action = { readonly share: number; readonly group?: string } & (
  | {
      readonly kind: 'add';
      readonly metric: string;
      readonly from: number;
      readonly to: number;
      readonly isWhole: boolean;
      readonly tags: Tags;
    }
  | { readonly kind: 'check'; readonly name: string; readonly passes: number }
  | { readonly kind: 'get'; readonly status: number; readonly tags: Tags }
);

const TYPES: readonly MetricType[] = ['counter', 'gauge', 'rate', 'trend'];
const OPERATORS = ['<', '<=', '>', '>=', '==', '!='];
const NAMES = ['GET /items', 'cart: add', 'a "quoted" name', 'ü', 'x y'];
const STATUSES = [200, 201, 302, 404, 500, 503];
const STATISTICS: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['count', 'rate'],
  gauge: [],
  rate: ['rate'],
  trend: ['avg', 'min', 'max', 'med', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)'],
};
/** k6's system tags that can be left out without changing what a request is. */
const OPTIONAL_TAGS = ['proto', 'subproto', 'method', 'url', 'group', 'tls_version', 'service', 'error', 'error_code'];
const KEPT_TAGS = ['status', 'name', 'check', 'scenario', 'expected_response'];

/** `random` gives numbers from 0 to 1; the same numbers give the same script. */
export function drawScript(random: () => number): Drawn {
  const below = (n: number) => Math.floor(random() * n);
  const one = <T>(list: readonly T[]): T => {
    const item = list[below(list.length)];
    if (item === undefined) throw new Error('Expected a list with something in it');
    return item;
  };
  const chance = (share: number) => random() < share;

  const metrics = Array.from({ length: 2 + below(5) }, (_, index) => {
    const type = one(TYPES);
    return { name: `own_${type}_${index}`, type, isTime: type === 'trend' && chance(0.5) };
  });
  const tags = (): Tags =>
    chance(0.6) ? { name: one(NAMES) } : chance(0.5) ? { kind: one(['a', 'b']), name: one(NAMES) } : {};
  const place = () => (chance(0.2) ? { group: one(['shop', 'login']) } : {});
  const actions = Array.from({ length: 3 + below(8) }, (): Action => {
    const common = { share: chance(0.7) ? 1 : random(), ...place() };
    const kind = one(['add', 'add', 'check', 'get'] as const);
    if (kind === 'check') return { ...common, kind, name: one(NAMES), passes: one([0, 0.5, 1]) };
    if (kind === 'get') return { ...common, kind, status: one(STATUSES), tags: tags() };
    const { name, type } = one(metrics);
    const from = type === 'trend' && chance(0.3) ? -1000 : 0;
    const to = type === 'rate' ? 1 : 10 ** (1 + below(5));
    return { ...common, kind, metric: name, from, to, isWhole: type === 'rate' || chance(0.5), tags: tags() };
  });

  const selectors: Array<readonly [metric: string, type: MetricType]> = [
    ...metrics.map(({ name, type }) => [name, type] as const),
    ['http_reqs', 'counter'],
    ['http_req_duration', 'trend'],
    ['http_req_failed', 'rate'],
    ['checks', 'rate'],
    ['iterations', 'counter'],
    ['iteration_duration', 'trend'],
    ['dropped_iterations', 'counter'],
    ['data_received', 'counter'],
  ];
  const filter = (): string => {
    if (chance(0.5)) return '';
    return one([
      `{name:${one(['GET /items', 'cart: add', 'ü', 'never seen'])}}`,
      `{status:${one([...STATUSES, 599])}}`,
      `{expected_response:${one(['true', 'false'])}}`,
      `{scenario:${one(['first', 'evening'])}}`,
      `{kind:${one(['a', 'z'])}}`,
      `{check:${one(NAMES.slice(0, 1))}}`,
    ]);
  };
  const thresholds: Record<string, string[]> = {};
  for (let n = 5 + below(15); n > 0; n--) {
    const [metric, type] = one(selectors);
    if (STATISTICS[type].length === 0) continue;
    const selector = `${metric}${filter()}`;
    const limit = type === 'rate' ? one([0, 0.01, 0.5, 0.99, 1]) : one([0, 1, 5, 50, 500, 5000, -10]);
    const expression = `${one(STATISTICS[type])}${one(OPERATORS)}${limit}`;
    const list = thresholds[selector] ?? [];
    thresholds[selector] = list;
    if (!list.includes(expression)) list.push(expression);
  }
  const options = {
    scenarios: { first: drawScenario(one, below), ...(chance(0.4) ? { second: drawScenario(one, below) } : {}) },
    thresholds,
    summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'count'],
    ...(chance(0.3) ? { systemTags: [...KEPT_TAGS, ...OPTIONAL_TAGS.filter(() => chance(0.5))] } : {}),
    ...(chance(0.3) ? { tags: { team: 'shop' } } : {}),
  };
  return { spec: { metrics, actions, options }, thresholds };
}

function drawScenario(one: <T>(list: readonly T[]) => T, below: (n: number) => number): Record<string, unknown> {
  const vus = 1 + below(4);
  return one([
    { executor: 'per-vu-iterations', vus, iterations: 1 + below(40), maxDuration: '5s' },
    { executor: 'shared-iterations', vus, iterations: vus + below(100), maxDuration: '5s' },
    { executor: 'constant-vus', vus, duration: '1s' },
    { executor: 'constant-arrival-rate', rate: 10 + below(100), duration: '1s', preAllocatedVUs: vus },
    {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: '500ms', target: vus },
        { duration: '500ms', target: 0 },
      ],
    },
  ]);
}
