import { callbackSink, Heartbeat, heartbeatPolicy, type Beat, type HeartbeatOptions } from '@holdfast/engine'
import { VirtualTime } from '../setup/virtual-time.ts'

/** A heartbeat of one beat a second under virtual time, and what reached its sink. */
export function beating(options: Partial<HeartbeatOptions> = {}): {
  readonly time: VirtualTime
  readonly written: Beat[]
  readonly heartbeat: Heartbeat
} {
  const time = new VirtualTime()
  const written: Beat[] = []
  const heartbeat = new Heartbeat({
    sink: callbackSink(beat => void written.push(beat)),
    policy: heartbeatPolicy({ interval: '1s' }),
    timers: time.timers,
    wallMs: time.wall,
    ...options,
  })
  return { time, written, heartbeat }
}

/** A promise that the test settles. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: () => resolve() }
}
