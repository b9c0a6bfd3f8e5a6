import { expect } from 'chai';
import type { Progress } from '../../runner/config/items.ts';
import { mergedIssues } from '../../runner/records/server/push-active-context.ts';
import { withSighting } from '../../runner/records/server/push-custom-data.ts';
import { parentsFirst } from '../../runner/records/server/push-progress.ts';
import {
  marked,
  markedValue,
  markIn,
  markName,
  unmarked,
  unmarkedValue,
} from '../../runner/records/server/sync-mark.ts';
import { threeWay } from '../../runner/records/server/three-way.ts';
import { type Standing, sentenceOf, withSentence } from '../../runner/records/store/own-sentence.ts';
import { serverValue, wantedKey } from '../../runner/records/store/server-names.ts';
import { emptySyncMap, hashOf } from '../../runner/records/store/sync-map.ts';

const at = '2026-11-23T14:00:00.000Z';
const item = (id: number, parent_id: number | null): Progress => ({
  ...{ id, parent_id, timestamp: at, status: 'TODO', description: 'x' },
});

describe('what is sent to a ConPort server', () => {
  const orders: ReadonlyArray<[items: Progress[], order: number[]]> = [
    [
      [item(1, null), item(2, 1)],
      [1, 2],
    ],
    [
      [item(1, 3), item(2, null), item(3, 2)],
      [2, 3, 1],
    ],
    [[item(1, 99)], [1]],
    [
      [item(1, 2), item(2, 1)],
      [2, 1],
    ],
    [[item(1, 1)], [1]],
  ];
  for (const [items, order] of orders) {
    it(`goes parents first: ${order.join(', ')}`, () => {
      expect(parentsFirst(items).map(({ id }) => id)).to.deep.equal(order);
    });
  }

  it('is recognised by its mark with its base, whatever text precedes it', () => {
    const name = markName('progress', item(5, null));
    const base = { sent: 'abc1', there: 'def2' };
    const text = marked(`scenario novaperf:progress/1@${at} x`, name, base);
    expect(markIn(text)).to.deep.equal({ name, base });
    expect(unmarked(text)).to.equal(`scenario novaperf:progress/1@${at} x`);
    // Text that people add after the mark stays.
    expect(unmarked(`${text}\nKim: looked into it`)).to.equal(
      `scenario novaperf:progress/1@${at} x\nKim: looked into it`,
    );
    expect(markIn('theirs')).to.equal(undefined);
    expect(unmarkedValue(markedValue({ a: 1 }, name, { sent: 'a', there: 'a' }))).to.deep.equal({
      value: { a: 1 },
      mark: { name, base: { sent: 'a', there: 'a' } },
    });
  });

  const ways: ReadonlyArray<[mine: string, theirs: string, base: [string, string] | undefined, decision: string]> = [
    ['a', 'a', undefined, 'same'],
    ['a', 'b', undefined, 'conflict'],
    ['b', 'a', ['a', 'a'], 'send'],
    ['a', 'b', ['a', 'a'], 'keep'],
    ['b', 'c', ['a', 'a'], 'conflict'],
    ['b', 'b', ['a', 'a'], 'same'],
    // Theirs was chosen before, so it stays until ours changes again.
    ['a', 'b', ['a', 'b'], 'keep'],
    ['c', 'b', ['a', 'b'], 'conflict'],
    ['a', 'c', ['a', 'b'], 'keep'],
  ];
  for (const [mine, theirs, base, decision] of ways) {
    const [sent, there] = base ?? [];
    it(`of ours ${mine}, theirs ${theirs} and base ${base?.join('/') ?? 'unknown'} is: ${decision}`, () => {
      expect(threeWay(mine, theirs, base && { sent: sent ?? '', there: there ?? '' })).to.equal(decision);
    });
  }

  const standing: Standing = {
    ...{
      component: 'Catalog',
      environment: 'demo',
      build_version: '1.4.2',
      ended_at: at,
      summary: '1 of 1 passed [x]',
    },
    ...{ status: 'DONE', progress_id: 1, report: 'TestExecutionReports:R_1' },
  };

  it("adds its own sentence to the project's state of the union, once", () => {
    const map = emptySyncMap();
    map.progress = { 1: { timestamp: at, server_id: 41, server_timestamp: at, sent: '', there: '' } };
    map.custom_data = { 'TestExecutionReports:R_1': { server_key: 'R_7', sent: '', there: '' } };
    const sentence = sentenceOf(standing, map);
    expect(sentence).to.equal(
      '[Performance of Catalog on demo, build 1.4.2 (2026-11-23 14:00 UTC): 1 of 1 passed (x). Progress 41 is DONE; TestExecutionReports:R_7.]',
    );
    const once = withSentence('Sprint 12 is under way.', standing, sentence);
    expect(once).to.equal(`Sprint 12 is under way. ${sentence}`);
    const later = sentenceOf({ ...standing, summary: 'all failed' });
    expect(withSentence(`${once} Kim is away.`, standing, later)).to.equal(
      `Sprint 12 is under way. ${later} Kim is away.`,
    );
    const other = { ...standing, environment: 'demo-2' };
    expect(withSentence(once, other, sentenceOf(other)))
      .to.include(sentence)
      .and.to.include('on demo-2');
  });

  const lists: ReadonlyArray<[what: string, theirs: unknown[], ours: unknown[], sent: string[], merged: unknown[]]> = [
    ['a new one', ['db'], ['ErrorLogs:A: x'], [], ['db', 'ErrorLogs:A: x']],
    ['one that is settled', ['ErrorLogs:A: x', 'db'], [], ['ErrorLogs:A: x'], ['db']],
    ['one that has changed here', ['ErrorLogs:A: x'], ['ErrorLogs:A: y'], ['ErrorLogs:A: x'], ['ErrorLogs:A: y']],
    ['one that was changed there', ['ErrorLogs:A: Kim'], ['ErrorLogs:A: y'], ['ErrorLogs:A: x'], ['ErrorLogs:A: Kim']],
    [
      'one that is settled here and was changed there',
      ['ErrorLogs:A: Kim'],
      [],
      ['ErrorLogs:A: x'],
      ['ErrorLogs:A: Kim'],
    ],
    ["another machine's", ['ErrorLogs:B: x'], ['ErrorLogs:A: x'], [], ['ErrorLogs:B: x', 'ErrorLogs:A: x']],
  ];
  for (const [what, theirs, ours, sent, merged] of lists) {
    it(`merges open issues: ${what}`, () => expect(mergedIssues(theirs, ours, sent)).to.deep.equal(merged));
  }

  it("refers to items by the server's numbers and keys", () => {
    const map = emptySyncMap();
    const sent = { timestamp: at, server_timestamp: at, sent: '', there: '' };
    map.progress = { 1: { ...sent, server_id: 41 }, 2: { ...sent, server_id: 42 } };
    map.decisions = { 1: { ...sent, server_id: 9 } };
    map.custom_data = { 'PerformanceNotes:N': { server_key: 'N_2', sent: '', there: '' } };
    expect(wantedKey(map, 'LeadPhaseExecutionPlan', '1_QAPlan')).to.equal('41_QAPlan');
    expect(wantedKey(map, 'PerformanceNotes', '1_QAPlan')).to.equal('1_QAPlan');
    const value = {
      progress_id: 1,
      scenarios: [{ progress_id: 2, performance_notes: ['N', 'M'] }],
      fix_details: { related_decision_id: 1 },
      related_conport_items: [
        { type: 'progress_entry', id_or_key: '2' },
        { type: 'custom_data', id_or_key: 'PerformanceNotes:N' },
      ],
      samples: 1,
    };
    expect(serverValue(map, value)).to.deep.equal({
      progress_id: 41,
      scenarios: [{ progress_id: 42, performance_notes: ['N_2', 'M'] }],
      fix_details: { related_decision_id: 9 },
      related_conport_items: [
        { type: 'progress_entry', id_or_key: '42' },
        { type: 'custom_data', id_or_key: 'PerformanceNotes:N_2' },
      ],
      samples: 1,
    });
  });

  it('is compared regardless of the order of keys', () => {
    expect(hashOf({ a: 1, b: [{ c: 'x', d: null }] })).to.equal(hashOf({ b: [{ d: null, c: 'x' }], a: 1 }));
    expect(hashOf([1, 2])).not.to.equal(hashOf([2, 1]));
    expect(hashOf('1')).not.to.equal(hashOf(1));
  });

  const sightings: ReadonlyArray<[theirs: object, ours: object, merged: object]> = [
    [
      { status: 'INVESTIGATING', owner: 'Kim', occurrences: 1 },
      { status: 'OPEN', occurrences: 5, last_run: 'r' },
      { status: 'INVESTIGATING', owner: 'Kim', occurrences: 5, last_run: 'r' },
    ],
    [
      { status: 'RESOLVED', runs_seen: 1 },
      { status: 'OPEN', runs_seen: 2 },
      { status: 'REOPENED', runs_seen: 2 },
    ],
    [
      { status: 'RESOLVED', runs_seen: 2 },
      { status: 'INVESTIGATING', runs_seen: 2 },
      { status: 'RESOLVED', runs_seen: 2 },
    ],
    [
      { status: 'OPEN', runs_seen: 2 },
      { status: 'RESOLVED', runs_seen: 2, settled_in_run: 'r', verification_notes: 'gone' },
      { status: 'RESOLVED', runs_seen: 2, settled_in_run: 'r', verification_notes: 'gone' },
    ],
    [
      { status: 'INVESTIGATING', runs_seen: 2 },
      { status: 'RESOLVED', runs_seen: 2, settled_in_run: 'r' },
      { status: 'INVESTIGATING', runs_seen: 2 },
    ],
    [{ status: 'CLOSED_WONTFIX' }, { status: 'OPEN', occurrences: 2 }, { status: 'CLOSED_WONTFIX', occurrences: 2 }],
  ];
  for (const [theirs, ours, merged] of sightings) {
    it(`updates only the sightings of an error that is ${Object(theirs).status} there`, () => {
      expect(withSighting(theirs, ours)).to.deep.equal(merged);
    });
  }
});
