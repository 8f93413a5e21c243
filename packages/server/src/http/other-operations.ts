import type { AdoptOutcome, IntentOutcome, ScavengeOutcome } from '@holdfast/core'
import { commandOf, haltCommand, spawnCommand } from '@holdfast/engine/served'
import { adoptAnswer, scavengeAnswer } from '../answers/held-lease-answer.ts'
import { intentAnswer } from '../answers/intent-answer.ts'
import type { Body } from './bodies.ts'
import { answeredLedger, surroundingsOf, type Call } from './call.ts'
import { boundHalt } from './halt-target.ts'
import { submitted } from './lease-operations.ts'
import { reply } from './reply.ts'
import { wordsOf } from './request-line.ts'

/** Takes a lease over; it is bound to no process. */
export async function adopt(body: Body<'adopt'>, call: Call): Promise<Response> {
  const { lane, holder, expectToken, force, reason } = body
  const { ledger } = call.served.hosted
  const command = { type: 'adopt', lane, newHolder: holder, expectToken, force, reason } as const
  const outcome = await submitted<AdoptOutcome>(call, commandOf<'adopt'>(ledger.config, command))
  const nowMs = await ledger.now()
  const words = wordsOf('adopt', lane, { holder, 'expect-token': expectToken, force, reason })
  const around = surroundingsOf(call, { words, asker: holder, nowMs })
  const asked = { ...around, op: 'adopt', lane, token: expectToken } as const
  return reply(adoptAnswer(outcome, answeredLedger(call.served.hosted), asked), nowMs)
}

/** Ends a lease. */
export async function scavenge(body: Body<'scavenge'>, call: Call): Promise<Response> {
  const { lane, token, force, reason } = body
  const { ledger } = call.served.hosted
  const outcome = await submitted<ScavengeOutcome>(
    call,
    commandOf<'scavenge'>(ledger.config, { type: 'scavenge', ...body }),
  )
  const nowMs = await ledger.now()
  const words = wordsOf('scavenge', lane, { token, force, reason })
  const asked = { ...surroundingsOf(call, { words, asker: null, nowMs }), op: 'scavenge', lane, token } as const
  return reply(scavengeAnswer(outcome, answeredLedger(call.served.hosted), asked), nowMs)
}

/** Asks a holder to stop. */
export async function halt(body: Body<'halt'>, call: Call): Promise<Response> {
  const { ledger } = call.served.hosted
  const bound = boundHalt(body, call.grant, ledger.state)
  const outcome = await submitted<IntentOutcome>(call, haltCommand(bound, ledger.config))
  return reply(intentAnswer(outcome, answeredLedger(call.served.hosted)), await ledger.now())
}

/** Announces that work starts. */
export async function spawn(body: Body<'spawn'>, call: Call): Promise<Response> {
  const { ledger } = call.served.hosted
  const outcome = await submitted<IntentOutcome>(call, spawnCommand(body, ledger.config))
  return reply(intentAnswer(outcome, answeredLedger(call.served.hosted)), await ledger.now())
}
