import { join } from 'node:path';
import { expect } from 'chai';
import { parseStack, placeOf } from '../../runner/k6/exceptions.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

describe('the place of an exception', () => {
  for (const ours of [
    'runner/scenario/module-folders.ts',
    'dist/esm/scenario/module-folders.js',
    'node_modules/x/y.js',
  ])
    it(`is in the user's script, not in ${ours}`, () => {
      const { message, frames } = parseStack(
        `GoError: stat x.json: no such file\n\tat open (file://${join(packageRoot, ours)}:20:39(7))\n\tat file:///s/lib/data.js:26:5(50)\n`,
      );
      expect(message).to.equal('GoError: stat x.json: no such file');
      expect(placeOf(frames)).to.match(/^\/s\/lib\/data\.js:26:/);
    });
});
