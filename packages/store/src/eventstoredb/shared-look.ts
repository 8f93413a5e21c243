/**
 * One look for all who ask while another is under way: it begins after each of them asked, so what they get is as fresh
 * as a look of their own.
 */
export class SharedLook<T> {
  readonly #look: () => Promise<T>
  #current: Promise<T> | null = null
  #next: Promise<T> | null = null

  constructor(look: () => Promise<T>) {
    this.#look = look
  }

  take(): Promise<T> {
    if (this.#current === null) return this.#begin()
    this.#next ??= this.#after(this.#current)
    return this.#next
  }

  async #after(current: Promise<T>): Promise<T> {
    await current.catch(() => undefined)
    this.#next = null
    return this.#begin()
  }

  #begin(): Promise<T> {
    const look = this.#look()
    this.#current = look
    const end = (): void => {
      if (this.#current === look) this.#current = null
    }
    look.then(end, end)
    return look
  }
}
