import { pino } from 'pino'

/** Where a server says what it does. */
export interface Log {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

/** JSON lines on a file descriptor, written before the call returns. */
export function jsonLog(fd: number): Log {
  return pino(
    { base: { name: 'holdfast' }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd, sync: true }),
  )
}

/** Says nothing. */
export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} }
