import { StateCarrier, type Shape } from '@holdfast/core'

/** Where the state of a stored CHECKPOINT is. */
export const StoredCarrier: Shape<StateCarrier> = StateCarrier
