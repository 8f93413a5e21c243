#!/usr/bin/env node
import module from 'node:module'

// Older versions of Node cannot run what follows, and would say so in words that help nobody.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `holdfast needs Node 24 or newer; this is ${process.versions.node}. For this project alone: npm install --save-dev node@24, then npx holdfast.\n`,
  )
  process.exit(1)
}

// NO_COLOR wins here. Node lets FORCE_COLOR win, and says so when this module is loaded: it is loaded with only one set.
const { NO_COLOR, FORCE_COLOR } = process.env
if (NO_COLOR && FORCE_COLOR !== undefined) {
  delete process.env['FORCE_COLOR']
  await import('node:util')
  process.env['FORCE_COLOR'] = FORCE_COLOR
}

// The cache must be on before the program's own modules load, hence the late import.
module.enableCompileCache()
const { notStarted } = await import('../src/program/not-started.ts')
await import('../src/main.ts').catch(notStarted)
