// A written time becomes cron's five fields or an error; the printed lines work in cron and CI.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { configuredSchedule } from '../../runner/project/configured-schedule.ts';
import { cronOf, renderSchedule } from '../../runner/project/schedule.ts';
import { errorOf } from '../records/error-of.ts';
import { inTemporaryFolder } from '../records/samples.ts';

const CHECK = {
  ...{ cron: '0 3 * * 1-5', scenarios: ['browse'], flags: ['--profile', 'load', '--env', '100%'] },
  ...{ projectDir: "/srv/it's", out: '.nova/out', node: '/usr/bin/node', program: '/srv/novaperf.js' },
};

describe('a scheduled health check', () => {
  const times: ReadonlyArray<[text: string, cron: string]> = [
    ['weekdays 03:00', '0 3 * * 1-5'],
    ['Daily 22:30', '30 22 * * *'],
    ['every day at 7:05', '5 7 * * *'],
    ['weekly', '0 3 * * 1'],
    ['monday and thursday 12:00', '0 12 * * 1,4'],
    ['Sundays, 00:00', '0 0 * * 0'],
    ['weekends 06:00', '0 6 * * 6,0'],
    ['every 6 hours', '0 */6 * * *'],
    ['hourly', '0 * * * *'],
    ['*/15 2-4 1,15 * 1-5', '*/15 2-4 1,15 * 1-5'],
  ];
  for (const [text, cron] of times) {
    it(`at "${text}" is ${cron}`, () => expect(cronOf(text, '--every')).to.equal(cron));
  }

  for (const text of [
    '',
    'sometimes',
    'weekdays 25:00',
    'daily 03:60',
    'every 7 hours',
    '0 24 * * *',
    '5-2 * * * *',
    '* * * * * *',
  ]) {
    it(`at "${text}" is an error`, async () => {
      expect((await errorOf(async () => cronOf(text, '--every'))).message).to.contain('Expected a schedule');
    });
  }

  it('can be one line of a crontab, with quotes and without a bare %', () => {
    const line = renderSchedule(CHECK, 'cron').trimEnd().split('\n').at(-1) ?? '';
    expect(line).to.match(/^0 3 \* \* 1-5 cd '\/srv\/it'\\''s' && /);
    expect(line).to.include('run browse --profile load --env 100\\% --trigger health-check --baseline green');
  });

  it('can be a GitHub workflow that keeps its history', () => {
    const workflow = parse(renderSchedule(CHECK, 'github'));
    expect(workflow.on.schedule).to.deep.equal([{ cron: CHECK.cron }]);
    const { steps } = workflow.jobs['health-check'];
    const uses = steps.map((step: { uses?: string }) => step.uses ?? '');
    const at = (text: string) => uses.findIndex((name: string) => name.startsWith(text));
    const run = steps.findIndex((step: { run?: string }) => step.run?.includes('--baseline green'));
    expect(at('actions/cache/restore')).to.be.below(run);
    expect(at('actions/cache/save')).to.be.above(run);
  });

  it('can be a GitLab job for scheduled pipelines', () => {
    const job = parse(renderSchedule(CHECK, 'gitlab'))['performance-health-check'];
    expect(job.rules).to.deep.equal([{ if: '$CI_PIPELINE_SOURCE == "schedule"' }]);
    expect(job.cache[1]).to.include({ when: 'always' });
  });

  it('is read from any place in NovaSystemConfig', () =>
    inTemporaryFolder(async (folder) => {
      expect(await configuredSchedule(folder)).to.equal(undefined);
      const path = join(folder, 'custom_data/NovaSystemConfig');
      await mkdir(path, { recursive: true });
      const write = (text: string) => writeFile(join(path, 'ActiveSettings.yaml'), text);
      await write('mode_behavior:\n  nova-leadqa:\n    performance_check_schedule: weekdays 03:00\n');
      expect(await configuredSchedule(folder)).to.include({ every: 'weekdays 03:00' });
      await write('performance_check_schedule: { every: weekly, profile: soak, environment: staging }\n');
      expect(await configuredSchedule(folder)).to.include({ every: 'weekly', profile: 'soak', environment: 'staging' });
      for (const text of ['none', '[1]', '{ every: daily, enabled: false }']) {
        await write(`performance_check_schedule: ${text}\n`);
        expect((await errorOf(() => configuredSchedule(folder))).where).to.contain('ActiveSettings.yaml:1');
      }
    }));
});
