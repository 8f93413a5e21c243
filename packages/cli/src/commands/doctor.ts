import { atPlace } from '@holdfast/server/answers'
import type { Examination, Examined } from '../doctor/examination.ts'
import { hooks } from '../doctor/hooks.ts'
import { leases } from '../doctor/leases.ts'
import { log } from '../doctor/log.ts'
import { files, place } from '../doctor/place.ts'
import { agents } from '../doctor/setup.ts'
import { clocks, surroundings } from '../doctor/surroundings.ts'
import { EXIT } from '../failure/exit-code.ts'
import { doctorLines } from '../print/doctor-lines.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import { serverThere } from '../program/server-there.ts'
import type { DoctorAnswer } from '../schemas/ledger.ts'

/** `doctor`: what is in the way here, since when, and what to do about it. `verify` reads the whole log. */
export const doctor: Define = (command, shell) => {
  examples(command, 'holdfast doctor', "holdfast doctor --json | jq -r '.inTheWay[] | [.since, .text] | @tsv'")
  shell.does(command, async () => {
    await using ledger = await openFold(shell)
    const examined: Examined[] = []
    for (const examine of EXAMINATIONS) examined.push(...(await examine({ ledger, shell })))
    const checks = examined.map(({ found: _, ...check }) => check)
    const inTheWay = examined.flatMap(({ name, found = [] }) => found.map(one => ({ check: name, ...one })))
    const ok = checks.every(check => check.ok || check.severity === 'finding')
    const { url } = ledger.store
    const found = { ok, checks, inTheWay, ...(await serverThere(url)) }
    const answer: DoctorAnswer = { ...ledger.at, ...atPlace(shell.which, url), ...found }
    await shell.answer(answer, () => doctorLines(answer, ledger.nowMs))
    if (!ok) return EXIT.untrusted
    return inTheWay.length === 0 ? EXIT.done : EXIT.refused
  })
}

/** What `doctor` looks at, in the order of its answer. A group that looks at more is a file and a line here. */
export const EXAMINATIONS: readonly Examination[] = [surroundings, place, files, log, leases, hooks, agents, clocks]
