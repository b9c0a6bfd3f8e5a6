// The time of a periodic health check, in words or cron fields, becomes a crontab line or a CI job.

import { UserError } from '../system/errors.ts';
import { shellWord } from '../text/shell-word.ts';

/** Systems for which a schedule can be printed. */
export const SCHEDULERS = ['cron', 'github', 'gitlab'] as const;
/** A system for which a schedule can be printed. */
export type Scheduler = (typeof SCHEDULERS)[number];

const DAYS: Readonly<Record<string, string>> = {
  day: '*',
  days: '*',
  daily: '*',
  nightly: '*',
  weekday: '1-5',
  weekdays: '1-5',
  weekend: '6,0',
  weekends: '6,0',
  weekly: '1',
  sunday: '0',
  monday: '1',
  tuesday: '2',
  wednesday: '3',
  thursday: '4',
  friday: '5',
  saturday: '6',
};

/** The default time of day. */
const DEFAULT_TIME = '03:00';

/** Range of each field of cron: minute, hour, day of the month, month, day of the week. */
const FIELDS: ReadonlyArray<readonly [low: number, high: number]> = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];

/**
 * `weekdays 03:00`, `daily`, `monday and thursday 22:30`, `every 6 hours`, `hourly`, or five fields of cron → the five fields. Throws
 * a UserError for anything else. `where`: the place of the text.
 */
export function cronOf(text: string, where: string): string {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^every\s+/, '')
    .split(/[\s,]+/)
    .filter((word) => word !== 'and' && word !== 'at');
  const cron = fieldsOf(text.trim()) ?? hoursOf(words) ?? daysOf(words);
  if (cron !== undefined) return cron;
  throw new UserError(
    `Expected a schedule, such as 'weekdays 03:00', 'every 6 hours' or '0 3 * * 1-5', found "${text}".`,
    { where },
  );
}

function fieldsOf(text: string): string | undefined {
  const fields = text.split(/\s+/);
  return fields.length === FIELDS.length && fields.every(isField) ? fields.join(' ') : undefined;
}

function isField(field: string, index: number): boolean {
  const [low, high] = FIELDS[index] ?? [0, 0];
  return field.split(',').every((part) => {
    const [, from, to, step] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [undefined, 'x'];
    if (from === 'x') return false;
    const values = [from, to].flatMap((value) => (value === undefined ? [] : [Number(value)]));
    const inRange = values.every((value) => value >= low && value <= high);
    return (
      inRange && (values.length < 2 || (values[0] ?? 0) <= (values[1] ?? 0)) && (step === undefined || Number(step) > 0)
    );
  });
}

function hoursOf(words: readonly string[]): string | undefined {
  if (words.length === 1 && (words[0] === 'hourly' || words[0] === 'hour')) return '0 * * * *';
  const [count, unit] = words;
  const hours = Number(count);
  const isHours = words.length === 2 && unit !== undefined && /^hours?$/.test(unit);
  // Must divide 24, because cron starts again each day.
  return isHours && Number.isInteger(hours) && hours > 0 && hours < 24 && 24 % hours === 0
    ? `0 */${hours} * * *`
    : undefined;
}

function daysOf(words: readonly string[]): string | undefined {
  const last = words.at(-1) ?? '';
  const hasTime = /^\d{1,2}:\d{2}$/.test(last);
  const [hour = '', minute = ''] = (hasTime ? last : DEFAULT_TIME).split(':');
  const names = hasTime ? words.slice(0, -1) : words;
  const days = names.map((name) => DAYS[name] ?? DAYS[name.replace(/s$/, '')]);
  if (days.length === 0 || days.includes(undefined) || Number(hour) > 23 || Number(minute) > 59) return undefined;
  return `${Number(minute)} ${Number(hour)} * * ${days.includes('*') ? '*' : days.join(',')}`;
}

/** What is run, and where. */
export interface ScheduledCheck {
  readonly cron: string;
  readonly scenarios: readonly string[];
  /** Arguments of `novaperf run` without the scenarios. */
  readonly flags: readonly string[];
  /** The project's folder, absolute. */
  readonly projectDir: string;
  /** Folder of the reports, relative to the project's. */
  readonly out: string;
  /** Absolute paths of Node and of the program, for cron, which has no PATH. */
  readonly node: string;
  readonly program: string;
}

/** Arguments of every health check: its trigger, the last green runs as baseline, and waiting for other load on the system. */
const COMMON = ['--trigger', 'health-check', '--baseline', 'green', '--wait', '1h'];

/** The text for a crontab, a workflow or a pipeline. Installs nothing. */
export function renderSchedule(check: ScheduledCheck, scheduler: Scheduler): string {
  const args = ['run', ...check.scenarios, ...check.flags, ...COMMON].map(shellWord).join(' ');
  switch (scheduler) {
    case 'cron':
      return cronLine(check, args);
    case 'github':
      return githubJob(check, args);
    case 'gitlab':
      return gitlabJob(check, args);
  }
}

function cronLine({ cron, projectDir, node, program }: ScheduledCheck, args: string): string {
  const command = `cd ${shellWord(projectDir)} && mkdir -p .nova && ${shellWord(node)} ${shellWord(program)} ${args} >> .nova/health-check.log 2>&1`;
  // cron treats an unescaped % as the end of the line.
  return `# Performance health check; times are those of this machine. Add it with crontab -e.\n${cron} ${command.replaceAll('%', '\\%')}\n`;
}

function githubJob({ cron, out }: ScheduledCheck, args: string): string {
  return `# .github/workflows/performance-health-check.yml; GitHub's times are UTC.
name: performance health check

on:
  schedule:
    - cron: '${cron}'
  workflow_dispatch:

concurrency: performance-health-check

jobs:
  health-check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - uses: actions/cache@v4
        with:
          path: ~/.cache/novaperf
          key: novaperf-\${{ runner.os }}-\${{ hashFiles('package-lock.json', 'pnpm-lock.yaml', 'yarn.lock') }}
      # The earlier runs: what this one is compared with, and the trends.
      - uses: actions/cache/restore@v4
        with:
          path: ${out}
          key: performance-history-\${{ github.run_id }}-\${{ github.run_attempt }}
          restore-keys: performance-history-
      - run: npm ci
      - run: npx novaperf ${args}
      - if: always()
        uses: actions/cache/save@v4
        with:
          path: ${out}
          key: performance-history-\${{ github.run_id }}-\${{ github.run_attempt }}
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: performance-report
          path: ${out}
          include-hidden-files: true
`;
}

function gitlabJob({ cron, out }: ScheduledCheck, args: string): string {
  return `# For .gitlab-ci.yml. Set the time in Build > Pipeline schedules: ${cron}
performance-health-check:
  image: node:22
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  resource_group: performance-health-check
  variables:
    NOVAPERF_CACHE: $CI_PROJECT_DIR/.novaperf-cache
  cache:
    - key: novaperf
      paths:
        - .novaperf-cache
    # The earlier runs: what this one is compared with, and the trends.
    - key: performance-history
      when: always
      paths:
        - ${out}
  script:
    - npm ci
    - npx novaperf ${args}
  artifacts:
    when: always
    paths:
      - ${out}
    reports:
      junit: ${out}/*/junit.xml
      metrics: ${out}/metrics.txt
`;
}
