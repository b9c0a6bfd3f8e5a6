// Every setting has a value and an origin; secrets are left out.

import { expect } from 'chai';
import { settingText } from '../../runner/config/setting-text.ts';
import { SETTING_DEFAULTS, type SettingsSource, settingsOf } from '../../runner/config/settings.ts';
import { settingsSchema } from '../../runner/config/settings-schema.ts';
import { DEFAULT_JUDGING } from '../../runner/model/run.ts';

const project: SettingsSource = {
  origin: 'ProjectConfig',
  from: 'ActiveConfig.yaml',
  settings: { records: false, baseline: null, environments: { shop: 'http://10.0.0.1' } },
};
const file: SettingsSource = {
  origin: 'novaperf.config',
  from: 'novaperf.config.ts',
  settings: { records: false, verdict: 'certain', environments: { shop: 'http://10.0.0.2', lab: 'http://10.0.0.3' } },
};

describe('settings', () => {
  it('include everything that the configuration may have', () => {
    expect(Object.keys(SETTING_DEFAULTS)).to.have.members(Object.keys(settingsSchema.shape));
  });

  it('include the defaults of verdicts', () => {
    const { verdict, inconclusive, warm_up, setup, degradation, change } = SETTING_DEFAULTS;
    expect({ thresholds: verdict, inconclusive, warmUp: warm_up, setup, degradation, change }).to.deep.equal(
      DEFAULT_JUDGING,
    );
  });

  it('accept the exit code of an inconclusive run as a word or as a number', () => {
    const codes = ['98', 98, 'fail', 'pass'].map((inconclusive) => settingsSchema.parse({ inconclusive }).inconclusive);
    expect(codes).to.deep.equal(['98', '98', 'fail', 'pass']);
  });

  const rows: [key: string, value: unknown, origin: string][] = [
    ['records', false, 'ProjectConfig'],
    ['verdict', 'certain', 'novaperf.config'],
    ['setup', 'count', 'default'],
    ['baseline', null, 'default'],
    ['environments.shop', 'http://10.0.0.1', 'ProjectConfig'],
    ['environments.lab', 'http://10.0.0.3', 'novaperf.config'],
  ];
  for (const [key, value, origin] of rows) {
    it(`give the origin of ${key}: ${origin}`, () => {
      const found = settingsOf([project, file]).find((each) => each.key === key);
      expect(found).to.include({ value, origin });
    });
  }

  const secret = 'Zq8-x7Lm2!';
  const texts: unknown[] = [
    { headers: { Authorization: `Bearer ${secret}` } },
    { env: { LEVEL: secret } },
    { command: 'server', args: ['--token', secret] },
    `http://me:${secret}@shop.example.com`,
    { password: secret },
  ];
  for (const value of texts) {
    it(`contain no secrets: ${Object.keys(Object(value)).slice(0, 2).join(', ')}`, () => {
      expect(settingText(value)).not.to.include(secret);
    });
  }
});
