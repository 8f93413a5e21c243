'use strict'
// Required by a program under test before all else: it fails as soon as it opens a database.
function refused() {
  throw new Error('a store was opened')
}
Object.defineProperty(require('node:sqlite'), 'DatabaseSync', { value: refused })
