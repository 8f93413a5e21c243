/** The command was not decided: too many are waiting. Send it again later. */
export interface QueueFull {
  readonly outcome: 'queue-full'
}
