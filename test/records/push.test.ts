import { expect } from 'chai';
import type { Progress } from '../../runner/config/items.ts';
import { marked, parentsFirst } from '../../runner/records/push.ts';
import { withSighting } from '../../runner/records/push-custom-data.ts';
import { serverText, serverValue, wantedKey } from '../../runner/records/server-names.ts';
import { emptySyncMap, hashOf } from '../../runner/records/sync-map.ts';

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

  it('is known again by its own mark, whatever the text before it looks like', () => {
    const rows = [
      { id: 7, text: `scenario novaperf:progress/1@${at} x\n[novaperf:progress/5@${at}]` },
      { id: 8, text: 'theirs' },
      { id: 9, text: null },
    ];
    expect([...marked(rows, ({ text }) => text)]).to.deep.equal([[`novaperf:progress/5@${at}`, 7]]);
  });

  it('names items by the numbers and keys that the server has for them', () => {
    const map = emptySyncMap();
    map.progress = { 1: { timestamp: at, server_id: 41, hash: '' }, 2: { timestamp: at, server_id: 42, hash: '' } };
    map.decisions = { 1: { timestamp: at, server_id: 9, hash: '' } };
    map.custom_data = { 'PerformanceNotes:N': { server_key: 'N_2', hash: '' } };
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
    expect(serverText(map, 'Progress 1 is DONE; see PerformanceNotes:N.')).to.equal(
      'Progress 41 is DONE; see PerformanceNotes:N_2.',
    );
  });

  it('is compared without regard to the order of keys', () => {
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
    [{ status: 'CLOSED_WONTFIX' }, { status: 'OPEN', occurrences: 2 }, { status: 'CLOSED_WONTFIX', occurrences: 2 }],
  ];
  for (const [theirs, ours, merged] of sightings) {
    it(`brings sightings to an error that is ${Object(theirs).status} there, and nothing else`, () => {
      expect(withSighting(theirs, ours)).to.deep.equal(merged);
    });
  }
});
