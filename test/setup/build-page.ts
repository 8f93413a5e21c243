import { buildPage } from '../../scripts/build/page.ts'

/** Builds the page once for each state of its sources: the servers that tests start serve it from there. */
export async function setup(): Promise<void> {
  await buildPage()
}
