import { Holder, Token, type Shape } from '@holdfast/core'

/** Who writes, as a flag says it. */
export const WriterHolder: Shape<Holder> = Holder

/** The token that a flag says. */
export const WriterToken: Shape<Token> = Token
