// The section of the report on what was verified before load.

import { expect } from 'chai';
import type { Result } from '../../runner/model/result.ts';
import { verificationSection } from '../../runner/report/view/verification.ts';
import { resultOf, shopSamples } from './sample-run.ts';

type Verification = NonNullable<Result['verification']>;

const plain = resultOf(shopSamples({ seconds: 2, requestsPerSecond: 5 }));

function section(verification: Verification) {
  return verificationSection({ ...plain, verification });
}

const made = (state: Verification[number]['state'], detail = 'found'): Verification[number] => ({
  id: 'tls',
  title: 'Certificate',
  state,
  detail,
  duration_ms: 3,
});

describe('the section of what was verified', () => {
  it('is left out for a run without verification', () => {
    const { verification: _none, ...older } = plain;
    expect(verificationSection(older).table.isEmpty).to.equal(true);
    expect(section([]).table.isEmpty).to.equal(true);
  });

  it('counts passed checks, warnings and skipped checks', () => {
    const { title, note } = section([made('passed'), made('passed'), made('warning'), made('skipped')]);
    expect(title).to.equal('Pre-flight checks');
    expect(note).to.include('2 checks passed, 1 warning, 1 skipped');
  });

  for (const [state, word] of [
    ['passed', 'passed'],
    ['warning', 'warning'],
    ['failed', 'failed'],
    ['skipped', 'skipped'],
  ] as const) {
    it(`shows "${word}" with an icon next to a check that is ${state}`, () => {
      const [[check, found] = []] = section([made(state, 'ends in 9 days')]).table.rows;
      expect(check?.note).to.equal(word);
      expect(check?.icon).not.to.equal(null);
      expect(found?.text).to.equal('ends in 9 days');
    });
  }

  it('does not claim a verified environment if a check failed', () => {
    expect(section([made('failed')]).title).to.equal('Pre-flight checks failed');
  });

  it("shows a server's answer without misleading characters", () => {
    const [[, found] = []] = section([made('warning', `a\u202eb\n${'x'.repeat(2000)}`)]).table.rows;
    expect(found?.text).to.include('⟨U+202E⟩').and.not.to.include('\n');
    expect(found?.text.length).to.be.at.most(520);
  });
});
