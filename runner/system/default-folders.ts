// Where things go when no flag says so; relative to where the user stands.

export const DEFAULT_OUT = '.nova/reports/qa/performance';
export const DEFAULT_CONPORT = 'conport';
