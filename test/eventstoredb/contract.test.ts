import { STORE_CONTRACT } from '@holdfast/store/contract'
import { describe, test } from 'vitest'
import { fixtureFactory } from './fixture-factory.ts'

describe('the contract on EventStoreDB', () => {
  test.each(STORE_CONTRACT)('$name', ({ run }) => run(fixtureFactory()))
})
