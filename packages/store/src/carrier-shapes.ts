import { StateCarrier, type Shape } from '@holdfast/core/internal'

/** Where the state of a stored CHECKPOINT is. */
export const StoredCarrier: Shape<StateCarrier> = StateCarrier
