import type { ProcessIdentity } from '@holdfast/core'
import { listProcesses, type ListedProcess } from './process-table.ts'

/**
 * A process and all that it has started, as far as the platform shows it: what shares a session of its own, what
 * descends from it, and what did at an earlier look, for a process whose parent ended no longer says where it came
 * from. What leaves both at once, between two looks, is lost.
 */
export class ProcessTree {
  readonly #root: ProcessIdentity
  readonly #leadsSession: boolean
  /** Start times of the members that were seen, by pid. */
  readonly #seen = new Map<number, string>()

  constructor(root: ProcessIdentity, { leadsSession }: { readonly leadsSession: boolean }) {
    this.#root = root
    this.#leadsSession = leadsSession
    if (root.processStart !== null) this.#seen.set(root.pid, root.processStart)
  }

  /** The members that have not ended, parents before what they have started. Empty where the platform does not tell. */
  living(): readonly ListedProcess[] {
    const listed = listProcesses()
    const childrenOf = Map.groupBy(listed, ({ parent }) => parent)
    const members = new Map<number, ListedProcess>()
    const open = listed.filter(process => this.#isKnown(process))
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      if (members.has(next.pid)) continue
      members.set(next.pid, next)
      open.push(...(childrenOf.get(next.pid) ?? []))
    }
    for (const { pid, processStart } of members.values()) this.#seen.set(pid, processStart)
    return [...members.values()].filter(({ ended }) => !ended)
  }

  #isKnown({ pid, session, processStart }: ListedProcess): boolean {
    if (this.#leadsSession && session === this.#root.pid) return true
    return this.#seen.get(pid) === processStart
  }
}
