#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// The cache must be on before the program's own modules load, hence the late import.
enableCompileCache()
await import('../src/main.ts')
