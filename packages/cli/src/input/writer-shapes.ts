import { Holder, Token } from '@holdfast/core'
import type { Shape } from '@holdfast/core/internal'

/** Who writes, as a flag says it. */
export const WriterHolder: Shape<Holder> = Holder

/** The token that a flag says. */
export const WriterToken: Shape<Token> = Token
