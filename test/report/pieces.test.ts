import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { renderRun, renderRunParts } from '../../runner/report/render.ts';
import { resultOf, shopSamples } from './sample-run.ts';

const metrics = shopSamples({ seconds: 20, requestsPerSecond: 10 });
const result = resultOf(metrics);
const squeezed = (html: string) => html.replace(/\s+/g, '');

describe('the pieces of a report', () => {
  it('make up the whole page in order, with its title and data', async () => {
    const html = (await renderRun(result, metrics)).get('report.html') ?? '';
    const { title, pieces, data } = renderRunParts(result, metrics);
    const main = html.slice(html.indexOf('<main>') + '<main>'.length, html.indexOf('</main>'));
    expect(squeezed([...pieces.values()].join(''))).to.equal(squeezed(main));
    expect([...pieces.keys()]).to.include.members(['verdict', 'targets', 'endpoints', 'details']);
    expect(html).to.include(`<title>${title}</title>`).and.to.include(data);
  });

  it("are the shipped ones if a user's report.hbs marks none", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pieces-'));
    try {
      await writeFile(join(folder, 'report.hbs'), '<main>{{> kpis}}</main>');
      const keys = [...renderRunParts(result, metrics, { templatesDir: folder }).pieces.keys()];
      expect(keys).to.deep.equal([...renderRunParts(result, metrics).pieces.keys()]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
