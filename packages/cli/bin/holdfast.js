#!/usr/bin/env node
import module from 'node:module'

// Older versions of Node cannot run what follows, and would say so in words that help nobody.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`holdfast needs Node 24 or newer; this is ${process.versions.node}.\n`)
  process.exit(1)
}

// The cache must be on before the program's own modules load, hence the late import.
module.enableCompileCache()
await import('../src/main.ts')
