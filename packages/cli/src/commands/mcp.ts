import { checkAcquireRequest } from '@holdfast/engine/lean'
import { openHosted } from '@holdfast/engine/served'
import { guardedPath, ledgersToAsk, type GuardedPath, type WriteAnswer } from '@holdfast/engine/write-guard'
import { serveStdio } from '@holdfast/mcp'
import { LedgerHandlers, type ServedLedger } from '@holdfast/server'
import { EXIT } from '../failure/exit-code.ts'
import { environment, workingFolder } from '../input/environment.ts'
import { localConfiguration } from '../input/local-configuration.ts'
import { holderOption, type HolderFlag } from '../input/ownership-flags.ts'
import { rootedRegion } from '../input/rooted-region.ts'
import { askFurtherLedgers } from '../program/ask-further-ledgers.ts'
import { examples, type Define } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { anchoredStore } from '../program/store-url.ts'
import { isNamed } from '@holdfast/engine/which-ledger'
import manifest from '../../package.json' with { type: 'json' }

/** `mcp`: tools for an agent that speaks the Model Context Protocol, over standard input and output. */
export const mcp: Define = (command, shell) => {
  command
    .description(
      'Serve one agent over standard input and output by the Model Context Protocol, until it ends. The agent starts this command itself; docs/mcp.md says how it is registered.',
    )
    .addOption(holderOption('name of this session (default: after the client, with something short to tell it apart)'))
  examples(command, 'holdfast mcp', 'holdfast mcp --holder agent-7')
  shell.does(command, async ({ holder }: HolderFlag) => {
    // A name that no ledger takes is said before an agent has begun.
    if (holder !== undefined) checkAcquireRequest({ lane: 'mcp', holder })
    const { which } = shell
    const { guard } = await localConfiguration(shell.globals.config, workingFolder())
    const { root } = which
    const named = isNamed(which) ? anchoredStore(which.url) : undefined
    await serveStdio({
      version: manifest.version,
      holder,
      inherited: inheritedLease(),
      root,
      workTree: shell.workTree,
      policy: guard,
      // An agent names paths from the top, wherever its client has started this command.
      region: ({ paths, globs }) => rootedRegion({ region: globs, paths }, { root, folder: root, named }).region,
      places: paths => paths.map(path => guardedPath(path, { root, directory: root })),
      refusedElsewhere: (places, asker) => refusedElsewhere(shell, places, asker),
      open: (make, closing) => open(shell, make, closing),
      failed: error => shell.out.fail(error, false),
      stopped: shell.interruption.signal(),
    })
    shell.interruption.settled()
    return EXIT.done
  })
}

/** The lease that `run` has given to what it started: it beats and ends that itself. */
function inheritedLease(): { readonly lane: string; readonly token: number } | null {
  const lane = environment('HOLDFAST_LANE')
  const token = environment('HOLDFAST_TOKEN')
  return lane === undefined || token === undefined || !/^\d{1,15}$/.test(token) ? null : { lane, token: Number(token) }
}

/** Opens the ledger that is meant, with the checks of every command; this process is then one more that decides. */
async function open(shell: Shell, make: boolean, closing: AbortSignal): Promise<ServedLedger> {
  const looked = await shell.openLedger({ create: make })
  await looked.close()
  const store = await shell.openStore('never')
  try {
    const hosted = await openHosted(store, { ledger: shell.globals.ledger, workTree: shell.workTree })
    return { hosted, handlers: new LedgerHandlers(hosted, closing), file: null }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function refusedElsewhere(
  { which, globals }: Shell,
  paths: readonly GuardedPath[],
  holder: string,
): Promise<readonly WriteAnswer[]> {
  const further = ledgersToAsk(which, { root: which.root, paths, staged: false })
  const { Holder } = await import('@holdfast/core')
  return askFurtherLedgers(further, { holder: Holder.parse(holder) }, { url: which.url, name: globals.ledger })
}
