/** Name of the format, on the command line and in the `origin` of every event that came from one. */
export const DOS_JOURNAL = 'dos-journal'

/** Fields of an entry that stand in the event itself. */
const MAPPED: ReadonlySet<string> = new Set(['op', 'lane', 'reason', 'tree', 'lease', 'leases'])

/** Where an event comes from: its line, and all of the entry that has no place in the event. */
export function journalOrigin(
  entry: Readonly<Record<string, unknown>>,
  line: number,
): Readonly<Record<string, unknown>> {
  const rest = Object.entries(entry).filter(([field]) => !MAPPED.has(field))
  return { ...Object.fromEntries(rest), format: DOS_JOURNAL, line }
}
