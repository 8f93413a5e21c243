import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEventStoreDbStore, type EventStoreDbOptions } from '@holdfast/store/eventstoredb'
import type { StoreFactory } from '@holdfast/store/contract'
import { EsdbFixture, type FixtureOptions } from './fixture/esdb-fixture.ts'

/** The store under test on a fixture of its own. */
export function fixtureFactory(options: FixtureOptions = {}): StoreFactory {
  return {
    name: `eventstoredb, on the fixture with ${options.nodes ?? 1} node`,
    open: async () => {
      const fixture = await EsdbFixture.start(options)
      const snapshotFolder = await mkdtemp(join(tmpdir(), 'holdfast-esdb-'))
      return {
        connect: () => openEventStoreDbStore({ url: fixture.url(), snapshotFolder }),
        dispose: async () => {
          await fixture.close()
          await rm(snapshotFolder, { recursive: true, force: true })
          await rm(`${snapshotFolder}.snap`, { recursive: true, force: true })
        },
      }
    },
  }
}

/** Deadlines for tests that let them pass. */
export const SHORT: Partial<EventStoreDbOptions> = {
  callDeadlineMs: 600,
  patienceMs: 8_000,
  subscriptionPatienceMs: 8_000,
  probeMs: 100,
  snapshotFolder: null,
}
