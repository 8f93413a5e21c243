import {
  health,
  HealthInput,
  liveness,
  LivenessInput,
  planReap,
  presence,
  PresenceInput,
  ReapInput,
  type Judgement,
} from '@holdfast/core'
import { Argument } from 'commander'
import { firstFaults } from '../input/first-faults.ts'
import { readJson } from '../input/read-json.ts'
import { tone } from '../print/tone.ts'
import { answerLines } from '../program/answer-lines.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { UsageError } from '../program/usage-error.ts'
import type { Define } from './define.ts'

type AnyJudgement = Judgement<string, string, unknown>
type Verdict = 'liveness' | 'health' | 'presence' | 'reap'

/** The pure verdicts of core, each behind the check of what it is given. */
const JUDGES: Readonly<Record<Verdict, (document: unknown) => AnyJudgement>> = {
  liveness: document => liveness(parsedBy(LivenessInput, document)),
  health: document => health(parsedBy(HealthInput, document)),
  presence: document => presence(parsedBy(PresenceInput, document)),
  reap: document => planReap(parsedBy(ReapInput, document)),
}

/** `judge`: a verdict on evidence that is given, with nothing looked up and no store opened. */
export const judge: Define = (command, shell) => {
  command
    .addArgument(new Argument('<verdict>', 'what is judged').choices(Object.keys(JUDGES)))
    .argument('[file]', 'JSON document with evidence and policy (default: standard input)')
    .option('--stdin', 'JSON lines in, JSON lines out')
  examples(
    command,
    `echo '{"heartbeatAgeMs":61000,"activity":"quiet","policy":{"stallMs":60000,"ttlMs":3000000}}' | holdfast judge health`,
    'holdfast judge liveness --stdin < evidence.jsonl > verdicts.jsonl',
  )
  shell.does(command, async (verdict: Verdict, file: string | undefined, flags: { readonly stdin?: boolean }) => {
    const judgeOne = JUDGES[verdict]
    if (flags.stdin === true) {
      if (file !== undefined) throw new UsageError('stdin: give a FILE or --stdin, not both.')
      return answerLines(shell, judgeOne)
    }
    await shell.answer(judgeOne(await readJson(file ?? '-')), lines)
    return EXIT.done
  })
}

interface Checker<T> {
  safeParse(
    document: unknown,
  ): { success: true; data: T } | { success: false; error: Parameters<typeof firstFaults>[0] }
}

function parsedBy<T>(schema: Checker<T>, document: unknown): T {
  const result = schema.safeParse(document)
  if (result.success) return result.data
  throw new UsageError(firstFaults(result.error))
}

function lines({ verdict, basis, reason }: AnyJudgement): readonly string[] {
  return [`${tone.strong(verdict)}  ${basis}  ${reason}`]
}
