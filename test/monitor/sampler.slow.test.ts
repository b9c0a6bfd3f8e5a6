// Sampling: a faulty source is a gap with time and reason, and never delays another source or invents a number.

import { expect } from 'chai';
import type { Gap, Reading, Source } from '../../runner/model/server.ts';
import { ExpositionSource } from '../../runner/monitor/exposition-source.ts';
import { Sampler } from '../../runner/monitor/sampler.ts';
import { ALL_SERIES } from '../../runner/monitor/series-filter.ts';
import { compressed, endpoint, MISBEHAVIOURS, sound } from './endpoints.ts';

const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `isSo`, at most 50 s; the test's next assertion then fails. */
async function until(isSo: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < 50_000 && !isSo(); waitedMs += 20) await pauseMs(20);
}
const exporter = (name: string, url: string) => new ExpositionSource(name, { url, headers: {}, filter: ALL_SERIES });

interface Heard {
  readonly readings: Map<string, Reading[]>;
  readonly gaps: Gap[];
  readonly sampler: Sampler;
}

function listen(sources: readonly Source[], timing = { intervalMs: 100, timeoutMs: 1000 }): Heard {
  const readings = new Map<string, Reading[]>();
  const gaps: Gap[] = [];
  const sampler = new Sampler(sources, {
    ...timing,
    onReadings: ({ name }, read) => readings.set(name, [...(readings.get(name) ?? []), ...read]),
    onGap: (gap) => gaps.push(gap),
  });
  sampler.start();
  return { readings, gaps, sampler };
}

/** The gaps but those of a source that answers, which a machine that is late by a second has as well. */
const faultsOf = (gaps: readonly Gap[]) =>
  gaps.filter(({ reason }) => !/^(this machine was too busy|slow: )/.test(reason));

describe('sampling', () => {
  for (const [name, answer, reason] of MISBEHAVIOURS) {
    it(`of an endpoint that ${name} is a gap with the reason, and does not affect another source`, async () => {
      const bad = await endpoint(answer);
      const good = await endpoint(sound());
      let answered = 0;
      const misbehaving = exporter('bad', bad.url);
      const watched: Source = {
        name: 'bad',
        kind: misbehaving.kind,
        target: misbehaving.target,
        remarks: () => misbehaving.remarks(),
        sample: (signal) => misbehaving.sample(signal).finally(() => answered++),
      };
      // On a busy machine that reads megabytes of one source, the other takes seconds: only hanging ones get a short timeout.
      const timing = {
        intervalMs: 100,
        timeoutMs: reason.test('no answer within') && !reason.test('more than') ? 1000 : 20_000,
      };
      const { readings, gaps, sampler } = listen([watched, exporter('good', good.url)], timing);
      const depthsOf = () => (readings.get('good') ?? []).filter(({ series }) => series.metric === 'server.depth');
      await until(() => answered > 0 && depthsOf().length >= 3);
      sampler.stop();
      await Promise.all([bad.kill(), good.kill()]);
      expect(readings.get('bad')).to.equal(undefined);
      const faults = faultsOf(gaps);
      expect(faults.map(({ source }) => source)).to.deep.equal(['bad']);
      expect(faults[0]?.reason).to.match(reason);
      const depths = depthsOf();
      expect(depths.length).to.be.at.least(3);
      expect(depths.map(({ value }) => value)).to.deep.equal(depths.map((_, index) => index + 1));
    });
  }

  it('reads a response that is compressed without being asked for', async () => {
    const it = await endpoint(compressed());
    const { readings, sampler } = listen([exporter('it', it.url)], { intervalMs: 100, timeoutMs: 5000 });
    await until(() => readings.has('it'));
    sampler.stop();
    await it.kill();
    expect(readings.get('it')?.map(({ value }) => value)).to.include(7);
  });

  it('gives start and end of the gap of an endpoint that was restarted, and no rate across it', async () => {
    const first = await endpoint(sound());
    const { readings, gaps, sampler } = listen([exporter('it', first.url)], { intervalMs: 50, timeoutMs: 20_000 });
    await until(() => readings.has('it'));
    await first.kill();
    const goneAtMs = Date.now();
    await pauseMs(6000);
    const backAtMs = Date.now();
    const again = await endpoint(sound(), Number(new URL(first.url).port));
    // The counter restarted: the first rate after the gap covers the first interval after it, 10 in about 50 ms.
    const ratesSince = () =>
      (readings.get('it') ?? []).filter(
        ({ series, atMs }) => series.metric === 'server.asked_total' && atMs >= backAtMs,
      );
    await until(() => ratesSince().length > 2);
    sampler.stop();
    await again.kill();
    const [gap, ...further] = faultsOf(gaps);
    expect(further).to.deep.equal([]);
    expect(gap?.reason).to.match(/ECONNREFUSED|closed|reset|terminated/i);
    expect(gap?.fromMs).to.be.at.most(goneAtMs);
    expect(gap?.toMs).to.be.at.least(backAtMs);
    const within = (readings.get('it') ?? []).filter(({ atMs }) => atMs > goneAtMs && atMs < backAtMs);
    expect(within).to.deep.equal([]);
    const rates = ratesSince();
    expect(rates.length).to.be.above(0);
    for (const { value } of rates) expect(value).to.be.above(1);
  });

  it('never takes two samples of one source at once, even if one is slow or ignores its signal', async () => {
    let open = 0;
    let most = 0;
    let asked = 0;
    const stubborn: Source = {
      name: 'stubborn',
      kind: 'command',
      target: 'itself',
      remarks: () => [],
      async sample() {
        asked++;
        open++;
        most = Math.max(most, open);
        await pauseMs(250);
        open--;
        return [];
      },
    };
    const { gaps, sampler } = listen([stubborn], { intervalMs: 20, timeoutMs: 60 });
    const beganAtMs = Date.now();
    await until(() => asked >= 3);
    sampler.stop();
    expect(most).to.equal(1);
    expect(asked).to.equal(3);
    // Two of them were answered before the third, after a quarter of a second each.
    expect(Date.now() - beganAtMs).to.be.at.least(450);
    expect(gaps.map(({ reason }) => reason)).to.deep.equal(['no answer within 0.06 s']);
  });

  it('survives a source that throws at once, and ignores an answer after the end', async () => {
    let thrown = 0;
    const thrower: Source = {
      name: 'thrower',
      kind: 'command',
      target: 'x',
      remarks: () => [],
      sample: () => {
        thrown++;
        throw new Error('broken\u001b[31m\nin two lines');
      },
    };
    let answer = (_: Reading[]) => {};
    const late: Source = {
      name: 'late',
      kind: 'command',
      target: 'x',
      remarks: () => [],
      sample: () => new Promise((resolve) => (answer = resolve)),
    };
    const { readings, gaps, sampler } = listen([thrower, late]);
    await until(() => thrown > 1);
    sampler.stop();
    answer([{ series: { metric: 'server.x', unit: '', labels: {} }, value: 1, atMs: Date.now() }]);
    await pauseMs(50);
    expect(readings.size).to.equal(0);
    expect(gaps.find(({ source }) => source === 'thrower')?.reason).to.equal('broken⟨U+001B⟩[31m in two lines');
  });
});
