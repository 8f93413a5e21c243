/** How long a link waits for signs of the other side. */
export interface Pace {
  /** How often a link that waits for an answer looks whether anything was heard. */
  readonly lookEveryMs: number
  /** So many looks without a sign: the server is taken for gone. After the first one it is asked for a sign. */
  readonly silentLooksMax: number
  /** How often a sign is given and asked for while nothing is asked; `null`: never. */
  readonly signEveryMs: number | null
  readonly helloWithinMs: number
}

/** On one host: whoever is silent is stopped. */
export const NEAR: Pace = { lookEveryMs: 500, silentLooksMax: 3, signEveryMs: null, helloWithinMs: 2_000 }

/** Over a network, and through proxies that close what is not used. */
export const FAR: Pace = { lookEveryMs: 1_500, silentLooksMax: 3, signEveryMs: 10_000, helloWithinMs: 5_000 }
