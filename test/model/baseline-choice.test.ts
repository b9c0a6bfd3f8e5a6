import { expect } from 'chai';
import { type ComparedWith, choiceOf, choiceText, comparedWith } from '../../runner/model/baseline-choice.ts';

describe('what a run is compared with', () => {
  const rows: ReadonlyArray<readonly [text: string, choice: ComparedWith]> = [
    ['none', { kind: 'none' }],
    ['latest', { kind: 'latest' }],
    ['green', { kind: 'green' }],
    ['build:1.4.1', { kind: 'build', build: '1.4.1' }],
    ['build:a:b', { kind: 'build', build: 'a:b' }],
    ['branch:feature/x', { kind: 'branch', branch: 'feature/x' }],
    ['shop_20261130T131039Z', { kind: 'run', run: 'shop_20261130T131039Z' }],
    ['build', { kind: 'run', run: 'build' }],
    ['against', { kind: 'run', run: 'against' }],
    ['against:http://127.0.0.1:8080/', { kind: 'against', system: 'http://127.0.0.1:8080/' }],
    ['side-by-side:staging', { kind: 'side-by-side', system: 'staging' }],
  ];
  for (const [text, choice] of rows) {
    it(`is the same after it was written: ${text}`, () => {
      expect(comparedWith(text)).to.deep.equal(choice);
      expect(choiceText(choice)).to.equal(text);
    });
  }

  it('is a run for a flag that names another system', () => {
    expect(choiceOf('against:http://x')).to.deep.equal({ kind: 'run', run: 'against:http://x' });
  });

  it('is written as the name of the folder for the path of a run', () => {
    expect(choiceText({ kind: 'run', run: '/runs/shop_1' })).to.equal('shop_1');
  });
});
