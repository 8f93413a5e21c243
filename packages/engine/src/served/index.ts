// What a server and its clients agree on. For the package of the server; users open a ledger and need none of it.
export { storeAtSocket } from './at-socket.ts'
export { findServer, type ServerWish } from './find-server.ts'
export { FrameWriter } from './frame-writer.ts'
export { encodeFrame, FRAME_BYTES_MAX, FrameError, FrameReader } from './frame.ts'
export { openHosted, type HostedLedger } from './hosted-ledger.ts'
export { LedgerFor } from './ledger-for.ts'
export { LinkLost } from './link-lost.ts'
export { ServerLink, type Answer } from './link.ts'
export { dialServer, UPGRADE } from './dial.ts'
export { FAR, NEAR, type Pace } from './pace.ts'
export { openRemoteStore, type RemoteStoreOptions } from './remote-store.ts'
export { tokenGiven } from './remote-token.ts'
export type { Failure, ServerHello, ServerMessage } from './messages-shapes.ts'
export { ClientHello, readClientMessage, type ClientMessage } from './messages.ts'
export { isServed, type ServedType } from './outcome-of.ts'
export { HELLO_WITHIN_MS, IN_FLIGHT_MAX, LASTING_MAX, PROTOCOL, READ_MAX } from './protocol.ts'
export {
  ANNOUNCEMENT,
  fileIdentity,
  isOwnFolder,
  isOwnSocket,
  makeOwnFolder,
  readAnnouncement,
  runtimeFolder,
  serveFolder,
  socketPath,
} from './place.ts'
export type { Announcement } from './announcement-shapes.ts'
export { serverSeen, type SeenServer } from './server-seen.ts'
export { ServedCommands } from './served-commands.ts'
export { tellServer, type Told, type TellWish } from './tell-server.ts'
export type { Drains } from '../ledger/commands.ts'
export { acquireCommand, commandOf, haltCommand, spawnCommand } from '../pipeline/requests.ts'
export type { Sender } from '../pipeline/sender.ts'
