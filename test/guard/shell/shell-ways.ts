/** One way to change a file of `src/api`, which is somebody else's, from a shell that stands at the top. */
export interface ShellWay {
  readonly name: string
  readonly command: string
  /** Whether the guard can tell before it runs. */
  readonly before: 'refused' | 'not-told'
  /** A program that may not be there. */
  readonly needs?: string
}

export const refused = (name: string, command: string, needs?: string): ShellWay => {
  return { name, command, before: 'refused', ...(needs === undefined ? {} : { needs }) }
}
export const notTold = (name: string, command: string, needs?: string): ShellWay => {
  return { name, command, before: 'not-told', ...(needs === undefined ? {} : { needs }) }
}

const PATCH = `--- a/src/api/x.ts
+++ b/src/api/x.ts
@@ -1 +1 @@
-x
+patched
`

/** `test/guard/shell/shell-repository.ts` makes the files that they speak of. */
export const SHELL_WAYS: readonly ShellWay[] = [
  // Redirections.
  refused('a redirection', 'echo hi > src/api/x.ts'),
  refused('one that appends', 'echo hi >> src/api/x.ts'),
  refused('one past noclobber', 'set -C; echo hi >| src/api/x.ts'),
  refused('one of both streams', 'ls nowhere &> src/api/x.ts || true'),
  refused('one without a command', '> src/api/x.ts'),
  refused('one of a group', '{ echo a; echo b; } > src/api/x.ts'),
  refused('one behind cd', 'cd src && echo hi > api/x.ts'),
  refused('one by a variable', 'F=src/api; echo hi > "$F/x.ts"'),
  refused('a here-document', 'cat > src/api/x.ts <<EOF\nhi\nEOF'),
  refused('a descriptor', 'exec 3> src/api/x.ts; echo hi >&3'),
  refused('a process substitution', 'echo hi | tee >(cat > src/api/x.ts) > /dev/null; sleep 0.1'),
  refused('one in a substitution', 'Y="$(echo hi > src/api/x.ts)"'),
  refused('one in the background', 'echo hi > src/api/x.ts & wait'),
  refused('one in a function', 'put() { echo hi > "$1"; }; put src/api/x.ts'),
  refused('one in a loop', 'for f in x y; do echo hi > src/api/$f.ts; done'),
  refused('one in braces', 'touch src/{web,api}/new.ts'),
  // Programs that write what they are given.
  refused('tee', 'echo hi | tee -a src/api/x.ts > /dev/null'),
  refused('touch', 'touch src/api/new.ts'),
  refused('truncate', 'truncate -s 0 src/api/x.ts'),
  refused('dd', 'dd if=/dev/zero of=src/api/x.ts bs=1 count=3 2> /dev/null'),
  refused('sed', "sed -i 's/x/z/' src/api/*.ts"),
  refused('perl', "perl -pi -e 's/x/z/' src/api/x.ts"),
  refused('ed', "printf 'a\\nhi\\n.\\nw\\nq\\n' | ed -s src/api/x.ts", 'ed'),
  refused('ex', "ex -s -c '%s/x/z/' -c 'x' src/api/x.ts", 'ex'),
  refused('sort', 'sort -o src/api/x.ts mine/m.ts'),
  refused('gzip', 'gzip src/api/x.ts'),
  refused('chmod', 'chmod +x src/api/x.ts'),
  // Copies, moves, removals, links.
  refused('cp', 'cp mine/m.ts src/api/x.ts'),
  refused('cp of a folder', 'cp -r mine/. src/api'),
  refused('install', 'install -m 644 mine/m.ts src/api/x.ts'),
  refused('mv onto it', 'mv mine/m.ts src/api/x.ts'),
  refused('mv of it', 'mv src/api/x.ts mine/'),
  refused('mv of its folder', 'mv src elsewhere'),
  refused('rm', 'rm -f src/api/x.ts'),
  refused('rm of what is around', 'rm -rf src'),
  refused('a symbolic link', 'ln -s ../src/api/x.ts mine/link && echo hi > mine/link'),
  refused('a hard link', 'ln src/api/x.ts mine/second && echo hi > mine/second'),
  // Names that are found.
  refused('find with -delete', "find src -name '*.ts' -delete"),
  refused('find with -exec', "find . -path './src/*' -name 'x.ts' -exec sed -i s/x/z/ {} +"),
  refused('xargs', "ls src/api/*.ts | xargs sed -i 's/x/z/'"),
  refused('a loop over lines', `find src/api -name '*.ts' | while read -r f; do echo hi > "$f"; done`),
  // Shells in shells.
  refused('bash -c', `bash -c 'echo hi > src/api/x.ts'`),
  refused('eval', `eval 'echo hi > src/api/x.ts'`),
  refused('a text for a shell', `echo 'echo hi > src/api/x.ts' | sh`),
  refused('a script', 'sh mine/script.sh'),
  refused('wrappers', 'env A=b timeout 10 nice sh -c "rm src/api/x.ts"'),
  // Git.
  refused('git checkout of a file', 'git checkout -q other -- src/api/x.ts'),
  refused('git checkout of a branch', 'git checkout -q other'),
  refused('git restore', 'git restore --source other src/api'),
  refused('git stash', 'git stash -q'),
  refused('git reset', 'git reset -q --hard other'),
  refused('git clean', 'git clean -fdxq src'),
  refused('git merge', 'git merge -q other'),
  refused('git rebase', 'git stash -q && git rebase -q other'),
  refused('git cherry-pick', 'git cherry-pick other'),
  refused('git rm', 'git rm -qf src/api/x.ts'),
  refused('git mv', 'git mv src/api/x.ts mine/x.ts'),
  refused('git apply', `git apply <<'EOF'\n${PATCH}EOF`),
  // Patches and archives.
  refused('patch', `patch -s -p1 <<'EOF'\n${PATCH}EOF`, 'patch'),
  refused('a member of an archive', 'tar -xf mine/a.tar src/api/x.ts'),
  notTold('an archive', 'tar -xf mine/a.tar'),
  // Package scripts, and other people's languages.
  refused('a package script', 'npm run --silent overwrite', 'npm'),
  refused('a download', 'curl -s -o src/api/x.ts file:///etc/hostname', 'curl'),
  notTold('python', `python3 -c "open('src/api/x.ts', 'w').write('hi')"`, 'python3'),
  notTold('node', `node -e "require('fs').writeFileSync('src/api/x.ts', 'hi')"`, 'node'),
  notTold('perl without -i', `perl -e 'open(F, ">", "src/api/x.ts"); print F "hi"'`, 'perl'),
  notTold('awk', `awk 'BEGIN { print "hi" > "src/api/x.ts" }'`, 'awk'),
  notTold('make', 'make -s overwrite', 'make'),
  notTold('sed with w', `sed -n 'w src/api/x.ts' mine/m.ts`),
  notTold('a name from a program', `echo hi > "$(tr a-z a-z < mine/name)"`),
  notTold('a name that is decoded', `echo hi > "$(echo c3JjL2FwaS94LnRz | base64 -d)"`),
  notTold('a background job', `nohup perl -e 'open(F, ">", "src/api/x.ts")' > /dev/null 2>&1 & wait`, 'perl'),
  notTold('a file that git ignores', `node -e "require('fs').writeFileSync('src/api/ignored.log', 'hi')"`, 'node'),
]
