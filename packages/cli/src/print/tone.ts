import { tone, useColours } from '@holdfast/server/text'
import { mayBeTerminal } from './text-stream.ts'

/** Variables that decide about colours, in the order in which they win. */
const COLOUR_VARIABLES = ['NO_COLOR', 'NODE_DISABLE_COLORS', 'FORCE_COLOR'] as const

useColours(decideColours())

export { tone }

/**
 * Whether answers have colours: never where NO_COLOR (or Node's NODE_DISABLE_COLORS) is set to something, else where
 * FORCE_COLOR is, else on a terminal that has them. Decided here and not by `styleText`, which lets FORCE_COLOR win,
 * takes a variable that is set to nothing as set, and warns of both.
 */
function decideColours(): boolean {
  const [no, disabled, forced] = COLOUR_VARIABLES.map(name => process.env[name] ?? '')
  if (no !== '' || disabled !== '') return false
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  // Making the stream takes time, and off a terminal nothing else needs it.
  if (!mayBeTerminal(1) || !process.stdout.isTTY) return false
  const others = Object.entries(process.env).filter(([name]) => !COLOUR_VARIABLES.some(variable => variable === name))
  return process.stdout.getColorDepth(Object.fromEntries(others)) > 1
}
