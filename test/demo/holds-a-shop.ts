// A process that starts a shop, says {url, pid} on its stdout, and then does what its argument says:
// `wait` (until it is killed, deaf to Ctrl-C) or `forget` (returns without stop()).

import { startDemo } from '../../runner/demo/start.ts';

const { url, pid } = await startDemo();
if (process.argv[2] === 'wait') {
  // Before the line: who has read it may press Ctrl-C at once.
  process.on('SIGINT', () => process.stdout.write('interrupted\n'));
  setInterval(() => {}, 60_000);
}
process.stdout.write(`${JSON.stringify({ url, pid })}\n`);
