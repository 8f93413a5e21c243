/** Programs that write no file, whatever they are given. A redirection is the shell's own doing. */
export const READERS: ReadonlySet<string> = new Set(
  `: [ alias ag apropos basename bat bc bg cal cat cksum cloc cmp column comm cut date df diff diff3 dig dirname dirs du
  echo egrep expand expr false fg fgrep file fmt fold free getconf getent getopt grep groups hash head
  help hexdump host hostname htop id ifconfig info iostat ip jobs join jq kill killall last ldd less let ll locale
  locate ls lsb_release lscpu lsof man md5sum mdfind more netstat nl nm nproc objdump od paste
  pathchk pgrep ping pkill pr printenv printf ps pstree pwd readelf readlink realpath rev rg seq sha1sum sha224sum sha256sum
  sha512sum size sleep ss stat strings sum sw_vers sync tac tail test times top tput tr traceroute true tty type
  tsort ulimit umask uname uptime users vmstat w wait wc whatis whereis which who whoami yes zcat zgrep`
    .split(/\s+/)
    .filter(name => name !== ''),
)

/** Commands of git that change no file of the work tree. */
export const GIT_READERS: ReadonlySet<string> = new Set(
  `add annotate blame branch cat-file check-attr check-ignore cherry commit commit-tree count-objects describe
  diff-files diff-index diff-tree fetch for-each-ref fsck gc grep hash-object help log ls-files ls-remote ls-tree maintenance
  merge-base mktree name-rev notes prune push range-diff reflog remote repack rev-list rev-parse shortlog show
  show-branch show-ref status symbolic-ref tag update-index update-ref var verify-commit version whatchanged
  write-tree`
    .split(/\s+/)
    .filter(name => name !== ''),
)

/** Those at which git runs hooks, which may do anything. */
const HOOKED: ReadonlySet<string> = new Set(['commit', 'push'])

/** Words that leave the name of a file to a program that otherwise writes none. */
const OUTPUT = '--output'

/**
 * Whether a line is nothing but a reader and plain words, so that it writes nothing: no operator, quote, expansion or line end
 * is in it, and the shell does nothing but split it at spaces. `false` says nothing: the line has to be parsed.
 */
export function isPlainReading(line: string): boolean {
  for (const sign of line) if (!PLAIN.includes(sign)) return false
  const words = line.split(' ').filter(word => word !== '')
  const [program = '', command = ''] = words
  if (words.some(word => word.startsWith(OUTPUT))) return false
  if (program === 'git')
    return (GIT_READERS.has(command) && !HOOKED.has(command)) || (command === 'diff' && words.length > 0)
  return READERS.has(program)
}

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,@%+ '
