import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { deflateSync } from 'node:zlib'
import { pushedFiles } from '@holdfast/engine/write-guard'
import { expect, it } from 'vitest'
import { gitIn } from './repository-template.ts'
import { WorkTree } from './work-tree.ts'

// What a push changes at the remote, by real repositories; who may push it is judged in core.

const NONE = '0'.repeat(40)
const HOUR_S = 3600

class Pushing extends WorkTree {
  /** Commits files, dated by `atS`. `null` removes one. */
  commit(files: Readonly<Record<string, string | null>>, atS = 1_800_000_000): string {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) rmSync(this.path(path))
      else this.write(path, text)
    }
    this.git('add', '.')
    return this.dated(atS, 'commit', '-q', '-m', 'x')
  }

  dated(atS: number, ...args: readonly string[]): string {
    const date = `${atS} +0000`
    gitIn(this.root, args, { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date })
    return this.head
  }

  /** The commit that is checked out, as git has written it down. */
  get head(): string {
    const [, branch] = /^ref: (.*)\n/.exec(readFileSync(this.path('.git/HEAD'), 'utf8')) ?? []
    return readFileSync(this.path('.git', branch ?? 'HEAD'), 'utf8').trim()
  }

  id(name: string): string {
    return this.git('rev-parse', name).trim()
  }

  /** The remote has this under a name. */
  published(name: string, id: string): void {
    this.git('update-ref', `refs/remotes/origin/${name}`, id)
  }

  async pushed(local: string, remote: string, name = 'main') {
    const told = `${local === NONE ? '(delete)' : `refs/heads/${name}`} ${local} refs/heads/${name} ${remote}\n`
    const { added, dropped } = await pushedFiles(this.root, { remote: 'origin', told })
    return { added: [...added.keys()].sort(), dropped: [...dropped.keys()].sort(), files: added }
  }
}

it('names both sides of a rename, what is removed, the pointer of a submodule, and names that need quotes', async () => {
  await using tree = new Pushing()
  const base = tree.commit({ 'a.ts': 'a text that git knows again after a move\n', gone: 'x' })
  tree.git('mv', 'a.ts', 'b.ts')
  tree.git('update-index', '--add', '--cacheinfo', `160000,${base},libs/lib`)
  const head = tree.dated(1_800_000_001, 'commit', '-q', '-m', 'x')
  const last = tree.commit({ 'new\nline "q" é': 'x', gone: null })
  const { added, dropped } = await tree.pushed(last, base)
  expect(added).toEqual(['a.ts', 'b.ts', 'gone', 'libs/lib', 'new\nline "q" é'])
  expect(dropped).toEqual([])
  expect((await tree.pushed(head, base)).added).toEqual(['a.ts', 'b.ts', 'libs/lib'])
})

it('of a merge names what it has changed itself, and a side that it leaves out', async () => {
  await using tree = new Pushing()
  const base = tree.commit({ shared: '1\n2\n3\n4\n5\n' })
  tree.git('switch', '-q', '-c', 'theirs')
  const theirs = tree.commit({ shared: 'one\n2\n3\n4\n5\n', 'their.ts': 'x' })
  tree.published('theirs', theirs)
  tree.git('switch', '-q', '-c', 'mine', base)
  tree.commit({ 'my.ts': 'x' })
  // Clean: all that it brings was there.
  tree.git('merge', '-q', '-m', 'm', 'theirs')
  expect((await tree.pushed(tree.head, NONE, 'mine')).added).toEqual(expect.not.arrayContaining(['their.ts']))
  tree.git('reset', '-q', '--hard', 'HEAD^')
  tree.git('merge', '-q', '-s', 'ours', '-m', 'm', 'theirs')
  expect((await tree.pushed(tree.head, base, 'mine')).added).toEqual(['my.ts', 'shared', 'their.ts'])
  tree.git('reset', '-q', '--hard', 'HEAD^')
  tree.git('merge', '-q', '--no-commit', 'theirs')
  tree.write('slipped-in.ts', 'x')
  tree.git('add', '.')
  tree.git('commit', '-q', '-m', 'm')
  expect((await tree.pushed(tree.head, base, 'mine')).added).toEqual(['my.ts', 'slipped-in.ts'])
})

/** Two commits on a base, which the remote has as its main branch. */
function behind(tree: Pushing): { readonly base: string; readonly first: string; readonly second: string } {
  const base = tree.commit({ base: 'x' })
  const first = tree.commit({ first: 'x' })
  const second = tree.commit({ second: 'x' })
  tree.published('main', second)
  return { base, first, second }
}

it('leaves out what the remote has, by whatever ref; names what it has no more, and counts on no ref that moves', async () => {
  await using tree = new Pushing()
  const { first, second } = behind(tree)
  tree.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main')
  // A new branch of what is there.
  expect(await tree.pushed(second, NONE, 'new')).toMatchObject({ added: [], dropped: [] })
  // Moved back, and removed.
  expect(await tree.pushed(first, second)).toMatchObject({ added: [], dropped: ['second'] })
  tree.published('kept', first)
  expect(await tree.pushed(NONE, second)).toMatchObject({ added: [], dropped: ['second'] })
  tree.published('kept', second)
  expect(await tree.pushed(NONE, second)).toMatchObject({ added: [], dropped: [] })
})

it('names both what comes and what goes where another history takes its place', async () => {
  await using tree = new Pushing()
  const { base, second } = behind(tree)
  tree.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main')
  tree.git('switch', '-q', '-c', 'again', base)
  const again = tree.commit({ other: 'x' })
  expect(await tree.pushed(again, second)).toMatchObject({ added: ['other'], dropped: ['first', 'second'] })
})

it('takes tags, nothing, many refs, and refuses commits that are not here and lines that are none', async () => {
  await using tree = new Pushing()
  const base = tree.commit({ base: 'x' })
  const next = tree.commit({ next: 'x' })
  tree.published('main', base)
  tree.git('tag', '-a', '-m', 't', 'v1')
  const ask = (told: string) => pushedFiles(tree.root, { remote: 'origin', told })
  const names = async (told: string) => [...(await ask(told)).added.keys()]
  expect(await names(`refs/tags/v1 ${tree.id('v1')} refs/tags/v1 ${NONE}\n`)).toEqual(['next'])
  const blob = tree.id('HEAD:next')
  expect(await names(`refs/tags/b ${blob} refs/tags/b ${NONE}\n`)).toEqual([])
  expect(await names('')).toEqual([])
  const many = Array.from({ length: 2000 }, (_, n) => `refs/heads/b${n} ${next} refs/heads/b${n} ${NONE}\n`)
  expect(await names(many.join(''))).toEqual(['next'])
  await expect(ask(`refs/heads/main ${next} refs/heads/main ${'1'.repeat(40)}\n`)).rejects.toThrow('git fetch origin')
  for (const line of ['x', `refs/heads/main ${next}`, `a b ${next} c ${NONE}`]) {
    await expect(ask(`${line}\n`)).rejects.toThrow('no line of git')
  }
})

it('dates a commit no earlier than those before it, and to the end of its second', async () => {
  await using tree = new Pushing()
  const base = tree.commit({ base: 'x' })
  const atS = 1_800_000_000
  tree.commit({ early: 'x' }, atS)
  const honest = tree.commit({ honest: 'x' }, atS + HOUR_S)
  const head = tree.commit({ backdated: 'x', early: 'y' }, atS - HOUR_S)
  const { files } = await tree.pushed(head, base)
  const endMs = (atS + HOUR_S) * 1000 + 999
  expect(files.get('honest')).toEqual({ commit: honest, madeByMs: endMs })
  expect(files.get('backdated')).toEqual({ commit: head, madeByMs: endMs })
  expect(files.get('early')).toEqual({ commit: head, madeByMs: endMs })
})

it('works in a clone that has not all of the history', async () => {
  await using tree = new Pushing()
  tree.commit({ old: 'x' })
  const base = tree.commit({ base: 'x' })
  const shallow = tree.path('.git/shallow-clone')
  tree.git('clone', '-q', '--depth', '1', `file://${tree.root}`, shallow)
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }
  gitIn(shallow, ['commit', '-q', '--allow-empty', '-m', 'x'], who)
  const head = gitIn(shallow, ['rev-parse', 'HEAD']).trim()
  const { added } = await pushedFiles(shallow, {
    remote: 'origin',
    told: `refs/heads/main ${head} refs/heads/main ${base}\n`,
  })
  expect([...added.keys()]).toEqual([])
})

it('looks at 10,000 commits in one question, and says how far it is', async () => {
  await using tree = new Pushing()
  const trees = ['x', 'y'].map(text => {
    tree.commit({ 'src/x.ts': text })
    return tree.id('HEAD^{tree}')
  })
  const ids: string[] = []
  const commits = Array.from({ length: 10_000 }, (_, n) => {
    const parent = n === 0 ? '' : `parent ${ids[n - 1] ?? ''}\n`
    const who = `a <a@b> ${1_800_000_000 + n} +0000`
    const text = `tree ${trees[n % 2] ?? ''}\n${parent}author ${who}\ncommitter ${who}\n\nx\n`
    ids.push(createHash('sha1').update(`commit ${text.length}\0${text}`).digest('hex'))
    return text
  })
  execFileSync('git', ['index-pack', '--stdin'], {
    cwd: tree.root,
    input: packOf(commits),
    env: tree.environment(),
  })
  const counts: number[] = []
  const last = ids.at(-1) ?? ''
  const told = `refs/heads/main ${last} refs/heads/many ${NONE}\n`
  const { added } = await pushedFiles(tree.root, { remote: 'origin', told, onCommits: count => counts.push(count) })
  expect(added.get('src/x.ts')?.commit).toBe(last)
  expect(counts.at(-1)).toBe(10_000)
})

/** A pack of commits as git writes it. To make as many by git takes ten times as long as to look at them. */
function packOf(commits: readonly string[]): Buffer {
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1')
  header.writeUInt32BE(commits.length, 8)
  const objects = commits.flatMap(text => {
    const { length } = text
    const begin = [(1 << 4) | (length & 15) | 0x80, (length >> 4) & 0x7f]
    if (length >> 11 > 0) throw new Error('a size of three bytes')
    return [Buffer.from(begin), deflateSync(text, { level: 1 })]
  })
  const pack = Buffer.concat([header, ...objects])
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()])
}
