/**
 * The holder's own deadline on the boot clock. A beat counts from the instant before its first sending, because that is
 * the earliest moment from which the log can have counted it; and it counts only once it is confirmed, because a beat
 * can land after an adoption or a move. A passed deadline never opens again, though a late beat may keep the lease in
 * the live set.
 */
export class SelfGuard {
  #deadlineBootMs: number
  #passed = false

  /** `Number.NEGATIVE_INFINITY` while nothing is confirmed: a repeated grant moves no deadline. */
  constructor(deadlineBootMs: number) {
    this.#deadlineBootMs = deadlineBootMs
  }

  get deadlineBootMs(): number {
    return this.#deadlineBootMs
  }

  /** Whether anything has been confirmed yet. */
  get opened(): boolean {
    return this.#deadlineBootMs !== Number.NEGATIVE_INFINITY
  }

  /** Takes a confirmed beat: first sent at `sentAtBootMs`, granted for `grantedMs`. Too late, it changes nothing. */
  confirm(sentAtBootMs: number, grantedMs: number, nowBootMs: number): void {
    if (this.opened && !this.holds(nowBootMs)) return
    this.#deadlineBootMs = Math.max(this.#deadlineBootMs, sentAtBootMs + grantedMs)
  }

  /** Whether the holder may still act. Once false after it was opened, false for good. */
  holds(nowBootMs: number): boolean {
    if (this.opened && nowBootMs >= this.#deadlineBootMs) this.#passed = true
    return this.opened && !this.#passed
  }
}
