import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core')), 'utf8')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** What a checker of accessibility finds wrong with a page as it stands, a line each. */
export async function faultsOf(page: Page, of: 'all' | 'colours'): Promise<readonly string[]> {
  // As a debugger would run it: the policy of the page lets no script in.
  await page.evaluate(`if (globalThis.axe === undefined) { ${AXE} }; 0`)
  const rules = of === 'all' ? '' : "runOnly: ['color-contrast']"
  const violations = await page.evaluate<Violation[]>(
    `axe.run({ resultTypes: ['violations'], ${rules} }).then(({ violations }) => violations)`,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(
        ({ html, failureSummary = '' }) =>
          `${id}: ${html.slice(0, 160)} ${failureSummary.split('\n').slice(0, 3).join(' ')}`,
      ),
  )
}
