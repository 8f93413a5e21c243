/** For flags that repeat and take one value each. */
export function collect(value: string, previous: string[] | undefined): string[] {
  // The list of the flags before is nobody else's yet; copying it each time would be slow for thousands.
  previous?.push(value)
  return previous ?? [value]
}
