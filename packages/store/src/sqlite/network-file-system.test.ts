import { expect, test } from 'vitest'
import { refuseNetworkFileSystem } from './network-file-system.ts'

const FUSE = 0x65735546
const MOUNTS = `
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 22 0:50 / /mnt/far\\040away rw - fuse.sshfs me@host:/ rw
41 40 0:51 / /mnt/far\\040away/near rw - fuse.gocryptfs vault rw
`

test.each([0x6969, 0xff534d42, 0xfe534d42])('the network file system of type %d is refused', type => {
  expect(() => refuseNetworkFileSystem('/data', { type, mounts: () => '' })).toThrow(/network file system/)
})

test('local file systems are used', () => {
  for (const type of [0xef53, 0x01021994, 0x9123683e]) refuseNetworkFileSystem('/data', { type, mounts: () => '' })
})

test('over FUSE the mount table says what it is: the innermost mount counts', () => {
  const facts = { type: FUSE, mounts: () => MOUNTS }
  expect(() => refuseNetworkFileSystem('/mnt/far away/x', facts)).toThrow(/sshfs/)
  refuseNetworkFileSystem('/mnt/far away/near/x', facts)
  refuseNetworkFileSystem('/mnt/far awayer', facts)
})
