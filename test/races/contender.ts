// One of many processes on one ledger: takes and gives up overlapping lanes, and says what went wrong.
//   node contender.ts STORE NAME ROUNDS
import { openLedger } from '@holdfast/engine'

const [store = '', name = '', rounds = '0'] = process.argv.slice(2)
const LANES = [
  { lane: 'api', region: ['src/api/**'] },
  { lane: 'everything', region: ['src/**'] },
  { lane: 'types', region: ['**/*.d.ts'] },
  { lane: 'docs', region: ['docs'] },
]

await using ledger = await openLedger(store)
for (let round = 0; round < Number(rounds); round += 1) {
  const claim = LANES[(round + name.length + Number(name)) % LANES.length] ?? { lane: 'api', region: [] }
  const asked = await ledger.acquire({ ...claim, holder: name }, { wait: '90s' })
  if (asked.outcome !== 'granted') throw new Error(`${name} was not served: ${JSON.stringify(asked)}`)
  const { lane, token } = asked.lease
  const given = await ledger.release({ lane, holder: name, token })
  if (given.outcome !== 'released') throw new Error(`${name} could not release: ${JSON.stringify(given)}`)
}
console.log('done')
