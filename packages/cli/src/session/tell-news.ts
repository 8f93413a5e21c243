import type { EpochMs } from '@holdfast/core'
import type { Ledger } from '@holdfast/engine/lean'
import { heard, sessionNews, type News, type SessionFiles, type Trespass } from '@holdfast/engine/sessions'
import { newsLine, startLines } from '../print/session-lines.ts'
import type { Worker } from './who-works.ts'

/** Lines of news that one answer carries; the rest comes with the next one. */
const LINES_MAX = 6

/** By this a session is known to have been told who it is. */
const STARTED = 'start'

/** What a session has to hear now, and how it is remembered that it did. */
export class SessionNews {
  /** What is told now. */
  readonly lines: readonly string[]
  readonly #ledger: Ledger
  readonly #worker: Worker
  readonly #news: readonly News[]
  readonly #isFirst: boolean
  readonly #all: readonly News[]

  /** `room`: how many pieces of news are told, of a refusal's few lines one; who it is, it hears elsewhere. */
  constructor(
    ledger: Ledger,
    worker: Worker,
    about: {
      readonly nowMs: EpochMs
      readonly claims: boolean
      readonly room: 'none' | 'one' | 'all'
      readonly trespasses?: readonly Trespass[]
    },
  ) {
    const { record, name } = worker
    this.#ledger = ledger
    this.#worker = worker
    this.#isFirst = about.room === 'all' && !record.told.includes(STARTED)
    this.#all = sessionNews(ledger.state, record, about)
    this.#news = this.#all.slice(0, { none: 0, one: 1, all: LINES_MAX }[about.room])
    const start = this.#isFirst ? startLines(ledger.state, { name, ...about }) : []
    this.lines = [...start, ...this.#news.map(news => newsLine(news, { name, nowMs: about.nowMs }))]
  }

  /** Remembers what was told; what was not is told next time. A session that is over has nothing more to hear. */
  keep(files: SessionFiles | null, { isOver }: { readonly isOver: boolean }): void {
    const { key, record } = this.#worker
    if (files === null) return
    if (isOver) {
      files.forget(key)
      return
    }
    const told = this.#news
    const after = heard(this.#ledger.state, record, told)
    const untold = this.#all.flatMap(news => (news.kind === 'lost' && !told.includes(news) ? [news.lease] : []))
    const started = this.#isFirst ? [STARTED] : []
    const next = { ...after, knows: [...untold, ...after.knows], told: [...after.told, ...started] }
    if (JSON.stringify(next) !== JSON.stringify(record)) files.keep(key, next)
  }
}
