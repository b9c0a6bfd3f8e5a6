// A proxy between novaperf and a ConPort server: after the n-th write is done, it kills novaperf before the answer arrives.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const [nth, command, ...args] = process.argv.slice(2);
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
let writes = 0;
let fatal;

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (method === 'tools/call' && /^(?:log|link|update)_/.test(params.name) && ++writes === Number(nth)) fatal = id;
    server.stdin.write(`${line}\n`);
  })
  .on('close', () => server.stdin.end());
createInterface({ input: server.stdout }).on('line', (line) => {
  if (fatal !== undefined && JSON.parse(line).id === fatal) {
    process.kill(process.ppid, 'SIGKILL');
    server.kill('SIGKILL');
    process.exit();
  }
  process.stdout.write(`${line}\n`);
});
