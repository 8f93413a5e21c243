import type { Socket } from 'node:net'
import type { Timers } from '../clock/timers.ts'
import { encodeFrame, FrameReader } from './frame.ts'
import { LinkLost } from './link-lost.ts'
import { ServerHello } from './messages-shapes.ts'
import type { ClientHello } from './messages.ts'
import type { Pace } from './pace.ts'
import { PROTOCOL } from './protocol.ts'

/** Says hello over a socket, and gives what was answered. Rejects with `LinkLost`, and then the socket is gone. */
export async function greeted(
  socket: Socket,
  { hello, timers, pace }: { readonly hello: Omit<ClientHello, 'hello'>; readonly timers: Timers; readonly pace: Pace },
): Promise<{ readonly reader: FrameReader; readonly answer: ServerHello }> {
  const reader = new FrameReader()
  let cancel: () => void = () => {}
  try {
    const first = await new Promise<unknown>((resolve, reject) => {
      const fail = (reason: string): void => reject(new LinkLost(reason))
      const say = (): void => void socket.write(encodeFrame({ hello: PROTOCOL, ...hello }))
      cancel = timers.after(pace.helloWithinMs, () => fail('no hello in time'))
      socket.on('error', error => fail(error.message))
      socket.on('close', () => fail('it was closed before the hello'))
      if (socket.connecting) socket.on('connect', say)
      else say()
      socket.on('data', piece => {
        try {
          const [message] = reader.read(piece)
          if (message !== undefined) resolve(message)
        } catch (error) {
          reject(error)
        }
      })
    })
    const parsed = ServerHello.safeParse(first)
    if (!parsed.success) throw new LinkLost(`no hello of protocol ${PROTOCOL}: ${JSON.stringify(first).slice(0, 200)}`)
    return { reader, answer: parsed.data }
  } catch (error) {
    socket.removeAllListeners()
    socket.on('error', () => {})
    socket.destroy()
    throw error
  } finally {
    cancel()
  }
}
