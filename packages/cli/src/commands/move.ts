import { LedgerId } from '@holdfast/core'
import type { WorkProgress } from '@holdfast/engine/maintenance'
import { markMoved, recordRootOf, rootThere } from '@holdfast/engine/which-ledger'
import { openStore } from '@holdfast/store'
import { storeUrlOf } from '@holdfast/store/internal'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'
import { required } from '../input/flag-values.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { pathOf } from '../program/store-url.ts'
import type { MoveAnswer } from '../schemas/maintenance.ts'

const MEMORY = 'memory:'

interface MoveFlags {
  readonly to?: string
}

/** `move`: continues a ledger in another store. */
export const move: Define = (command, shell) => {
  command.option('--to <url>', 'store to move the ledger to')
  examples(command, 'holdfast move --to esdb://ledger.internal:2113', 'holdfast move --to sqlite:/srv/ledger.db --json')
  shell.does(command, async ({ to }: MoveFlags) => {
    const url = required(to, 'to', '--to URL')
    const place = await storeUrlOf(url)
    if (place === MEMORY) throw new UsageError('A memory store ends with this command, and the ledger with it.')
    const { checkMovable, moveLedger } = await import('@holdfast/engine/maintenance')
    await using ledger = await shell.openLedger({ create: false, evenMoved: true })
    const folder = folderNow()
    refuseOtherRoot(shell, pathOf(place), folder)
    const progress = shell.progress()
    const onProgress = ({ step, ...amount }: WorkProgress): void => progress.show(step, amount)
    const showing = <T>(work: Promise<T>): Promise<T> => work.finally(() => progress.end())
    // Before the new place is opened, which may make it.
    await showing(checkMovable(ledger, place, onProgress))
    await using target = await openStore(url, {
      onMaking: path => recordRootOf(path, { folder, like: pathOf(ledger.url) }),
    })
    const options = { reason: shell.reason, onProgress, checked: true }
    const { ledgerId, ...report } = await showing(moveLedger(ledger, target, options))
    shell.warnIfSeenByGit(place)
    const [left, at] = [pathOf(ledger.url), pathOf(place)]
    markMoved(ledgerId, { left, at, url: place })
    const answer: MoveAnswer = { ledgerId: LedgerId.parse(ledgerId), ...report }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

/** Live leases come along, and must go on to mean the same files. */
function refuseOtherRoot({ which }: Shell, path: string | null, folder: string): void {
  const there = path === null ? null : rootThere(path, folder)
  if (there === null || there === which.root) return
  throw new UsageError(
    `to: regions of this ledger are relative to ${plain(which.root)}, and at ${plain(String(path))} they would be to ${plain(there)}. Nothing was moved. Name another place; or write the root down there first with \`holdfast init --store sqlite:${plain(String(path))} --root DIR\`.`,
  )
}

/** It may have been removed; who names both places needs none. */
function folderNow(): string {
  try {
    return workingFolder()
  } catch {
    return '/'
  }
}

function lines({ movedTo, copied, head }: MoveAnswer): readonly string[] {
  return [`${tone.good('moved')}  to ${movedTo}: ${copied} events copied, goes on at r${head}`]
}
