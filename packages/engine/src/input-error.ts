import type { InputFault } from '@holdfast/core'
import { faultSentence } from '@holdfast/core/internal'

/** A request that cannot be understood: every fault at once, each with its field. Nothing was decided or written. */
export class InputError extends Error {
  readonly code = 'invalid-input'
  readonly faults: readonly InputFault[]

  constructor(faults: readonly InputFault[], options?: { readonly cause?: unknown }) {
    super(faults.map(({ path, message }) => faultSentence(path, message)).join('; '), options)
    this.name = 'InputError'
    this.faults = faults
  }
}
