// The pre-flight checks as a section, each with its result.

import type { Result } from '../../model/result.ts';
import { plural } from '../../text/format.ts';
import { table, textCell, textColumn } from './cells.ts';
import type { Icon, Section, Tone } from './model.ts';

type State = NonNullable<Result['verification']>[number]['state'];

const STATES: Readonly<Record<State, { readonly icon: Icon; readonly tone: Tone; readonly word: string }>> = {
  passed: { icon: 'pass', tone: 'good', word: 'passed' },
  warning: { icon: 'warn', tone: 'warn', word: 'warning' },
  failed: { icon: 'fail', tone: 'bad', word: 'failed' },
  skipped: { icon: 'unknown', tone: 'neutral', word: 'skipped' },
};

/** The section; its table is empty if nothing was verified, as for an imported stream. */
export function verificationSection({ verification = [] }: Result): Section {
  const amount = (state: State) => verification.filter((each) => each.state === state).length;
  const [warnings, failures] = [amount('warning'), amount('failed')];
  const title = failures > 0 ? 'Pre-flight checks failed' : 'Pre-flight checks';
  const counts = [
    `${plural(amount('passed'), 'check')} passed`,
    ...(warnings === 0 ? [] : [plural(warnings, 'warning')]),
    ...(failures === 0 ? [] : [`${failures} failed`]),
    ...(amount('skipped') === 0 ? [] : [`${amount('skipped')} skipped`]),
  ];
  return {
    id: 'verification',
    title,
    note: `Before the load: ${counts.join(', ')}.`,
    table: {
      ...table(
        'verification',
        title,
        [textColumn('Check'), textColumn('Result')],
        verification.map(({ title: what, state, detail }) => [
          textCell(what, { icon: STATES[state].icon, tone: STATES[state].tone, note: STATES[state].word }),
          textCell(detail, { limit: 500 }),
        ]),
        'There were no pre-flight checks.',
      ),
      isLong: false,
    },
  };
}
