import { readFileSync, statfsSync } from 'node:fs'
import { StoreError } from '../errors.ts'

/** `statfs` types of file systems whose locks and shared memory do not reach other hosts. */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
])

const FUSE_TYPE = 0x65735546

/** Names under which network file systems appear in the mount table when they run over FUSE. */
const NETWORK_FUSE = /^fuse\.(sshfs|s3fs|rclone|davfs2?|gcsfuse|glusterfs|cephfs|juicefs|smbnetfs|curlftpfs|goofys)$/

export interface FileSystemFacts {
  readonly type: number
  /** Text of `/proc/self/mountinfo`; asked for only when the type does not say enough. */
  readonly mounts: () => string
}

/** Refuses folders where SQLite's write-ahead log does not work: several hosts would write over each other. */
export function refuseNetworkFileSystem(folder: string, facts: FileSystemFacts = factsOf(folder)): void {
  const name =
    NETWORK_TYPES.get(facts.type) ?? (facts.type === FUSE_TYPE ? networkFuse(folder, facts.mounts()) : undefined)
  if (name === undefined) return
  const message = `${folder} is on a network file system (${name}), where an embedded store would be damaged. Use a local folder, or EventStoreDB for many hosts.`
  throw new StoreError('unavailable', message)
}

function factsOf(folder: string): FileSystemFacts {
  try {
    return { type: statfsSync(folder).type, mounts: () => readFileSync('/proc/self/mountinfo', 'utf8') }
  } catch {
    return { type: 0, mounts: () => '' } // The folder cannot be asked; opening the file will say what is wrong.
  }
}

/** The type of the mount that holds the folder, when it is one of the network's. */
function networkFuse(folder: string, mounts: string): string | undefined {
  let longest = ''
  let type: string | undefined
  for (const line of mounts.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const point = before
      .split(' ')[4]
      ?.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
    if (point === undefined || point.length < longest.length) continue
    if (folder !== point && !folder.startsWith(point.endsWith('/') ? point : `${point}/`)) continue
    longest = point
    type = after.split(' ')[0]
  }
  return type !== undefined && NETWORK_FUSE.test(type) ? type : undefined
}
