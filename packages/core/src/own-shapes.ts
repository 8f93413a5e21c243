import { ProcessIdentity } from './process-identity.ts'
import type { Shape } from './shape.ts'

/** The process that writes events; `null`: none is named. */
export const OwnActor: Shape<ProcessIdentity | null> = ProcessIdentity.nullable()
