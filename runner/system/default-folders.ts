// Default folders, relative to the working directory.

export const DEFAULT_OUT = '.nova/reports/qa/performance';
export const DEFAULT_CONPORT = 'conport';
