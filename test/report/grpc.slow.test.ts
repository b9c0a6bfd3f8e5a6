import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import * as loader from '@grpc/proto-loader';
import { expect } from 'chai';
import type { Result } from '../../runner/model/result.ts';
import { novaperf } from '../cli/in-process.ts';
import { readResult, runFolders } from '../cli/novaperf.ts';

const PROTO = `syntax = "proto3";
package shop;
service Cart { rpc Add (Item) returns (Item) {} }
message Item { string id = 1; int32 n = 2; }
`;

const script = (dir: string, address: string) => `import grpc from 'k6/net/grpc';
const client = new grpc.Client();
client.load([${JSON.stringify(dir)}], 'shop.proto');
export const options = { vus: 1, iterations: 40, thresholds: { grpc_req_duration: ['p(95)<5000'] } };
export default function () {
  if (__ITER === 0) client.connect('${address}', { plaintext: true });
  client.invoke('shop.Cart/Add', { id: 'a', n: 1 });
}
`;

/** A gRPC server that ends every fourth call with UNAVAILABLE. */
async function serve(protoFile: string): Promise<{ readonly address: string; readonly close: () => void }> {
  let calls = 0;
  const definition = loader.loadSync(protoFile)['shop.Cart'];
  if (definition === undefined || !('Add' in definition)) throw new Error('no service');
  const server = new grpc.Server();
  const add: grpc.handleUnaryCall<unknown, unknown> = (call, done) => {
    if (++calls % 4 === 0) done({ code: grpc.status.UNAVAILABLE, details: 'no' });
    else done(null, call.request);
  };
  server.addService(definition, { Add: add });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

describe('a gRPC run of real k6 in which a quarter of the calls fail', function () {
  this.timeout(240_000);
  let dir: string;
  let folder: string;
  let result: Result;
  const file = (name: string) => readFile(join(folder, name), 'utf8');

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'grpc-'));
    await writeFile(join(dir, 'shop.proto'), PROTO);
    const server = await serve(join(dir, 'shop.proto'));
    await writeFile(join(dir, 'cart.js'), script(dir, server.address));
    try {
      const { stderr } = await novaperf(['run', 'cart.js'], { cwd: dir });
      const [only] = await runFolders(dir);
      if (only === undefined) throw new Error(stderr);
      folder = only;
    } finally {
      server.close();
    }
    result = await readResult(folder);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('counts them as errors, by status name', () => {
    expect(result.endpoints.map(({ protocol, requests, failed }) => [protocol, requests, failed])).to.deep.equal([
      ['grpc', 40, 10],
    ]);
    const [error, ...others] = result.errors;
    expect(others).to.deep.equal([]);
    expect(error).to.include({ kind: 'grpc', status: '14', message: 'UNAVAILABLE', count: 10, share: 0.25 });
    expect(error?.first_seen_at).not.to.equal(null);
  });

  it('gives their share in the comment, the tiles, OpenMetrics and metrics.txt', async () => {
    expect(await file('comment.md')).to.match(
      /\| \*\*Passed\*\* \| cart \| script's own \| [^|]+ \| [^|]+\/s \| 25 % \|/,
    );
    expect(await file('report.md')).to.include('**25 %** (of 40)');
    expect(await file('openmetrics.txt')).to.match(/^novaperf_run_failed_requests_ratio\{[^}]*\} 0\.25$/m);
    expect(await file('metrics.txt')).to.match(/^novaperf_failed_requests_ratio\{[^}]*\} 0\.25$/m);
  });

  it('shows the method once, and the status with name and number', async () => {
    // Long names may break into lines.
    const html = (await file('report.html')).replaceAll('<wbr>', '');
    expect(html).to.include('<bdi>shop.Cart/Add</bdi>');
    expect(html).not.to.include('Add /shop.Cart/Add');
    expect(html).to.match(/<bdi>UNAVAILABLE<\/bdi><span class="note"><bdi>gRPC 14<\/bdi>/);
  });
});
