// The table of profiles becomes Markdown: what docs/profiles.md prints is what runs.

import { PROFILES } from '../runner/model/plan.ts';
import { PROFILE_SHAPES } from '../runner/scenario/profile-shapes.ts';
import { formatDuration } from '../runner/system/duration.ts';

const MOST_STEPS = 12;

/** One row a profile: its question, its load over time in percent of the base, the k6 executors, its length. */
export function profilesTable(): string {
  const rows = PROFILES.map((profile) => {
    const { purpose, steps, baseCap } = PROFILE_SHAPES[profile];
    const cap = baseCap === undefined ? '' : ` (the base is limited to ${baseCap} VUs or ${baseCap}/s)`;
    const executors = steps.length === 1 ? 'constant-vus, constant-arrival-rate' : 'ramping-vus, ramping-arrival-rate';
    const wholeMs = steps.reduce((sum, { seconds }) => sum + seconds * 1000, 0);
    return [`\`${profile}\``, purpose, overTime(profile) + cap, executors, formatDuration(wholeMs)];
  });
  const header = ['profile', 'the question', 'load over time, 100 % = the base', 'k6 executor: closed, open', 'length'];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function overTime(profile: (typeof PROFILES)[number]): string {
  let previous = 0;
  const parts = PROFILE_SHAPES[profile].steps.map(({ seconds, factor, kind }) => {
    const length = formatDuration(seconds * 1000);
    const held = factor === previous || kind === 'hold';
    previous = factor;
    return held ? `${factor * 100} % for ${length}` : `to ${factor * 100} % in ${length}`;
  });
  if (parts.length <= MOST_STEPS) return parts.join(', ');
  return [...parts.slice(0, 4), '…', ...parts.slice(-2)].join(', ');
}
