// The live view with real k6 on a real pseudo-terminal, read from a terminal emulator.

import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../runner/system/package-root.ts';
import { project } from './novaperf.ts';
import { attach } from './pseudo-terminal.ts';

const SCRIPT = (url: string) => `
import http from 'k6/http';
import { sleep } from 'k6';
export const options = { vus: 2, duration: '60s', thresholds: { http_req_duration: ['p(95)<0.001'], checks: ['rate>0.9'] } };
export default function () {
  http.get('${url}/', { tags: { name: 'home' } });
  http.get('${url}/', { tags: { name: '\\u001b[2J\\u001b[31mgone\\nsecond line \\u202e' } });
  if (__ITER === 40) { console.warn('a line of the script'); throw new Error('on purpose'); }
  sleep(0.02);
}
`;

describe('the live view on a terminal', function () {
  this.timeout(120_000);

  for (const size of [
    { columns: 100, rows: 30 },
    { columns: 40, rows: 12 },
  ]) {
    it(`is redrawn in place, without control characters of the script, in a window of ${size.columns} by ${size.rows}`, async () => {
      const { dir, remove } = await project();
      const server = createServer((_, response) => setTimeout(() => response.end('ok'), 2));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      await writeFile(join(dir, 'script.js'), SCRIPT(`http://127.0.0.1:${port}`));
      const attached = attach([process.execPath, join(packageRoot, 'dist/novaperf.js'), 'run', 'script.js'], size, {
        cwd: dir,
      });
      const has = (lines: readonly string[], pattern: RegExp) => lines.some((line) => pattern.test(line));
      const lines = await attached.until(
        (seen) =>
          has(seen, /all( requests)? +[\d.]+( k)?\/s/) &&
          has(seen, /1 not met/) &&
          has(seen, /GET home/) &&
          has(seen, /00:0[6-9]/),
      );
      const text = lines.join('\n');
      expect(text).to.include('exceptions in the script').and.to.include('2 VUs');
      // Redrawn, not repeated: each part is there once.
      for (const piece of ['last 5 s', 'targets:', '2 VUs']) expect(text.split(piece), piece).to.have.length(2);
      // In a narrow window the script's lines are wrapped, and stay above the area.
      const whole = attached.screen.history().join('');
      expect(whole.split('a line of the script')).to.have.length.above(1);
      expect(attached.written()).not.to.include('\u001b[31mgone').and.not.to.include('\u001b[2J\u001b[31m');
      attached.interrupt();
      expect(await attached.ended).to.equal(105);
      expect(attached.screen.history().join('\n')).to.include('Stopping gracefully').and.to.include('ABORTED');
      server.close();
      await remove();
    });
  }

  it('has no colours with NO_COLOR', async () => {
    const { dir, remove } = await project();
    await writeFile(
      join(dir, 'script.js'),
      `import { sleep } from 'k6';\nexport const options = { vus: 1, duration: '3s' };\nexport default function () { sleep(0.2); }\n`,
    );
    const attached = attach(
      [process.execPath, join(packageRoot, 'dist/novaperf.js'), 'run', 'script.js'],
      { columns: 80, rows: 24 },
      { cwd: dir, env: { NO_COLOR: '1' } },
    );
    await attached.until((lines) => lines.some((line) => /all iterations +[\d.]+\/s/.test(line)));
    expect(await attached.ended).to.equal(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(attached.written()).not.to.match(/\u001b\[[\d;]*m/);
    await remove();
  });
});
