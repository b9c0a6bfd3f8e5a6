import { expect } from 'chai';
import { UserError } from '../../runner/system/errors.ts';
import { formatSelector, isStatisticOf, parseSelector, parseThreshold } from '../../runner/targets/threshold.ts';

describe('parseThreshold', () => {
  const valid: ReadonlyArray<[string, [string, string, number]]> = [
    ['p(95)<250', ['p(95)', '<', 250]],
    ['p(99.90)<=1e3', ['p(99.9)', '<=', 1000]],
    ['  avg  >  .5 ', ['avg', '>', 0.5]],
    ['rate>=5.', ['rate', '>=', 5]],
    ['count===5', ['count', '==', 5]],
    ['count==-5', ['count', '==', -5]],
    ['value!=+5', ['value', '!=', 5]],
    ['p(0)>1', ['p(0)', '>', 1]],
    ['p(1e2)>1', ['p(100)', '>', 1]],
    ['p(-0)>1', ['p(0)', '>', 1]],
    ['p<5', ['p(0)', '<', 5]],
    ['med\t<\t3', ['med', '<', 3]],
  ];
  for (const [text, [statistic, comparison, target]] of valid) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(parseThreshold(text)).to.deep.equal({ statistic, comparison, target });
    });
  }

  const invalid: ReadonlyArray<[string, string]> = [
    ['', 'such as p(95)<250, found ""'],
    ['p(95)', 'such as p(95)<250, found "p(95)"'],
    ['p(95)<', 'such as p(95)<250, found "p(95)<"'],
    ['p95<200', 'found "p95"'],
    ['p(101)<1', 'found "p(101)"'],
    ['p(-1)<1', 'found "p(-1)"'],
    ['p( 95)<1', 'found "p( 95)"'],
    ['p(abc)<1', 'found "p(abc)"'],
    ['count=>5', 'found "count="'],
    ['rate<undefined', 'a number after <, found "undefined"'],
    ['rate<10ms', 'found "10ms"'],
    ['rate<10<20', 'found "10<20"'],
    ['rate<Infinity', 'found "Infinity"'],
    ['rate< ', 'found ""'],
    ['rate<=', 'found "="'],
    ['p(95)<1e999', 'found "1e999"'],
  ];
  for (const [text, found] of invalid) {
    it(`gives the error of ${JSON.stringify(text)}`, () => {
      expect(() => parseThreshold(text, 'options.thresholds.x'))
        .to.throw(UserError)
        .that.satisfies(
          (userError: UserError) => userError.message.includes(found) && userError.where === 'options.thresholds.x',
        );
    });
  }
});

describe('parseSelector', () => {
  const valid: ReadonlyArray<[string, string, Record<string, string>]> = [
    ['http_reqs', 'http_reqs', {}],
    ['http_reqs{name:GET /x}', 'http_reqs', { name: 'GET /x' }],
    ['http_reqs{ name : "GET /x" , status:\'200\' }', 'http_reqs', { name: 'GET /x', status: '200' }],
    ['http_reqs{url:http://h:80/{id}}', 'http_reqs', { url: 'http://h:80/{id}' }],
    ['http_reqs{group:""}', 'http_reqs', { group: '' }],
    ['http_reqs{group: }', 'http_reqs', { group: '' }],
    ['http_reqs{group:::login}', 'http_reqs', { group: '::login' }],
    ['http_reqs{a:1,a:2}', 'http_reqs', { a: '2' }],
    ['checks{check:it\'s "fine"!}', 'checks', { check: 'it\'s "fine"!' }],
  ];
  for (const [text, metric, filter] of valid) {
    it(`reads ${text}`, () => {
      expect(parseSelector(text)).to.deep.equal({ metric, filter });
    });
  }

  it('keeps a tag named __proto__', () => {
    expect(Object.entries(parseSelector('m{__proto__:x}').filter)).to.deep.equal([['__proto__', 'x']]);
  });

  it('writes a selector as it was read', () => {
    expect(formatSelector(parseSelector('m{a:1,b:2}'))).to.equal('m{a:1,b:2}');
    expect(formatSelector(parseSelector('m'))).to.equal('m');
  });

  for (const text of [
    'm{',
    'm}',
    '}m{',
    'm{a:1}x',
    'm{}',
    'm{a}',
    'm{a:}',
    'm{a:1,}',
    'm{:1}',
    'm{a:"x,y"}',
    '{a:1}',
    '',
  ]) {
    it(`rejects ${JSON.stringify(text)}`, () => {
      expect(() => parseSelector(text)).to.throw(UserError);
    });
  }
});

describe('isStatisticOf', () => {
  const rows: ReadonlyArray<['counter' | 'gauge' | 'rate' | 'trend', string]> = [
    ['counter', 'count rate'],
    ['gauge', 'value'],
    ['rate', 'rate'],
    ['trend', 'avg min max med p(95)'],
  ];
  for (const [type, able] of rows) {
    it(`allows ${able} for a ${type}`, () => {
      const all = ['count', 'rate', 'value', 'avg', 'min', 'max', 'med', 'p(95)'];
      expect(all.filter((statistic) => isStatisticOf(type, statistic))).to.have.members(able.split(' '));
    });
  }
});
