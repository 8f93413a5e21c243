import type { HttpBindings } from '@hono/node-server'
import type { Grant } from '../tokens/rights.ts'

/** What belongs to one request. Apart from the parts, whose types others see: those of hono ask for a browser's. */
export interface HttpEnv {
  Bindings: Partial<HttpBindings>
  Variables: {
    /** Who asks; set where a token is needed. */
    grant: Grant
    /** Whether that still holds. */
    isGranted: () => boolean
    /** Aborts when nobody is there any more to hear the answer. */
    gone: AbortSignal
  }
}
