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

/** JSON in which the text `{text}` stands for what is said to the model. */
const Answer = z
  .record(z.string(), z.json())
  .refine(answer => JSON.stringify(answer).includes('{text}'), 'nothing in it says {text}: nobody would be told')

/** The name of a tool; `*` stands for any text: `mcp__*__write_file`. */
const ToolName = z.string().min(1)

/**
 * What an event of an agent means to the guard. `before-tool` alone can be refused; `waiting`: the agent waits for a human;
 * `other`: it only shows that the session is alive.
 */
const EventKind = z.enum([
  'session-start',
  'prompt',
  'before-tool',
  'after-tool',
  'waiting',
  'stop',
  'session-end',
  'subagent-start',
  'subagent-end',
  'other',
])
export type EventKind = z.infer<typeof EventKind>

/** One row of the table of events; the first one that fits counts. */
const HookEvent = z.strictObject({
  /** As the document names it. */
  name: z.string().min(1),
  kind: EventKind,
  /** Only where the value at `field` is one of these. */
  when: z.strictObject({ field: FieldPath, is: z.array(z.string()).min(1) }).optional(),
  /** What a `waiting` one waits for; default an answer to a question for permission. */
  waits: z.enum(['permission', 'input']).optional(),
  /** The tool, for an event whose document names none. */
  tool: z.string().min(1).optional(),
  /** How text reaches the model from this event; absent: it does not. */
  tells: Answer.optional(),
})
export type HookEvent = z.infer<typeof HookEvent>

/** Tools that write, and where they name what. */
const ToolRow = z.strictObject({
  names: z.array(ToolName).min(1),
  /** Where paths may stand. */
  paths: z.array(FieldPath).default([]),
  /** Where a text may stand that is a patch document (`*** Update File: …`), which names paths itself. */
  patches: z.array(FieldPath).default([]),
})

/** The tools that run a command in a shell. */
const ShellTools = z.strictObject({
  tools: z.array(ToolName).min(1),
  command: z.array(FieldPath).min(1),
  /** The folder that it runs in, where that is not the document's. */
  directory: z.array(FieldPath).default([]),
  /** How long it may take, and in which unit. */
  timeout: z.strictObject({ field: FieldPath, unit: z.enum(['ms', 's']) }).optional(),
})

/** The shape of coding agents: a JSON document on standard input, an exit code as the answer, JSON beside it. */
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
  /** Where the name of the event may stand; absent, or nothing there: every document is about a tool before it runs. */
  event: z.array(FieldPath).min(1).optional(),
  events: z.array(HookEvent).optional(),
  /** Where the id of the session may stand. Without one there is no session: no leases are beaten, and none claimed. */
  session: z.array(FieldPath).min(1).optional(),
  /** Where the id of a sub-agent may stand, in documents that tell it from its session. */
  subagent: z.array(FieldPath).optional(),
  /** Where the session of a sub-agent may stand, in documents where `session` names the sub-agent itself. */
  parent: z.array(FieldPath).optional(),
  /** Further tools that write, each with its own places. */
  tools: z.array(ToolRow).optional(),
  /** What their commands are known to write is judged like an edit. */
  shell: ShellTools.optional(),
  /** Where the agent's own name of the call may stand, the same before the tool runs and after. */
  call: z.array(FieldPath).optional(),
  /** Where it may stand what an event is about, for people. */
  detail: z.array(FieldPath).optional(),
  /** What goes to standard output when a tool is refused, beside the exit code. */
  refusal: Answer.optional(),
})
export type DocumentHook = z.infer<typeof DocumentHook>

/** What git is about to commit. */
const StagedHook = z.strictObject({ source: z.literal('git-staged'), refusedExitCode: z.int().min(1).max(255) })

/** How the guard is asked by somebody else's program, and how it answers. Plain data: another agent is a few lines. */
export const HookShape = z.discriminatedUnion('source', [DocumentHook, StagedHook])
export type HookShape = z.infer<typeof HookShape>
