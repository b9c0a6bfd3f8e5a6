import { CycleRecords } from '../../runner/records/cycle/cycle-records.ts';
import type { ConportStore } from '../../runner/records/store/store.ts';
import { aKpi, anError, aPlan, aResult } from './samples.ts';

export const HOSTILE = 'a\u0000b\u2028c\ud800d \u202e"\'</script>\r\n$(x) 🚀';

/** A cycle of one scenario with a missed target and two errors. `targetItem`: where the target comes from. */
export async function writeCycle(store: ConportStore, run = 'browse-catalog_1', targetItem?: string) {
  const plan = aPlan();
  const records = await CycleRecords.begin(store, {
    component: 'Catalog',
    scenarios: [plan],
    environment: 'demo',
    targetUrl: 'http://127.0.0.1:8080',
    buildVersion: '1.4.2',
    trigger: 'requested',
    beganAtMs: Date.now(),
    targetItems: targetItem === undefined ? [] : [targetItem],
  });
  const child = await records.scenarioStarted(plan, '/out/x');
  const origin = targetItem === undefined ? null : { item: targetItem, version: 2, field: 'targets[0]' };
  const result = aResult({
    run,
    status: 'fail',
    kpis: [aKpi({ verdict: 'fail', actual: 412.25, expression: HOSTILE, origin })],
    // More often than requests fail, so it is an error of its own.
    errors: [anError(), anError({ kind: 'check', endpoint: '', message: HOSTILE, status: '', method: '', count: 99 })],
  });
  const conport = await records.scenarioEnded(child, result, '/out/x/report.html');
  await records.close({
    results: [{ ...result, conport }],
    overallReportPath: '/out/o.md',
    interrupted: false,
    failures: [],
  });
}
