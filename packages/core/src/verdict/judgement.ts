/**
 * What every verdict answers with: the word, the finding it rests on as data, one sentence for people, and the evidence
 * as it was given, so that the same judgement can be made again, also under another policy.
 */
export type Judgement<Verdict extends string, Basis extends string, Evidence> = {
  readonly verdict: Verdict
  readonly basis: Basis
  readonly reason: string
  readonly evidence: Evidence
}
