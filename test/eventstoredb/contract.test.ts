import { STORE_CONTRACT } from '@holdfast/store/contract'
import { describe, test } from 'vitest'
import { fixtureFactory } from './fixture-factory.ts'

// Many round trips through a server in the same process: a busy machine takes its time.
const TIMEOUT_MS = 60_000

describe('the contract on EventStoreDB', () => {
  test.each(STORE_CONTRACT)('$name', ({ run }) => run(fixtureFactory()), TIMEOUT_MS)
})
