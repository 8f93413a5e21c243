const UNITS = 0x1_00_00
const ASCII_LIMIT = 0x80

/**
 * The representative of a UTF-16 unit under JavaScript's `i` flag without `u`: its upper case, when that is one unit and
 * does not lead from outside ASCII into it (ECMA-262, Canonicalize). Two units match each other exactly when theirs are equal.
 */
export const foldUnit = (unit: number): number => {
  if (unit < ASCII_LIMIT) return unit >= 0x61 && unit <= 0x7a ? unit - 0x20 : unit
  const upper = String.fromCharCode(unit).toUpperCase()
  const folded = upper.charCodeAt(0)
  return upper.length !== 1 || folded < ASCII_LIMIT ? unit : folded
}

const isAscii = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= ASCII_LIMIT) return false
  return true
}

/** `text` with every unit replaced by its representative. */
export const foldText = (text: string): string => {
  if (isAscii(text)) return text.toUpperCase()
  let folded = ''
  for (let at = 0; at < text.length; at += 1) folded += String.fromCharCode(foldUnit(text.charCodeAt(at)))
  return folded
}

/** A readable unit that folds to `unit`: its lower case where that folds back. */
export const unfoldUnit = (unit: number): number => {
  const lower = String.fromCharCode(unit).toLowerCase()
  const candidate = lower.charCodeAt(0)
  return lower.length === 1 && foldUnit(candidate) === unit ? candidate : unit
}

let folding: readonly (readonly [unit: number, folded: number])[] | undefined

/** Every unit outside ASCII that is not its own representative, ascending; made once, when a class first asks. */
export const foldingUnits = (): readonly (readonly [unit: number, folded: number])[] => {
  if (folding === undefined) {
    const found: (readonly [number, number])[] = []
    for (let unit = ASCII_LIMIT; unit < UNITS; unit += 1) {
      const folded = foldUnit(unit)
      if (folded !== unit) found.push([unit, folded])
    }
    folding = found
  }
  return folding
}
