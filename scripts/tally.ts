// Reads the JSON report of a vitest run into the counts that the last line of a test run prints.

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Files and titles that did not run, for plain reading in a CI log. */
  readonly skippedTitles: readonly string[]
}

/** The part of vitest's JSON report that is read here. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** A file that fails to load counts as one failed test: vitest lists no test of it. */
export function tally(report: TestReport): Tally {
  let passed = 0
  let failed = 0
  const skippedTitles: string[] = []
  for (const file of report.testResults) {
    let failedHere = 0
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed += 1
      else if (test.status === 'failed') failedHere += 1
      else skippedTitles.push(`${file.name}: ${test.fullName}`)
    }
    failed += file.status === 'failed' && failedHere === 0 ? 1 : failedHere
  }
  return { passed, failed, skipped: skippedTitles.length, skippedTitles }
}

/** `N passed, N failed`, and `, N skipped` if any. */
export function lastLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
}
