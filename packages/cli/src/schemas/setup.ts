import * as z from 'zod'

const CHANGE = z.enum(['made', 'changed', 'removed', 'none'])

/** Answer of `setup`: exit 0 when all is as it should be, 3 when somebody said no, or a check failed. */
export const SetupAnswer = z.object({
  outcome: z.enum(['done', 'nothing-to-do', 'not-written', 'declined']),
  scope: z.enum(['project', 'user']),
  root: z.string(),
  remove: z.boolean(),
  dryRun: z.boolean(),
  agents: z.array(z.object({ agent: z.string(), seen: z.array(z.string()) })),
  /** How what is written calls this program. */
  program: z.string(),
  /** The ledger of the project; `null` with `--remove`, which keeps it, and for a user. */
  ledger: z.object({ url: z.string(), change: CHANGE, inTree: z.boolean() }).nullable(),
  changes: z.array(
    z.object({
      /** Whose file it is; none: it is for all of them. */
      agents: z.array(z.string()),
      file: z.string(),
      change: CHANGE,
      /** As `diff -u` prints it. */
      diff: z.string(),
      notes: z.array(z.string()),
    }),
  ),
  /** What `guard install --git` did. */
  git: z.array(
    z.object({ hook: z.string(), file: z.string(), change: CHANGE, text: z.string(), notes: z.array(z.string()) }),
  ),
  /** What was tried after writing: a document of each event, the edit of a second session, the tool server. */
  checks: z.array(z.object({ agent: z.string(), check: z.string(), ok: z.boolean(), detail: z.string() })),
  notes: z.array(z.string()),
  /** What to do next, a line each. */
  next: z.array(z.string()),
})
export type SetupAnswer = Readonly<z.infer<typeof SetupAnswer>>
