import * as z from 'zod'

/** Where a value stands in a document: `tool_input.file_path`; `edits[].path` for each element of a list. */
const FieldPath = z
  .string()
  .regex(
    /^[^.[\]]+(\[\])?(\.[^.[\]]+(\[\])?)*$/,
    'a field is written like tool_input.file_path or tool_input.edits[].path',
  )

/** Where a hook is entered, so that an agent calls it. */
const HookSettings = z.strictObject({
  /** Relative to the guarded root. */
  file: z.string().min(1),
  /** The list inside that JSON document. */
  list: z.array(z.string().min(1)).min(1),
  /** What is added to the list; the text `{command}` stands for the command to run. */
  entry: z
    .record(z.string(), z.json())
    .refine(
      entry => JSON.stringify(entry).includes('{command}'),
      'nothing in it says {command}: the guard would not run',
    ),
})

/** The pre-tool-use shape of coding agents: a JSON document on standard input, an exit code as the answer. */
const DocumentHook = z.strictObject({
  source: z.literal('document'),
  /** Where the name of the tool stands. */
  tool: FieldPath,
  /** The tools that write; every other one passes unjudged. */
  writers: z.array(z.string().min(1)).min(1),
  /** Where paths may stand. A tool that writes and names none is refused. */
  paths: z.array(FieldPath).min(1),
  /** Where the folder stands that relative paths start from; absent: the hook's own working folder. */
  directory: FieldPath.optional(),
  /** The exit code that keeps the tool from running; the reason goes to standard error. */
  refusedExitCode: z.int().min(1).max(255),
  settings: HookSettings.optional(),
})
export type DocumentHook = z.infer<typeof DocumentHook>

/** What git is about to commit. */
const StagedHook = z.strictObject({ source: z.literal('git-staged'), refusedExitCode: z.int().min(1).max(255) })

/** How the guard is asked by somebody else's program, and how it answers. Plain data: another agent is a few lines. */
export const HookShape = z.discriminatedUnion('source', [DocumentHook, StagedHook])
export type HookShape = z.infer<typeof HookShape>
