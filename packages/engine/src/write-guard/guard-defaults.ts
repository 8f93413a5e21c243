/** The guard's policy where no configuration speaks: apart from its schema, which a hook then need not load. */
export const GUARD_DEFAULTS = {
  unclaimed: 'warn',
  outside: 'refuse',
  temporary: 'allow',
  claimTtl: '15m',
  folderFiles: 8,
  claimsMax: 64,
  timeout: '5s',
  trespass: 'tell',
  hooks: {},
} as const
