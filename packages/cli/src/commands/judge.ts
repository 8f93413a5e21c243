import { health, liveness, planReap, presence, type Judgement } from '@holdfast/core'
import { HealthInput, LivenessInput, PresenceInput, ReapInput } from '@holdfast/core/internal'
import { Argument } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { firstFaults } from '../input/faults.ts'
import { readJson } from '../input/read-json.ts'
import { tone } from '../print/tone.ts'
import { answerLines } from '../program/answer-lines.ts'
import { examples, type Define } from '../program/define.ts'

type AnyJudgement = Judgement<string, string, unknown>
type Verdict = 'liveness' | 'health' | 'presence' | 'reap'

interface JudgeFlags {
  readonly stdin?: boolean
  readonly over?: string
  readonly policy?: string
}

/** The pure verdicts of core, each behind the check of what it is given. */
const JUDGES: Readonly<Record<Verdict, (document: unknown) => AnyJudgement>> = {
  liveness: document => liveness(parsedBy(LivenessInput, document)),
  health: document => health(parsedBy(HealthInput, document)),
  presence: document => presence(parsedBy(PresenceInput, document)),
  reap: document => planReap(parsedBy(ReapInput, document)),
}

/** `judge`: a verdict on evidence that is given, with nothing looked up; or on a recorded history, judged again. */
export const judge: Define = (command, shell) => {
  command
    .addArgument(new Argument('<verdict>', 'what is judged').choices(Object.keys(JUDGES)))
    .argument('[file]', 'JSON document with evidence and policy (default: standard input)')
    .option('--stdin', 'JSON lines in, JSON lines out')
    .option('--over <range>', 'judge the recorded history again, from one point to another: r100..r200, or two times')
    .option('--policy <file>', 'with --over: JSON file with the policy to judge by')
  examples(
    command,
    `echo '{"heartbeatAgeMs":61000,"activity":"quiet","policy":{"stallMs":60000,"ttlMs":3000000}}' | holdfast judge health`,
    'holdfast judge liveness --over r100..r200 --policy strict.json --json',
  )
  shell.does(command, async (verdict: Verdict, file: string | undefined, { stdin, over, policy }: JudgeFlags) => {
    const judgeOne = JUDGES[verdict]
    if (over !== undefined) {
      if (file !== undefined || stdin === true)
        throw new UsageError('over: it judges the log itself; leave FILE and --stdin out.')
      const { judgeHistory } = await import('./judge-history.ts')
      return judgeHistory(shell, verdict, { over, policy })
    }
    if (policy !== undefined) throw new UsageError('policy: it is for --over only; a document contains its own policy.')
    if (stdin === true) {
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
