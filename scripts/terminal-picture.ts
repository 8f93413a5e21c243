/** A piece of a line in one colour. */
interface Piece {
  readonly text: string
  readonly colour: string
}

const PLAIN = '#d0d7de'
const DIM = '#7d8590'

/** What the codes of `styleText` look like here. */
const COLOURS: ReadonlyMap<string, string> = new Map([
  ['2', DIM],
  ['31', '#ff7b72'],
  ['32', '#56d364'],
  ['33', '#e3b341'],
  ['36', '#79c0ff'],
])

const FONT_PX = 13
const ROW_PX = 18
const GLYPH_PX = 7.83
const MARGIN_PX = 16
const COLUMNS_MAX = 116

/** The escape sequences that set a colour or a style. */
const ESCAPE = String.fromCodePoint(27)
const STYLE = new RegExp(String.raw`${ESCAPE}\[(\d+)m`)
/** The seconds that begin a line of the run. */
const CLOCK = new RegExp(String.raw`(${ESCAPE}\[2m)( *\d+\.\d)s`, 'g')

const LEFT_OUT =
  /^.{0,10}\br\d+ +(?:HEARTBEAT|SPAWN|CHECKPOINT) |^.{0,10} +\| |^ok +[\w-]+ +\d+$|^> |^holdfast verify:$/

/** The lines of the demonstration's output that are shown, with what differs in every run made equal. */
export function picturedLines(output: string): readonly string[] {
  const shown = normalised(output)
    .split('\n')
    .filter(line => !LEFT_OUT.test(bare(line)))
    // Of blank lines in a row one is enough.
    .filter((line, index, lines) => line !== '' || (index > 0 && lines[index - 1] !== ''))
  const end = shown.findLastIndex(line => line !== '') + 1
  return [
    '\u001b[2m$ npm start        (beats, starts and single checks are left out)\u001b[22m',
    ...shown.slice(0, end),
  ]
}

function normalised(output: string): string {
  const processes = new Map<string, string>()
  return output
    .replaceAll('\r', '')
    .replaceAll(/\S*holdfast-demo-\w+/g, 'sqlite:/tmp/holdfast-demo')
    .replaceAll(/\b(child) (\d+)\b/g, (_, word: string, pid: string) => {
      if (!processes.has(pid)) processes.set(pid, String(4001 + processes.size))
      return `${word} ${processes.get(pid)}`
    })
    .replaceAll(CLOCK, (_, dim: string, tenths: string) => `${dim}${`${Math.floor(Number(tenths))}s`.padStart(4)}`)
    .replaceAll(/\b(\d+)\.\d s\b/g, '$1 s')
}

/** A terminal that shows these lines, as an SVG. */
export function svgOf(lines: readonly string[]): string {
  const rows = lines.flatMap(line => wrapped(piecesOf(line)))
  const width = Math.ceil(COLUMNS_MAX * GLYPH_PX) + 2 * MARGIN_PX
  const height = rows.length * ROW_PX + 2 * MARGIN_PX
  const texts = rows.map((row, index) => {
    const y = MARGIN_PX + (index + 1) * ROW_PX - 5
    const spans = row.map(({ text, colour }) => `<tspan fill="${colour}">${escaped(text)}</tspan>`)
    return `  <text x="${MARGIN_PX}" y="${y}" xml:space="preserve">${spans.join('')}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '  <title>The terminal of the demonstration, npm start</title>',
    `  <rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `  <g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${FONT_PX}px">`,
    ...texts,
    '  </g>',
    '</svg>',
    '',
  ].join('\n')
}

function bare(line: string): string {
  return line.replaceAll(new RegExp(STYLE, 'g'), '')
}

function piecesOf(line: string): readonly Piece[] {
  const pieces: Piece[] = []
  let colour = PLAIN
  for (const [index, part] of line.split(STYLE).entries()) {
    // Between two texts stands the code of the sequence that parts them.
    if (index % 2 === 1) colour = COLOURS.get(part) ?? PLAIN
    else if (part !== '') pieces.push({ text: part, colour })
  }
  return pieces
}

function wrapped(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const rows: Piece[][] = [[]]
  let column = 0
  for (const piece of pieces) {
    let { text } = piece
    while (column + text.length > COLUMNS_MAX) {
      const head = text.slice(0, COLUMNS_MAX - column)
      rows.at(-1)?.push({ ...piece, text: head })
      rows.push([])
      text = text.slice(head.length)
      column = 0
    }
    rows.at(-1)?.push({ ...piece, text })
    column += text.length
  }
  return rows
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
