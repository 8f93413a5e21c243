import { InputError } from '../input-error.ts'

/** What was asked for does not say what is to be written: the write must not happen. */
export class HookInputError extends InputError {
  constructor(message: string, { cause }: { readonly cause?: unknown } = {}) {
    super([{ path: '', message }])
    if (cause !== undefined) this.cause = cause
  }
}
