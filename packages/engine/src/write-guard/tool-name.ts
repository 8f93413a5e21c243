/** Whether a tool has one of these names, in which `*` stands for any text. */
export function isNamed(tool: string, names: readonly string[]): boolean {
  return names.some(name => (name.includes('*') ? fits(tool, name.split('*')) : name === tool))
}

/** Without regular expressions: names come from a configuration, and tools from a model. */
function fits(tool: string, [first = '', ...others]: readonly string[]): boolean {
  if (!tool.startsWith(first)) return false
  let place = first.length
  const last = others.pop() ?? ''
  for (const part of others) {
    const found = tool.indexOf(part, place)
    if (found < 0) return false
    place = found + part.length
  }
  return tool.length - place >= last.length && tool.endsWith(last)
}
