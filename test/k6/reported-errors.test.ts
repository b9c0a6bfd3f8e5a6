import { expect } from 'chai';
import { LogReader } from '../../runner/k6/log.ts';
import { ReportedErrors } from '../../runner/k6/reported-errors.ts';

/** Written by k6 2.2.0 with --log-format=json. */
const line = (fields: Record<string, string>) =>
  `${JSON.stringify({ level: 'error', time: '2026-11-30T04:15:49Z', ...fields })}\n`;
const INFLUX = line({
  msg: "Couldn't write stats",
  error: 'Post "http://127.0.0.1:9/write": connect: connection refused',
  output: 'InfluxDBv1',
});
const PROMETHEUS = line({
  msg: 'Failed to send the time series data',
  error: 'refused',
  output: 'Prometheus remote write',
});
const UNKNOWN = line({ msg: "invalid output type 'nosuch', available types are: cloud, csv" });

function sentencesOf(log: string, exitCode: number | null): string[] {
  const errors = new ReportedErrors();
  const reader = new LogReader((entry) => errors.add(entry));
  reader.push(Buffer.from(log));
  reader.end();
  return errors.sentences(exitCode);
}

describe('errors that k6 reports about itself', () => {
  it('are counted by output, though k6 ends with 0', () => {
    const [influx, prometheus, ...others] = sentencesOf(INFLUX + PROMETHEUS + INFLUX + INFLUX, 0);
    expect(influx).to.include('"InfluxDBv1"').and.include('3 times').and.include('connection refused');
    expect(prometheus).to.include('"Prometheus remote write"').and.include('once');
    expect(others).to.deep.equal([]);
  });

  it('give the reason why k6 stopped if its exit code does not', () => {
    expect(sentencesOf(UNKNOWN, 255)[0]).to.include("invalid output type 'nosuch'");
    for (const code of [0, 99, 107, null]) expect(sentencesOf(UNKNOWN, code), String(code)).to.deep.equal([]);
  });

  it('do not include what the script prints or throws, or lost samples', () => {
    const others = [
      line({ msg: 'InfluxDBv1 is down', source: 'console', output: 'x' }),
      line({ msg: 'Error: broken', hint: 'script exception' }),
      line({ msg: "Sample(s) couldn't be marshalled to JSON", output: 'json', failed: '2' }),
      line({ msg: 'slow', level: 'warning', output: 'InfluxDBv1' }),
      'no log entry\n',
    ];
    expect(sentencesOf(others.join(''), 255)).to.deep.equal([]);
  });
});
