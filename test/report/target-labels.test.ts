import { expect } from 'chai';
import { rightEnds } from '../../runner/report/charts/target-labels.ts';

describe('labels of target lines', () => {
  const rows: ReadonlyArray<readonly [what: string, labels: Array<[y: number, width: number]>, ends: number[]]> = [
    [
      'far apart end at the right',
      [
        [100, 80],
        [50, 80],
      ],
      [300, 300],
    ],
    [
      'close to one another are placed side by side',
      [
        [100, 80],
        [95, 60],
        [90, 70],
      ],
      [300, 210, 140],
    ],
    [
      'close to only one of two move aside for that one',
      [
        [100, 80],
        [50, 60],
        [55, 70],
      ],
      [300, 300, 230],
    ],
    ['are empty without lines', [], []],
  ];
  for (const [what, labels, ends] of rows) {
    it(what, () => {
      const sized = labels.map(([y, width]) => ({ y, width }));
      expect(rightEnds(sized, 300, 14, 10)).to.deep.equal(ends);
    });
  }
});
