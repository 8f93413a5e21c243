import { forEachChild, type SyntaxNode } from 'unbash'

const READING: ReadonlySet<string> = new Set([
  'read',
  'mapfile',
  'readarray',
  'getopts',
  'declare',
  'local',
  'export',
  'let',
  'unset',
])

/** The variables that something below a node may set. */
export function assignedNames(node: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (child: SyntaxNode): void => {
    if (child.type === 'Assignment') names.add(child.name)
    if (child.type === 'For' || child.type === 'Select') names.add(child.name.value)
    if (child.type === 'Command' && READING.has(child.name?.value ?? '')) {
      for (const word of child.args) if (word.type === 'Word') names.add(word.value)
    }
    forEachChild(child, visit)
  }
  visit(node)
  return names
}
