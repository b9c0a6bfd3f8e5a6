import { expect } from 'chai';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { serverEvents } from '../../runner/scenario/events.ts';
import { nextLink, pages } from '../../runner/scenario/pages.ts';
import { renewed } from '../../runner/scenario/renewed.ts';
import { exponential, lognormal, normal, type ThinkTime, uniform } from '../../runner/scenario/think-times.ts';
import { seeded } from '../seeded.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

const DRAWS = 20_000;

/** The share of `DRAWS` times below `limit`. */
const shareBelow = (limit: number, time: ThinkTime) =>
  Array.from({ length: DRAWS }, time).filter((seconds) => seconds < limit).length / DRAWS;

describe('think times', () => {
  // Distribution functions: uniform (x-a)/(b-a); normal Φ(1) = 0.8413; exponential 1-e^(-x/mean); log-normal by its two quantiles.
  const rows: readonly (readonly [
    name: string,
    time: (random: () => number) => ThinkTime,
    limit: number,
    share: number,
  ])[] = [
    ['uniform', (random) => uniform(1, 3, random), 1.5, 0.25],
    ['normal', (random) => normal(5, 1, random), 6, 0.8413],
    ['normal, cut at 0', (random) => normal(0, 1, random), 1e-9, 0.5],
    ['exponential', (random) => exponential(2, random), 2, 1 - Math.exp(-1)],
    ['lognormal, its median', (random) => lognormal(2, 9, random), 2, 0.5],
    ['lognormal, its p95', (random) => lognormal(2, 9, random), 9, 0.95],
  ];
  for (const [name, time, limit, share] of rows) {
    it(`are ${name}: ${(share * 100).toFixed(1)} % below ${limit}`, () =>
      expect(shareBelow(limit, time(seeded(1)))).to.be.closeTo(share, 0.01));
  }

  it('reject limits in the wrong order', () => {
    expect(() => uniform(3, 1)).to.throw('uniform: expected 0 ≤ 3 ≤ 1');
    expect(() => lognormal(-1, 1)).to.throw('lognormal');
  });
});

describe('a token that is renewed', () => {
  it('is fetched once, and again before it expires; a failed login is retried', () => {
    let nowMs = 0;
    const grants = [undefined, 'a', 'b', 'c'];
    let fetched = 0;
    const token = renewed(
      () => {
        const value = grants[fetched++];
        return value === undefined ? undefined : { value, expiresInSeconds: 60 };
      },
      { beforeSeconds: 10, now: () => nowMs },
    );
    const seen = [0, 0, 49_999, 50_000, 99_999, 100_000].map((at) => {
      nowMs = at;
      return token();
    });
    expect(seen).to.deep.equal([undefined, 'a', 'a', 'b', 'b', 'c']);
    expect(fetched).to.equal(4);
  });
});

describe('pages of a list', () => {
  const links: readonly (readonly [header: string | undefined, url: string | undefined])[] = [
    ['<https://a/?page=2>; rel="next", <https://a/?page=9>; rel="last"', 'https://a/?page=2'],
    ['<https://a/?page=1>; rel="prev", <https://a/?page=3>; title="x"; rel=next', 'https://a/?page=3'],
    ['<https://a/?q=a,b;c>; rel="next"', 'https://a/?q=a,b;c'],
    ['<https://a/1>; rel="prev next"', 'https://a/1'],
    ['<https://a/1>; rel="nextish"', undefined],
    [undefined, undefined],
  ];
  for (const [header, url] of links) {
    it(`follow ${header ?? 'no header'}`, () =>
      expect(nextLink({ headers: header === undefined ? {} : { Link: header } })).to.equal(url));
  }

  it('end after the last, and at a circular link', () => {
    const next: Readonly<Record<string, string>> = { a: 'b', b: 'c' };
    expect([
      ...pages(
        'a',
        (url) => url,
        (page) => next[page],
      ),
    ]).to.deep.equal(['a', 'b', 'c']);
    expect([
      ...pages(
        'a',
        (url) => url,
        () => 'a',
        { max: 3 },
      ),
    ]).to.deep.equal(['a', 'a', 'a']);
  });
});

describe('server-sent events', () => {
  const message = (data: string, id = '') => ({ event: 'message', data, id });
  const streams: readonly (readonly [text: string, events: ReturnType<typeof serverEvents>])[] = [
    ['data: a\n\n', [message('a')]],
    ['data: a\ndata:b\n\n', [message('a\nb')]],
    ['event: done\r\ndata: {}\r\n\r\n', [{ event: 'done', data: '{}', id: '' }]],
    ['id: 7\ndata: a\n\ndata: b\n\n', [message('a', '7'), message('b', '7')]],
    [': a comment\n\ndata\n\n', [message('')]],
    ['\ufeffdata:  two spaces\n\n', [message(' two spaces')]],
    ['data: not closed', []],
    ['event: empty\n\n', []],
  ];
  for (const [text, events] of streams) {
    it(`of ${JSON.stringify(text)}`, () => expect(serverEvents(text)).to.deep.equal(events));
  }
});

describe('a bundle', () => {
  after(removeTemporaryProjects);

  it('includes only what the scenario uses of the library', async () => {
    const marks = {
      retry: 'retries_succeeded',
      serverEvents: 'ufeff',
      think: 'maxSeconds',
      nextLink: 'matchAll',
      dataset: 'circular',
    };
    const names = Object.keys(marks);
    const root = temporaryProject({
      'none.ts': `import { baseUrl } from 'novaperf';\nexport default function () { return baseUrl; }\n`,
      ...Object.fromEntries(
        names.map((name) => [
          `${name}.ts`,
          `import { ${name} } from 'novaperf';\nexport default function () { return ${name}; }\n`,
        ]),
      ),
    });
    const codeOf = async (name: string) =>
      (await bundleScript(`${root}/${name}.ts`)).code.replace(/\/\/# sourceMappingURL.*/, '');
    const none = await codeOf('none');
    expect(none.length).to.be.lessThan(600);
    for (const [name, mark] of Object.entries(marks)) {
      const code = await codeOf(name);
      expect(code, name).to.contain(mark);
      for (const [other, foreign] of Object.entries(marks))
        if (other !== name) expect(code, `${name} has ${other}`).not.to.contain(foreign);
    }
  });
});
