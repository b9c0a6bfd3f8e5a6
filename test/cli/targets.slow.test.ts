import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { novaperf } from './in-process.ts';
import { project, readResult, runFolders } from './novaperf.ts';

const FILES: Readonly<Record<string, string>> = {
  'AcceptanceCriteria/Catalog_AC_v1.yaml': [
    'criteria:',
    '  - A visitor sees the products by name',
    '  - The list answers within 2 seconds for 95 % of requests',
    'p95_response_time: < 2 s under 1000 RPS',
    'p99_response_time: 9 s',
  ].join('\n'),
  'PerformanceTargets/Billing_Targets.yaml': 'p95_ms: 1,500\n',
  'PerformanceTargets/Search_Targets_v9.yaml': 'targets: [',
};

describe('targets as people write them', function () {
  this.timeout(120_000);
  let dir = '';
  let remove = async () => {};

  before(async () => {
    const made = await project({ shipped: true });
    dir = made.dir;
    remove = () => made.remove();
    for (const [name, text] of Object.entries(FILES)) {
      const path = join(dir, 'conport/custom_data', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  });
  after(() => remove());

  it('are listed with what is not judged, and a broken item hides no scenario', async () => {
    const { stdout, stderr, code } = await novaperf(['list', '--json'], { cwd: dir });
    expect(code).to.equal(0);
    const rows: Array<{ name: string; targets: string[]; targetProblems: string[] }> = JSON.parse(stdout);
    expect(rows.map(({ name }) => name)).to.deep.equal(['browse-catalog', 'checkout', 'search']);
    expect(rows[0]?.targets).to.include('http_req_duration{expected_response:true} p(95) < 2000 ms at 1000 requests/s');
    expect(rows[0]?.targetProblems.join()).to.include('within 2 seconds').and.to.include('statistic: p(95)');
    expect(rows[2]?.targetProblems.join()).to.include('Search_Targets_v9.yaml:1:');
    expect(stderr).to.include('PerformanceTargets:Billing_Targets is never judged');
  });

  it('are explained by config check', async () => {
    const { stdout, code } = await novaperf(['config', 'check', '--json'], { cwd: dir });
    const { problems }: { problems: Array<{ level: string; text: string }> } = JSON.parse(stdout);
    const [first, ...more] = problems.filter(({ level }) => level === 'warning');
    expect(code).to.equal(2);
    expect(
      problems
        .filter(({ level }) => level === 'error')
        .map(({ text }) => text)
        .join(),
    ).to.include('Search_Targets_v9');
    expect(first?.text).to.include('within 2 seconds');
    expect(more.map(({ text }) => text).join()).to.include('Billing_Targets');
  });

  it('are judged if the run reached their load, and the report names what could not be read', async () => {
    const args = ['run', 'browse-catalog', '--duration', '3s', '--vus', '12'];
    const { stderr } = await novaperf(args, { cwd: dir });
    expect(stderr).to.include('Not judged: "The list answers within 2 seconds');
    const [folder = ''] = await runFolders(dir);
    const result = await readResult(folder);
    expect(result.findings.map(({ title }) => title).join()).to.include('Search_Targets_v9.yaml:1:');
    const own = result.kpis.filter(({ source }) => source === 'acceptance');
    expect(own.map(({ id, verdict, reason }) => [id, verdict, reason])).to.have.deep.members([
      ['p95_response_time', 'inconclusive', 'load_short'],
      ['p99_response_time', 'inconclusive', 'too_short'],
    ]);
    expect(own[0]?.origin).to.deep.equal({
      item: 'AcceptanceCriteria:Catalog_AC_v1',
      version: 1,
      field: own[0]?.id,
    });
    expect(result.findings.filter(({ kind }) => kind === 'targets_unread')).to.have.length(1);

    const { stdout, code } = await novaperf(['targets', 'from', folder], { cwd: dir });
    expect(code).to.equal(0);
    const { targets }: { targets: Array<{ metric: string; target: number }> } = parse(stdout);
    const p95 = targets.find(({ metric }) => metric === 'http_req_duration')?.target ?? 0;
    expect(p95).to.be.greaterThan((result.latency?.p95 ?? 0) * 1.19);
    expect(targets.map(({ metric }) => metric)).to.include.members(['http_req_failed', 'checks']);
  });

  it('are proposed from sentences and saved as the next version', async () => {
    const { stdout } = await novaperf(['targets', 'propose', '--write'], { cwd: dir });
    expect(stdout).to.include('Wrote 1 to PerformanceTargets:Catalog_Targets_v2');
    const path = join(dir, 'conport/custom_data/PerformanceTargets/Catalog_Targets_v2.yaml');
    const item: { value: { targets: Array<{ target: number; unit: string }> } } = parse(await readFile(path, 'utf8'));
    expect(item.value.targets.length).to.be.greaterThan(1);
    expect(item.value.targets.at(-1)).to.include({ target: 2, unit: 'seconds' });
  });
});
