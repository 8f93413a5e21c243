import type { Lease, Outcome, Refused } from '@holdfast/core'

type Named<K extends Outcome['outcome']> = Extract<Outcome, { readonly outcome: K }>

/** The outcome, which must be of this name. */
export function expectOutcome<K extends Outcome['outcome']>(outcome: Outcome, name: K): Named<K> {
  if (outcome.outcome !== name) throw new Error(`expected ${name}, got ${JSON.stringify(outcome)}`)
  // The name was compared just now.
  return outcome as Named<K>
}

export function granted(outcome: Outcome): Lease {
  return expectOutcome(outcome, 'granted').lease
}

export function adopted(outcome: Outcome): Lease {
  return expectOutcome(outcome, 'adopted').lease
}

export function beaten(outcome: Outcome): Lease {
  return expectOutcome(outcome, 'beaten').lease
}

export function refused(outcome: Outcome): Refused {
  return expectOutcome(outcome, 'refused')
}
