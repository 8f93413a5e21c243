import { ledger } from '../state/page-state.ts'

/** What to type next. */
export function EmptyLedger() {
  const named = ledger.value === 'default' ? '' : ` --ledger ${ledger.value}`
  return (
    <section class="empty">
      <h2>Nothing is leased yet</h2>
      <p>Take a lease in a terminal, in a folder of this ledger. It appears here at once:</p>
      <pre>
        <code>{`holdfast acquire api --holder me --ttl 5m${named}`}</code>
      </pre>
      <p>Or run a command under a lease, which is kept while the command runs and given back when it ends:</p>
      <pre>
        <code>{`holdfast run api --holder me${named} -- npm test`}</code>
      </pre>
    </section>
  )
}
