import { noSuchLedger } from '@holdfast/engine/which-ledger'
import { verifyLedger, type LedgerCheck } from '@holdfast/projections'
import { StoreError } from '@holdfast/store'
import { historyLength } from '@holdfast/store/internal'
import { EXIT } from '../failure/exit-code.ts'
import { plain } from '../print/plain.ts'
import { table } from '../print/table.ts'
import { tone } from '../print/tone.ts'
import { checkHistoryOf } from '../program/check-meant.ts'
import { examples, type Define } from '../program/define.ts'
import type { VerifyAnswer } from '@holdfast/server/schemas'

/** `verify`: reads the whole log again and holds it against everything that can be checked. */
export const verify: Define = (command, shell) => {
  examples(command, 'holdfast verify', "holdfast verify --json | jq '.checks[] | select(.ok | not)'")
  shell.does(command, async () => {
    const stream = shell.globals.ledger
    await using store = await shell.openStore('never')
    const head = await store.head(stream)
    if (head === 'none') throw noSuchLedger(store.url, stream)
    shell.endWith(await checkHistoryOf(store, stream).catch(unlessDamaged))
    const progress = shell.progress()
    const total = await historyLength(store, stream).catch(() => 0)
    const onProgress = (done: number): void => progress.show('verifying', { unit: 'events', done, total })
    // The hash chain is checked first, in one go.
    if (total > 0) onProgress(0)
    const verification = await verifyLedger(store, stream, { onProgress }).finally(() => progress.end())
    const checkpoint = await store.latestCheckpoint(stream).catch(() => null)
    const answer: VerifyAnswer = { ...verification, ledgerId: checkpoint?.data.ledgerId ?? null, head }
    await shell.answer(answer, lines)
    return verification.ok ? EXIT.done : EXIT.untrusted
  })
}

/** Damage is what is looked for here, and told as a finding. */
function unlessDamaged(error: unknown): null {
  if (error instanceof StoreError && error.code === 'corrupt') return null
  throw error
}

function lines({ ok, checks, unrecognised }: VerifyAnswer): readonly string[] {
  const verdict = ok ? tone.good('The ledger holds.') : tone.bad('The ledger does not hold.')
  const rest = unrecognised === 0 ? '' : ` ${unrecognised} entries could not be read.`
  return [...table(checks.map(row)), verdict + rest]
}

function row({ name, ok, count, severity, detail }: LedgerCheck): readonly string[] {
  const mark = ok ? tone.good('ok') : severity === 'fault' ? tone.bad('FAULT') : tone.warn('finding')
  return [mark, name, String(count), detail === undefined ? '' : plain(detail)]
}
