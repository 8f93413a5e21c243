import * as z from 'zod'
import { LedgerId, Revision } from '@holdfast/core'
import type { Shape } from '@holdfast/core/internal'

const Header = z.strictObject({
  format: z.literal(1),
  ledgerId: LedgerId,
  codeVersion: z.string(),
  throughRevision: Revision,
  /** Hash of the event at that revision: a snapshot of another history is not believed. */
  eventHash: z.string(),
  stateHash: z.string(),
})

const Lines = z.array(z.tuple([z.int(), z.string(), z.string(), z.int(), z.int(), z.string()]))

/** The first line of a snapshot file. */
export type SnapshotHeader = z.infer<typeof Header>
export const SnapshotHeader: Shape<SnapshotHeader> = Header

/** The text of an archive chunk: revision, event id, type, schema version, time and body of each event. */
export const ChunkLines: Shape<z.infer<typeof Lines>> = Lines
