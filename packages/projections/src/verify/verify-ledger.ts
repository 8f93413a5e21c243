import { evolve, initialState, restoreState, type LedgerState, type LogEntry, type Revision } from '@holdfast/core'
import { checkpointData, nextRevision } from '@holdfast/core/internal'
import { readHistory, StoreError, type LogStore } from '@holdfast/store'
import { withWholeStates } from '@holdfast/store/internal'
import { loadLedger } from '../ledger/load-ledger.ts'
import type { Audit } from './audit.ts'
import { BudgetAudit } from './budget-audit.ts'
import { CheckpointAudit } from './checkpoint-audit.ts'
import { CountAudit } from './count-audit.ts'
import { GrantAudit } from './grant-audit.ts'
import { KeptPastAudit } from './kept-past-audit.ts'
import type { LedgerCheck, Verification } from './ledger-check.ts'
import { StaleTokenAudit } from './stale-token-audit.ts'
import { differences, digestOf } from './state-digest.ts'
import { TokenAudit } from './token-audit.ts'

export interface VerifyOptions {
  /** Told how many entries of the history have been read again. */
  readonly onProgress?: ((done: number) => void) | undefined
}

/**
 * Reads a whole history again, archive and log, and holds it against everything that can be checked: what the store sees (hash chain, witness,
 * order), whose log it is, tokens, double grants, budgets, CHECKPOINTs, and whether a restored fold and the cached one equal the
 * fold from the start. Memory stays bounded by what is live, whatever the length of the log.
 *
 * Damage is an answer and not an error; it rejects with a `StoreError` only when the store cannot be read at all
 * (`unavailable` and its like).
 */
export async function verifyLedger(
  store: LogStore,
  stream: string,
  { onProgress = () => undefined }: VerifyOptions = {},
): Promise<Verification> {
  const checks: LedgerCheck[] = [...(await store.check(stream))]
  const counts = new CountAudit()
  const refold = new Refold([
    new TokenAudit(),
    new GrantAudit(),
    new BudgetAudit(),
    new CheckpointAudit(),
    new StaleTokenAudit(),
    counts,
  ])
  try {
    const kept = await KeptPastAudit.of(store, stream)
    let done = 0
    for await (const entries of withWholeStates(store, readHistory(store, stream))) {
      for (const entry of entries) {
        refold.absorb([entry])
        if (kept?.take(entry) === true) await kept.compare(refold.state)
      }
      done += entries.length
      onProgress(done)
    }
    const cached = await loadLedger(store, stream)
    await refold.readUpTo(store, stream, cached.state.head)
    checks.push(...refold.checks(), ownerCheck(refold.state), restoredCheck(refold.state))
    checks.push(sameFold('cached-fold', refold.state, cached.state), ...((await kept?.checks()) ?? []))
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'corrupt') throw error
    checks.push(...refold.checks(), { name: 'readable', ok: false, count: 1, severity: 'fault', detail: error.message })
  }
  const ok = checks.every(check => check.ok || check.severity === 'finding')
  return { ok, checks, unrecognised: counts.unrecognised }
}

/** The fold from the start, with the audits that watch it. */
class Refold {
  readonly #audits: readonly Audit[]
  #state = initialState()

  constructor(audits: readonly Audit[]) {
    this.#audits = audits
  }

  get state(): LedgerState {
    return this.#state
  }

  absorb(entries: Iterable<LogEntry>): void {
    for (const entry of entries) {
      for (const audit of this.#audits) audit.before?.(this.#state, entry)
      this.#state = evolve(this.#state, entry)
      for (const audit of this.#audits) audit.after?.(this.#state, entry)
    }
  }

  /** Takes in what was appended meanwhile, so that two folds can be compared at one head. */
  async readUpTo(store: LogStore, stream: string, head: Revision | -1): Promise<void> {
    if (head === -1 || this.#state.head >= head) return
    for await (const entries of store.read(stream, { from: nextRevision(this.#state.head) })) {
      this.absorb(entries.filter(({ revision }) => revision <= head))
    }
  }

  checks(): readonly LedgerCheck[] {
    return this.#audits.flatMap(audit => audit.checks())
  }
}

function ownerCheck(state: LedgerState): LedgerCheck {
  const base = { name: 'one-ledger', count: state.head === -1 ? 0 : 1, severity: 'fault' } as const
  if (!state.foreign) return { ...base, ok: true }
  return { ...base, ok: false, detail: 'The log holds entries of another ledger, or begins without a genesis.' }
}

/** What a CHECKPOINT of the head would restore is the fold itself. */
function restoredCheck(state: LedgerState): LedgerCheck {
  const name = 'restored-fold'
  if (state.ledgerId === null) return { name, ok: true, count: 0, severity: 'fault' }
  const restored = restoreState(checkpointData(state, { reason: '' }))
  if (restored !== null) return sameFold(name, state, restored)
  return {
    name,
    ok: false,
    count: 1,
    severity: 'fault',
    detail: 'The state cannot be read back from its own snapshot.',
  }
}

function sameFold(name: string, whole: LedgerState, other: LedgerState): LedgerCheck {
  const differ = differences(digestOf(whole), digestOf(other))
  const base = { name, severity: 'fault' } as const
  if (differ.length === 0) return { ...base, ok: true, count: 1 }
  return {
    ...base,
    ok: false,
    count: differ.length,
    detail: `differs from the fold of the log in ${differ.join(', ')}`,
  }
}
