import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { beginCycle } from '../../runner/records/cycle/cycle-begin.ts';
import { openStore } from '../../runner/records/store/store.ts';
import { novaperf as runNovaperf } from '../cli/in-process.ts';
import { aPlan, inTemporaryFolder } from './samples.ts';

const novaperf = (cwd: string, ...args: string[]) => runNovaperf(args, { cwd });

/** A cycle left open by an ended process: no system assigns this number. */
async function leaveOpen(folder: string): Promise<void> {
  const store = await openStore(join(folder, 'conport'));
  const { progressId } = await beginCycle(store, {
    ...{ component: 'Catalog', scenarios: [aPlan()], environment: 'demo', targetUrl: '', buildVersion: '' },
    ...{ trigger: 'requested', beganAtMs: Date.now() },
  });
  await store.progress.update(progressId, (entry) => ({
    ...entry,
    runner: { ...Object(entry.runner), pid: 4_194_305 },
  }));
}

describe('novaperf conport check', () => {
  it('finds a cycle that was left open, exits with 2, and repairs it with --repair', async () => {
    await inTemporaryFolder(async (folder) => {
      await leaveOpen(folder);
      const found = await novaperf(folder, 'conport', 'check');
      expect(found.stdout).to.contain('progress 1 is open: its process 4194305 ').and.to.contain('--repair');
      expect(found.code).to.equal(2);
      const repaired = await novaperf(folder, 'conport', 'check', '--repair', '--json');
      expect(JSON.parse(repaired.stdout)).to.include({ records: 8 }).and.to.deep.include({ open_cycles: [] });
      expect(JSON.parse(repaired.stdout).repaired[0]).to.contain('progress 1 is BLOCKED now');
      expect(repaired.code).to.equal(0);
    });
  });

  it('creates nothing in an empty project', async () => {
    await inTemporaryFolder(async (folder) => {
      expect((await novaperf(folder, 'conport', 'check')).code).to.equal(0);
      expect(await readdir(folder)).to.deep.equal([]);
    });
  });
});

describe('novaperf config check', () => {
  it('lists what exists and what is missing, and exits with 2 for an unusable file', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'conport/custom_data/ProjectConfig/ActiveConfig.yaml');
      await mkdir(dirname(path), { recursive: true });
      await writeFile(
        path,
        'project_name: shop\ntesting:\n  environments:\n    performance_env_url: https://perf.example.com\n',
      );
      const fine = await novaperf(folder, 'config', 'check');
      expect(fine.stdout).to.contain('performance (default): https://perf.example.com');
      expect(fine.stdout).to.contain('note: Environment "performance" has no health_path');
      expect(fine.code).to.equal(0);
      await writeFile(path, 'testing: [\n');
      const broken = await novaperf(folder, 'config', 'check');
      expect(broken.stdout).to.match(
        /^error: Expected ProjectConfig:ActiveConfig in YAML, found: .*\n {2}at .*ActiveConfig\.yaml:\d+:\d+/,
      );
      expect(broken.code).to.equal(2);
    });
  });
});

describe('novaperf conport push', () => {
  it('is an error without a server in ProjectConfig, and writes nothing', async () => {
    await inTemporaryFolder(async (folder) => {
      const { code, stderr } = await novaperf(folder, 'conport', 'push');
      expect(stderr).to.match(/^Expected testing\.performance\.conport_server in ProjectConfig, found none\./);
      expect(code).to.equal(2);
      expect(
        await access(join(folder, 'conport')).then(
          () => true,
          () => false,
        ),
      ).to.equal(false);
    });
  });
});
