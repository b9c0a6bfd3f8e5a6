// The demo process. In: flags, environment, a stdin that stays open while the shop is in use. Out: one JSON line, either
// {port, pid, version} once it listens, or {userError} when it cannot.

import { UserError } from '../system/errors.ts';
import { EXIT } from '../system/exit-codes.ts';
import { type DemoConfig, readConfig, USAGE } from './config.ts';
import { createShop } from './server.ts';

const HOST = '127.0.0.1';
const GRACE_MS = 1000;

if (process.argv.includes('--help')) {
  process.stdout.write(USAGE);
} else {
  try {
    run(readConfig(process.argv.slice(2), process.env));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    giveUp(error);
  }
}

function run(config: DemoConfig): void {
  const { server, open } = createShop(config);
  server.once('error', (error: NodeJS.ErrnoException) => giveUp(cannotListen(config.port, error)));
  server.listen(config.port, HOST, () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
    process.stdout.write(`${JSON.stringify({ port: address.port, pid: process.pid, version: config.version })}\n`);
    if (config.startingMs === 0) open();
    else setTimeout(open, config.startingMs);
  });

  // The kernel closes the pipe when the process that started this one ends, even if it was killed: no shop outlives its runner.
  process.stdin.resume();
  process.stdin.once('end', () => process.exit(0));
  process.stdin.once('error', () => process.exit(0));
  // A reader that is gone must not turn a line of output into a crash.
  process.stdout.on('error', () => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      server.close(() => process.exit(0));
      server.closeIdleConnections();
      setTimeout(() => process.exit(0), GRACE_MS).unref();
    });
  }
}

function cannotListen(port: number, error: NodeJS.ErrnoException): UserError {
  const taken = error.code === 'EADDRINUSE';
  const found = taken ? 'another process listens there' : `${error.code ?? error.message}`;
  return new UserError(`Expected to listen on ${HOST}:${port} for the demo shop, found that ${found}.`, {
    where: `port ${port}`,
    next: taken
      ? `omit the port to use any free one, or stop the program that uses it (see lsof -i :${port})`
      : 'omit the port to use any free one, or use a port above 1023',
    exitCode: EXIT.environment,
    cause: error,
  });
}

/** Programs read the error as data on stdout, people read it as text on the terminal. */
function giveUp(userError: UserError): void {
  const { message, where, next, exitCode } = userError;
  process.stderr.write(`${userError.toText()}\n`);
  process.stdout.write(`${JSON.stringify({ userError: { message, where, next, exitCode } })}\n`);
  process.exitCode = exitCode;
  // An unread stdin does not hold the process; nothing else is open.
}
