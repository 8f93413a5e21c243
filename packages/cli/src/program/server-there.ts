import type { ServerJson } from '@holdfast/server/schemas'

/** Who serves the store of an answer. Absent for a store that is asked at the address of a server, which is on another host. */
export async function serverThere(storeUrl: string): Promise<{ readonly server?: ServerJson | null }> {
  if (/^https?:/i.test(storeUrl)) return {}
  const { serverSeen } = await import('@holdfast/engine/served')
  return { server: serverSeen(storeUrl) }
}
