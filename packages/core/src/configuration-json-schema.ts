import * as z from 'zod'
import { Configuration } from './configuration.ts'

/**
 * The JSON Schema (draft 2020-12) of the configuration that decides, for editors and for checks before `config set`. It
 * knows shapes, bounds and defaults; relations between settings and the reading of globs are checked by
 * `parseConfiguration` alone.
 */
export function configurationJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(Configuration, { io: 'input', target: 'draft-2020-12' })
  return { ...schema, title: 'Holdfast: the configuration that decides' }
}
