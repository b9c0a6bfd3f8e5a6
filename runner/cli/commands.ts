// The commands by name.

import type { ExitCode } from '../system/exit-codes.ts';

/** How a command is called. */
export interface Invocation {
  /** Sets the exit code of a command that ended without an error. */
  readonly finish: (code: ExitCode) => void;
  /** The arguments after `--`. */
  readonly k6Args: readonly string[];
}

/** In the order of --help. Each is loaded when it is called: compiling all of them takes longer than most commands run. */
export const COMMANDS = {
  run: async ({ finish, k6Args }: Invocation) => (await import('./run.ts')).runCommand(finish, k6Args),
  cycle: async ({ finish }: Invocation) => (await import('./cycle.ts')).cycleCommand(finish),
  analyze: async ({ finish }: Invocation) => (await import('./analyze.ts')).analyzeCommand(finish),
  merge: async ({ finish }: Invocation) => (await import('./merge.ts')).mergeCommand(finish),
  slice: async ({ finish }: Invocation) => (await import('./slice.ts')).sliceCommand(finish),
  report: async ({ finish }: Invocation) => (await import('./report.ts')).reportCommand(finish),
  explain: async () => (await import('./explain.ts')).explainCommand(),
  open: async () => (await import('./open.ts')).openCommand(),
  compare: async () => (await import('./compare.ts')).compareCommand(),
  history: async () => (await import('./history.ts')).historyCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
  new: async () => (await import('./new.ts')).newCommand(),
  dev: async () => (await import('./dev.ts')).devCommand(),
  list: async () => (await import('./list.ts')).listCommand(),
  targets: async ({ finish }: Invocation) => (await import('./targets.ts')).targetsCommand(finish),
  mcp: async () => (await import('./mcp.ts')).mcpCommand(),
  schedule: async () => (await import('./schedule.ts')).scheduleCommand(),
  conport: async ({ finish }: Invocation) => (await import('./conport.ts')).conportCommand(finish),
  cluster: async () => (await import('./cluster.ts')).clusterCommand(),
  config: async ({ finish }: Invocation) => (await import('./config.ts')).configCommand(finish),
  doctor: async ({ finish }: Invocation) => (await import('./doctor.ts')).doctorCommand(finish),
};

/** Whether novaperf has a command of this name. */
export function isCommand(name: string | undefined): name is keyof typeof COMMANDS {
  return name !== undefined && Object.hasOwn(COMMANDS, name);
}
