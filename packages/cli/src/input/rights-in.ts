import { Right } from '@holdfast/server'
import { UsageError } from '../failure/usage-error.ts'

/** The rights of `--can read,halt`. */
export function rightsIn(text: string): Right[] {
  return text.split(',').map(word => {
    const right = Right.safeParse(word.trim())
    if (right.success) return right.data
    throw new UsageError(`can: ${JSON.stringify(word)} is no right; known are ${Right.options.join(', ')}.`)
  })
}
