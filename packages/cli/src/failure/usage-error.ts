/** What was typed cannot be understood. The message is one sentence that names the field and says what to do. */
export class UsageError extends Error {
  readonly code = 'usage'

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'UsageError'
  }
}
