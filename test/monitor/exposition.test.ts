// Prometheus' text format: what is accepted and rejected, as in Prometheus, and what counters and histograms become.

import { expect } from 'chai';
import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { bucketQuantile } from '../../runner/monitor/bucket-quantile.ts';
import { parseKey, readExposition } from '../../runner/monitor/exposition-lines.ts';
import { ExpositionReader } from '../../runner/monitor/exposition-reader.ts';
import { ALL_SERIES, type SeriesFilter } from '../../runner/monitor/series-filter.ts';
import { propertyRuns } from '../property-runs.ts';

function samplesOf(text: string, former: readonly string[] = []): Array<[string, number]> {
  const samples: Array<[string, number]> = [];
  const sink = { type: () => undefined, sample: (key: string, value: number) => samples.push([key, value]) };
  readExposition(
    text,
    sink,
    former.map((key) => ({ key })),
  );
  return samples;
}

/** Readings by `name{labels}` of the last of several scrapes, one second apart. */
function readAll(scrapes: readonly string[], filter: SeriesFilter = ALL_SERIES, stepMs = 1000): Record<string, number> {
  const reader = new ExpositionReader(filter);
  const read = scrapes.map((text, index) => reader.read(text, 1_700_000_000_000 + index * stepMs));
  return Object.fromEntries(
    (read.at(-1) ?? []).map(({ series, value }) => {
      const labels = Object.entries(series.labels).map(([label, of]) => `${label}=${of}`);
      return [`${series.metric}${labels.length === 0 ? '' : `{${labels.join(',')}}`}`, value];
    }),
  );
}

describe('an exposition', () => {
  const accepted: Array<[text: string, samples: Array<[string, number]>]> = [
    ['a 1\n', [['a', 1]]],
    ['a 1', [['a', 1]]],
    ['# HELP a what\n# TYPE a gauge\na 1.5e3 1700000000000\n', [['a', 1500]]],
    ['a{b="c"} 2\r\n', [['a{b="c"}', 2]]],
    ['a{b="}\\" {",} -0.5\n', [['a{b="}\\" {",}', -0.5]]],
    ['a{b="c"}3\n', [['a{b="c"}', 3]]],
    [
      '\n  \n# a comment\na +Inf\nb -Inf\n',
      [
        ['a', Infinity],
        ['b', -Infinity],
      ],
    ],
    ['a_total 4 # {trace_id="x"} 1 1700000000.5\n# EOF\n', [['a_total', 4]]],
    ['a {b="c"} 7\n', [['a {b="c"}', 7]]],
  ];
  for (const [text, samples] of accepted) {
    it(`accepts ${JSON.stringify(text)}`, () => {
      expect(samplesOf(text)).to.deep.equal(samples);
    });
  }

  it('is read the same after any other scrape', () => {
    const keys = [...accepted.flatMap(([, samples]) => samples.map(([key]) => key)), 'a{b="c",d="e"}', 'a_', ''];
    for (const [text, samples] of accepted) {
      for (const key of keys) expect(samplesOf(text, [key, key]), `${key} before ${text}`).to.deep.equal(samples);
    }
    const [one, two] = ['a 1\nb{c="d"} 2\n', 'b{c="d"} 3\na 4\ne 5\n'];
    expect(readAll([one, two])).to.deep.equal({ 'server.a': 4, 'server.b{c=d}': 3, 'server.e': 5 });
  });

  const refused = [
    '<html><body>502 Bad Gateway</body></html>',
    'a one\n',
    'a\n',
    'a{b="c} 1\n',
    'a{b="c" 1\n',
    'a 1 2 3\n',
    'a 0x10\n',
    '{"status":"ok"}\n',
    '',
    '# only a comment\n',
    `${'a'.repeat(70_000)} 1\n`,
    'a 1\n\u0000\u0001\u0002\n',
  ];
  for (const text of refused) {
    it(`rejects ${JSON.stringify(text.slice(0, 50))}`, () => {
      expect(() => samplesOf(text)).to.throw(/exposition/);
    });
  }

  it('gives an error with the invalid line, without control characters', () => {
    expect(() => samplesOf('a 1\nb 2\n\u001b[31mred\n'))
      .to.throw('line 3')
      .with.property('message')
      .not.include('\u001b');
  });

  it('rejects names and labels that the format does not allow', () => {
    for (const key of ['1a', 'a-b', 'a{1b="c"}', 'a{b=c}', 'a{b="c",b="d"}', 'a{b="c" d="e"}', 'a{,}', '']) {
      expect(parseKey(key), key).to.equal(undefined);
    }
    expect(parseKey('a{b="x\\\\y\\"z\\n",__proto__="p"}')?.labels.b).to.equal('x\\y"z\n');
  });

  it('is read in linear time, for any text, and throws only an Error with a message', () => {
    const parts = fc.array(
      fc.constantFrom('{', '}', '"', '\\', ',', '=', ' ', '\n', 'a', '1', '#', 'le', 'NaN', '\t'),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(parts, (pieces) => {
        try {
          new ExpositionReader(ALL_SERIES).read(pieces.join(''), 1);
        } catch (error) {
          expect(error).to.be.instanceOf(Error);
          if (error instanceof Error) expect(error.message).to.match(/exposition/);
        }
      }),
      { numRuns: propertyRuns(500) },
    );
  });
});

describe('scrapes of an exporter', () => {
  it('give gauges as they are, and counters as rates from the second scrape on', () => {
    const text = (jobs: number) =>
      `# TYPE jobs_total counter\njobs_total{kind="mail"} ${jobs}\n# TYPE depth gauge\ndepth 7\n`;
    expect(readAll([text(10)])).to.deep.equal({ 'server.depth': 7 });
    expect(readAll([text(10), text(25)], ALL_SERIES, 500)).to.deep.equal({
      'server.jobs_total{kind=mail}': 30,
      'server.depth': 7,
    });
  });

  it('treat a counter that decreased as restarted, and give no rate across a gap', () => {
    const text = (jobs: number) => `# TYPE jobs_total counter\njobs_total ${jobs}\n`;
    expect(readAll([text(100), text(4)])).to.deep.equal({ 'server.jobs_total': 4 });
    expect(readAll([text(100), text(400)], ALL_SERIES, 60_000)).to.deep.equal({});
  });

  it('give no rate for a counter that appears later at its first scrape', () => {
    const first = '# TYPE a counter\na 1\n';
    const second = '# TYPE a counter\na 2\n# TYPE b counter\nb 1000\n';
    expect(readAll([first, second])).to.deep.equal({ 'server.a': 1 });
  });

  it("give the quantiles of a histogram's new observations between two scrapes, and none without any", async () => {
    const registry = new Registry();
    const buckets = [0.01, 0.1, 1];
    const times = new Histogram({
      name: 'request_seconds',
      help: 'h',
      buckets,
      registers: [registry],
      labelNames: ['route'],
    });
    for (let i = 0; i < 1000; i++) times.observe({ route: '/' }, 0.005);
    const before = await registry.metrics();
    for (let i = 0; i < 100; i++) times.observe({ route: '/' }, 0.5);
    const after = await registry.metrics();
    const read = readAll([before, after]);
    expect(read['server.request_seconds{route=/,quantile=0.5}']).to.be.closeTo(0.55, 1e-9);
    expect(read['server.request_seconds_count{route=/}']).to.equal(100);
    expect(read['server.request_seconds_sum{route=/}']).to.be.closeTo(50, 1e-6);
    expect(Object.keys(readAll([after, after])).filter((name) => name.includes('quantile'))).to.deep.equal([]);
  });

  it('give nothing for a histogram with inconsistent buckets', () => {
    const text = (first: string) =>
      `# TYPE t histogram\nt_bucket{le="1"} ${first}\nt_bucket{le="x"} 3\nt_bucket{le="+Inf"} 5\nt_sum 1\nt_count 5\n`;
    expect(Object.keys(readAll([text('NaN'), text('NaN')]))).to.deep.equal(['server.t_sum', 'server.t_count']);
  });

  it("keep what globs and labels select, also by the family's name", () => {
    const text =
      '# TYPE t histogram\nt_bucket{le="+Inf",db="shop"} 5\nt_sum{db="shop"} 1\nt_count{db="shop"} 5\npg_up{db="shop"} 1\npg_up{db="x"} 0\nnode_a 1\n';
    const only = (match: string[], labels = {}) => Object.keys(readAll([text], { ...ALL_SERIES, match, labels }));
    expect(only(['pg_*'])).to.deep.equal(['server.pg_up{db=shop}', 'server.pg_up{db=x}']);
    expect(only(['pg_*'], { db: 's*p' })).to.deep.equal(['server.pg_up{db=shop}']);
    expect(only(['node_?'])).to.deep.equal(['server.node_a']);
    expect(only(['node'])).to.deep.equal([]);
  });

  it('stop at the cap, and report how many series were left out', () => {
    const reader = new ExpositionReader({ ...ALL_SERIES, maxSeries: 10 });
    const text = Array.from({ length: 25 }, (_, index) => `a{i="${index}"} 1`).join('\n');
    expect(reader.read(text, 1)).to.have.length(10);
    expect(reader.series).to.deep.equal({ kept: 10, leftOut: 15 });
  });

  it('use bounded memory for an exporter that always sends new names @slow', () => {
    const reader = new ExpositionReader({ ...ALL_SERIES, maxSeries: 5 });
    for (let scrape = 0; scrape < 30; scrape++) {
      const text = Array.from({ length: 3000 }, (_, index) => `a{i="${scrape}-${index}"} 1`).join('\n');
      expect(reader.read(text, scrape + 1).length).to.be.at.most(5);
    }
    // 90,000 series came; those not kept are not counted twice.
    expect(reader.series.leftOut).to.be.at.most(50_000);
  });

  it('read back what prom-client writes, with hostile label values too', async () => {
    const registry = new Registry();
    const hostile = ['a"b', 'c\\d', 'e\nf', '}', '{x="y"}', ' ', '‮'];
    const gauge = new Gauge({ name: 'g', help: 'a\nb', labelNames: ['l'], registers: [registry] });
    for (const [index, value] of hostile.entries()) gauge.set({ l: value }, index);
    new Counter({ name: 'c_total', help: 'c', registers: [registry] }).inc(2);
    const readings = new ExpositionReader(ALL_SERIES).read(await registry.metrics(), 1);
    expect(readings.map(({ series: { labels }, value }) => [labels.l, value])).to.deep.equal(
      hostile.map((value, index) => [value, index]),
    );
  });
});

describe('the quantile of cumulative buckets', () => {
  // prometheus/promql/quantile.go, BucketQuantile, calculated by hand.
  const rows: Array<[q: number, bounds: number[], counts: number[], value: number | undefined]> = [
    [0.5, [1, 2, Infinity], [0, 10, 10], 1.5],
    [0.5, [1, 2, Infinity], [10, 10, 10], 0.5],
    [0.95, [1, 2, Infinity], [10, 10, 100], 2],
    [0.5, [-1, 1, Infinity], [10, 10, 10], -1],
    [0.5, [1, 2, Infinity], [0, 0, 0], undefined],
    [0.5, [1, 2], [1, 2], undefined],
    [0.99, [0.1, 1, Infinity], [50, 100, 100], 0.1 + 0.9 * (49 / 50)],
  ];
  for (const [q, bounds, counts, value] of rows) {
    it(`of ${q} in ${counts.join(' ')} up to ${bounds.join(' ')} is ${value}`, () => {
      const found = bucketQuantile(q, bounds, counts);
      if (value === undefined) expect(found).to.equal(undefined);
      else expect(found).to.be.closeTo(value, 1e-12);
    });
  }
});
