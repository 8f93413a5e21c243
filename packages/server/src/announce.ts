import { putSmallFile } from '@holdfast/store/internal'
import { randomUUID } from 'node:crypto'
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemProbe, thisProcess } from '@holdfast/engine'
import {
  ANNOUNCEMENT,
  isOwnSocket,
  makeOwnFolder,
  PROTOCOL,
  readAnnouncement,
  runtimeFolder,
  serveFolder,
  ServerLink,
  socketPath,
  type Announcement,
} from '@holdfast/engine/served'
import { StoreError } from '@holdfast/store'
import type { Timers } from '@holdfast/engine'

/** A server of the same store is there, or may be. It is never stopped. */
export class ServerThere extends Error {
  readonly code = 'server-there'

  constructor(store: string, { pid, socket }: { readonly pid: number; readonly socket: string }) {
    super(
      `Process ${pid} serves ${store} already, at ${socket}. Nothing was done. Use it, or stop it first: kill ${pid}`,
    )
  }
}

/** What stands beside a store of a server, and who it is. */
export class Place {
  readonly #store: string
  readonly #version: string
  readonly #folder: string
  readonly #id = randomUUID()
  readonly #since = new Date().toISOString()
  #listen: string | undefined
  #socket: string

  constructor(store: string, version: string) {
    this.#store = store
    this.#version = version
    this.#folder = serveFolder(store)
    this.#socket = this.#newSocket()
  }

  /** The path of the socket that is announced. */
  get socket(): string {
    return this.#socket
  }

  /** Makes the folder. Rejects with `ServerThere`, and with a `StoreError` where something else stands in its place. */
  async claim(timers: Timers): Promise<void> {
    this.#makeFolders()
    this.#refuseFolder()
    const announced = readAnnouncement(this.#folder)
    if (announced !== null && (await isThere(announced, timers))) {
      throw new ServerThere(this.#store, { pid: announced.process.pid, socket: announced.socket })
    }
    for (const name of readdirSync(this.#folder)) {
      const socket = join(this.#folder, name)
      if (!name.endsWith('.sock') || !isOwnSocket(socket)) continue
      // One whose announcement was deleted will announce itself again.
      if (await answers(socket, timers)) {
        throw new ServerThere(this.#store, { pid: Number.parseInt(name, 10), socket })
      }
      rmSync(socket, { force: true })
    }
  }

  /** Another path, for a socket that was deleted. */
  renew(): void {
    this.#socket = this.#newSocket()
  }

  /** Announces that it listens for HTTP as well. */
  announceListen(listen: string): void {
    this.#listen = listen
    this.announce()
  }

  announce(): void {
    this.#makeFolders()
    const announcement: Announcement = {
      protocol: PROTOCOL,
      version: this.#version,
      process: thisProcess(),
      socket: this.#socket,
      store: this.#store,
      id: this.#id,
      since: this.#since,
      listen: this.#listen,
    }
    putSmallFile(join(this.#folder, ANNOUNCEMENT), `${JSON.stringify(announcement)}\n`, { mode: 0o600, replace: true })
  }

  /** Whose announcement stands there: this server's, another's who may live, or nobody's. */
  standing(): 'ours' | 'nobody' | Announcement {
    const found = readAnnouncement(this.#folder)
    if (found === null) return 'nobody'
    if (found.id === this.#id) return 'ours'
    return systemProbe(found.process) === 'dead' ? 'nobody' : found
  }

  /** Removes what is this server's. The folder stays for the next one. */
  leave(): void {
    rmSync(this.#socket, { force: true })
    if (this.standing() === 'ours') rmSync(join(this.#folder, ANNOUNCEMENT), { force: true })
  }

  #makeFolders(): void {
    for (const folder of new Set([this.#folder, ...this.#further()])) {
      if (makeOwnFolder(folder)) continue
      const message = `${folder} is not a folder of this user that nobody else may enter (mode 0700). Find out who made it, and remove it.`
      throw new StoreError('unavailable', message)
    }
  }

  /** Unlike a link or a pipe, a folder cannot be replaced by an announcement. */
  #refuseFolder(): void {
    const path = join(this.#folder, ANNOUNCEMENT)
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return
    throw new StoreError('unavailable', `${path} is a folder. Find out who made it, and remove it.`)
  }

  /** The runtime folder, where the socket or the announcement lies in it. It comes first: others are made in it. */
  #further(): readonly string[] {
    const runtime = runtimeFolder()
    return [this.#folder, this.#socket].some(path => path.startsWith(join(runtime, '/'))) ? [runtime] : []
  }

  #newSocket(): string {
    return socketPath(this.#folder, `${process.pid}-${randomUUID().slice(0, 8)}.sock`)
  }
}

async function isThere({ process, socket }: Announcement, timers: Timers): Promise<boolean> {
  switch (systemProbe(process)) {
    case 'alive':
      return true
    case 'dead':
      return false
    case 'unknown':
      return answers(socket, timers)
  }
}

/** Whether anybody takes connections there, whatever he says. */
async function answers(socket: string, timers: Timers): Promise<boolean> {
  try {
    const link = await ServerLink.connect(socket, { hello: { ledger: 'default', actor: null }, timers })
    link.close()
    return true
  } catch (error) {
    return !(error instanceof Error && /ECONNREFUSED|ENOENT/.test(error.message))
  }
}
