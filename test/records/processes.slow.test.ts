import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { findOpenCycles } from '../../runner/records/cycle/open-cycles.ts';
import { checkStore, repairStore } from '../../runner/records/repair/check.ts';
import { errorLogSchema } from '../../runner/records/store/error-log-value.ts';
import { testExecutionReportSchema } from '../../runner/records/store/report-value.ts';
import { openStore } from '../../runner/records/store/store.ts';
import { type Bundled, bundled } from '../bundled.ts';
import { inTemporaryFolder } from './samples.ts';

const FIXTURE = fileURLToPath(new URL('../fixtures/records/cycles.ts', import.meta.url));
const PROCESSES = 5;
const CYCLES = 2 * PROCESSES;

let fixture: Bundled;

function startCycles(dir: string, mode: string, out: string) {
  const child = spawn(process.execPath, [fixture.path, dir, mode, out], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const firstLine = once(createInterface(child.stdout), 'line').then(([line]) => String(line));
  return { child, firstLine, ended: once(child, 'exit') };
}

describe('records of many processes', () => {
  before(async () => {
    fixture = await bundled(FIXTURE);
  });
  after(() => fixture.remove());

  it(`of ${CYCLES} cycles at once, in ${PROCESSES} processes, have unique ids and keys and valid links, and their error is counted once`, async function () {
    this.timeout(400_000);
    await inTemporaryFolder(async (folder) => {
      const dir = join(folder, 'conport');
      const cycles = Array.from({ length: PROCESSES }, () => startCycles(dir, String(CYCLES / PROCESSES), ''));
      const codes = await Promise.all(cycles.map(({ ended }) => ended.then(([code]) => code)));
      expect(codes).to.deep.equal(Array(PROCESSES).fill(0));

      const store = await openStore(dir);
      const items = await store.progress.all();
      // One main item and two scenarios each; gaps would be lost records.
      expect(items.map(({ id }) => id)).to.deep.equal(Array.from({ length: 3 * CYCLES }, (_, index) => index + 1));
      const mains = items.filter(({ parent_id }) => parent_id === null);
      expect(mains).to.have.length(CYCLES);
      for (const main of mains) {
        expect(main.status).to.equal('DONE_WITH_ISSUES_NOTED');
        expect(items.filter(({ parent_id }) => parent_id === main.id)).to.have.length(2);
      }
      expect(await store.decisions.ids()).to.have.length(CYCLES);
      const { items: notes } = await store.customData.readable('PerformanceNotes');
      expect(notes).to.have.length(2 * CYCLES);
      expect(new Set(notes.map(({ value }) => JSON.stringify(Object(value).progress_id))).size).to.equal(2 * CYCLES);
      const reports = (await store.customData.readable('TestExecutionReports')).items;
      expect(new Set(reports.map(({ value }) => testExecutionReportSchema.parse(value).progress_id)).size).to.equal(
        CYCLES,
      );
      // One error of many cycles is one item with every sighting: two runs each, 12 errors per run.
      const { items: logs } = await store.customData.readable('ErrorLogs');
      expect(logs).to.have.length(1);
      const log = errorLogSchema.parse(logs[0]?.value);
      expect(log).to.include({ occurrences: CYCLES * 2 * 12, runs_seen: CYCLES * 2, status: 'OPEN' });
      const context = await store.readActiveContext();
      expect(context.state_of_the_union).to.be.a('string');
      expect(new Set(context.open_issues).size).to.equal(context.open_issues?.length);

      const check = await checkStore(store);
      expect(check.problems).to.deep.equal([]);
      expect(check.openCycles).to.deep.equal([]);
    });
  });

  it('of a killed cycle are found and closed as BLOCKED, with the findings of the scenario that had ended', async function () {
    this.timeout(180_000);
    await inTemporaryFolder(async (folder) => {
      const dir = join(folder, 'conport');
      const { child, firstLine, ended } = startCycles(dir, 'hang', join(folder, 'out'));
      expect(await firstLine).to.equal('hanging');
      const store = await openStore(dir);
      expect((await findOpenCycles(store)).map(({ state }) => state)).to.deep.equal(['running']);
      expect((await repairStore(store)).done).to.deep.equal([]);

      child.kill('SIGKILL');
      await ended;
      expect((await findOpenCycles(store)).map(({ state }) => state)).to.deep.equal(['gone']);
      // Several at once: one repairs, the others do nothing.
      const repairs = await Promise.all([repairStore(store), repairStore(store), repairStore(store)]);
      const done = repairs.flatMap((repair) => repair.done);
      expect(done).to.have.length(1);
      expect(done[0]).to.contain('progress 1 is BLOCKED now');

      const items = await store.progress.all();
      expect(items.map(({ status }) => status)).to.deep.equal(['BLOCKED', 'DONE_WITH_ISSUES_NOTED', 'BLOCKED']);
      expect(items[0]?.description).to.contain(`the process that ran the cycle (${child.pid} on `);
      expect(items[2]?.description).to.contain('novaperf report ');
      const { items: reports } = await store.customData.readable('TestExecutionReports');
      const report = testExecutionReportSchema.parse(reports[0]?.value);
      expect(report).to.include({ outcome: 'interrupted', interrupted: true, progress_id: 1 });
      expect(report.scenarios.map(({ scenario }) => scenario)).to.deep.equal(['browse-catalog']);
      expect(report.not_run[0]).to.match(/^checkout: running when the process/);
      expect(Date.parse(report.ended_at)).to.be.at.most(Date.now());
      expect(report.performance_notes).to.have.length(1);
      expect(report.error_logs).to.have.length(1);
      expect((await store.readActiveContext()).state_of_the_union).to.contain('interrupted, 0 of 2 scenarios passed');
      expect((await checkStore(store)).problems).to.deep.equal([]);
      expect((await repairStore(store)).done).to.deep.equal([]);
    });
  });
});
