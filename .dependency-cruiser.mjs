// The rooms of runner/ and the arrows between them, lowest room first: docs/architecture.md says what each is for.
// `npm run check` fails on an arrow that is not listed here, on a circle, and on a file outside a room.

/** Every room may import these. */
const FOUNDATION = ['system', 'text', 'model'];

/** Each room with the rooms whose code it may import besides the foundation. A room also may what those may. */
export const ROOMS = {
  system: [],
  text: [],
  model: [],
  metrics: [],
  k6: [],
  targets: [],
  scenario: ['k6', 'targets'],
  monitor: ['metrics', 'targets'],
  config: ['targets', 'monitor'],
  analysis: ['metrics', 'targets', 'monitor'],
  report: ['analysis'],
  cluster: ['k6', 'analysis'],
  runs: ['report'],
  compare: ['runs'],
  live: ['report'],
  records: ['config', 'runs'],
  verify: ['k6', 'scenario', 'metrics'],
  demo: [],
  run: ['scenario', 'verify', 'compare', 'live', 'records', 'demo', 'cluster'],
  project: ['scenario', 'config'],
  import: [],
  agent: ['run'],
  dev: ['run'],
  cli: ['project', 'import', 'agent', 'dev'],
};

/** The folders of a room that has folders, lowest first, each with those whose code it may import. */
export const FOLDERS = {
  metrics: {
    bytes: [],
    buckets: [],
    sinks: ['buckets'],
    histograms: ['bytes', 'sinks'],
    samples: ['bytes', 'sinks'],
    store: ['histograms'],
    archive: ['store'],
    several: ['histograms'],
  },
  analysis: {
    statistics: [],
    requests: ['statistics'],
    load: ['requests'],
    generator: ['requests'],
    shape: ['load'],
    capacity: ['shape'],
    differences: ['statistics'],
    verdict: ['generator', 'shape'],
    findings: ['verdict'],
    result: ['findings'],
  },
  records: {
    store: [],
    cycle: ['store'],
    server: ['cycle'],
    repair: ['server'],
  },
  run: {
    plan: [],
    load: ['plan'],
    results: ['plan'],
    streams: ['load', 'results'],
    cycle: ['load', 'results'],
  },
};

function reach(name, arrows, seen = new Set([name])) {
  for (const next of arrows[name]) if (!seen.has(next)) reach(next, arrows, seen.add(next));
  return seen;
}

/** What a room may import: the foundation below it, itself, and the rooms that its list leads to. */
function allowed(room) {
  const own = FOUNDATION.indexOf(room);
  return own < 0 ? [...FOUNDATION, ...reach(room, ROOMS)] : FOUNDATION.slice(0, own + 1);
}

/** What a test imports when it starts k6, a browser, exporters or whole novaperf processes. */
const SLOW_HELPERS =
  '^test/(cli/(novaperf|in-process|pseudo-terminal)|(scenario|k6)/real-k6|metrics/histograms-k6|report/browser|monitor/exporters)\\.ts$';

const anyOf = (names) => `^runner/(${names.join('|')})/`;
const anyFolderOf = (room, folders) => `^runner/${room}/(${folders.join('|')})/`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Files that import one another cannot be read, tested or moved alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    // Two rules: a file that nobody imports only imports, and one that imports nothing is only imported. Without either knip finds it.
    ...['from', 'to'].map((end) => ({
      name: `every-file-in-a-room-${end}`,
      comment: 'The only file of runner/ itself is cli.ts.',
      severity: 'error',
      from: {},
      to: {},
      [end]: { path: '^runner/', pathNot: [anyOf(Object.keys(ROOMS)), '^runner/cli\\.ts$'] },
    })),
    ...Object.keys(ROOMS).map((room) => ({
      name: `arrows-of-${room}`,
      comment: `${room} may import ${allowed(room).join(', ')}.`,
      severity: 'error',
      from: { path: anyOf([room]) },
      to: { path: '^runner/', pathNot: anyOf(allowed(room)) },
    })),
    ...Object.entries(FOLDERS).flatMap(([room, folders]) => [
      ...['from', 'to'].map((end) => ({
        name: `every-file-of-${room}-in-a-folder-${end}`,
        comment: `The folders of ${room} are ${Object.keys(folders).join(', ')}.`,
        severity: 'error',
        from: {},
        to: {},
        [end]: { path: anyOf([room]), pathNot: anyFolderOf(room, Object.keys(folders)) },
      })),
      ...Object.keys(folders).map((folder) => ({
        name: `arrows-of-${room}/${folder}`,
        comment: `Of ${room}, ${folder} may import ${[...reach(folder, folders)].join(', ')}.`,
        severity: 'error',
        from: { path: anyFolderOf(room, [folder]) },
        to: { path: anyOf([room]), pathNot: anyFolderOf(room, [...reach(folder, folders)]) },
      })),
    ]),
    {
      name: 'program-without-tests',
      comment: 'What ships must not need what does not.',
      severity: 'error',
      from: { path: '^runner/' },
      to: { path: '^(test|bench|docs)/' },
    },
    {
      name: 'quick-tests-stay-quick',
      comment:
        'A test that starts k6, a browser or whole novaperf processes is named x.slow.test.ts: test:quick leaves it out.',
      severity: 'error',
      from: { path: '^test/.*\\.test\\.ts$', pathNot: '\\.slow\\.test\\.ts$' },
      to: { path: SLOW_HELPERS, reachable: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/fixtures)/' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
    reporterOptions: {
      archi: { collapsePattern: '^runner/[^/]+' },
      dot: { collapsePattern: '^runner/[^/]+' },
    },
  },
};
