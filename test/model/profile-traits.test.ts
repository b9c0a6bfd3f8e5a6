import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROFILES } from '../../runner/model/plan.ts';
import { traitsOf } from '../../runner/model/profile-traits.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

describe('the traits of a profile', () => {
  const ordinary = { isStatistical: true, isEndurance: false, isSearch: false };
  for (const [profile, traits] of [
    ['smoke', { ...ordinary, isStatistical: false }],
    ['load', ordinary],
    ['soak', { ...ordinary, isEndurance: true }],
    ['breakpoint', { ...ordinary, isSearch: true }],
    ['own', ordinary],
    ['a name from another version', ordinary],
    ['constructor', ordinary],
    [undefined, ordinary],
  ] as const) {
    it(`are known for ${profile}`, () => expect(traitsOf(profile)).to.deep.equal(traits));
  }

  it('are what code uses, instead of comparing names', () => {
    const compares = new RegExp(`[pP]rofile\\S* [!=]== '(${PROFILES.join('|')})'`);
    const files = readdirSync(join(packageRoot, 'runner'), { recursive: true, encoding: 'utf8' });
    const found = files.filter(
      (file) => file.endsWith('.ts') && compares.test(readFileSync(join(packageRoot, 'runner', file), 'utf8')),
    );
    expect(found).to.deep.equal([]);
  });
});
