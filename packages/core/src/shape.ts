import type * as z from 'zod'

/** What a shape makes of an input: the value that it describes, or what is wrong with it. */
export type Shaped<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: z.core.$ZodError }

/**
 * A schema as far as reading by it goes. Every zod schema is one. What files named `*-shapes.ts` export is used through
 * this alone, so that the published command line may read by parsers that were made from those schemas.
 */
export interface Shape<T> {
  safeParse(input: unknown): Shaped<T>
}
