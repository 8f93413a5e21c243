/**
 * Tools of MCP servers that write files, by the names that such servers give them, and where they name the file. `input` is
 * where the agent's documents have the arguments. Which server it is does not matter: whoever calls a tool `write_file` with a
 * `path` writes a file.
 */
export function mcpWriters(prefix: string, input: string) {
  const names = (...tools: readonly string[]): string[] => tools.map(tool => `${prefix}${tool}`)
  return [
    {
      names: names('write_file', 'edit_file', 'create_file', 'append_file', 'delete_file'),
      paths: [`${input}.path`, `${input}.file_path`],
      patches: [],
    },
    { names: names('move_file'), paths: [`${input}.source`, `${input}.destination`], patches: [] },
    {
      names: names(
        'create_text_file',
        'replace_content',
        'replace_regex',
        'replace_symbol_body',
        'insert_after_symbol',
        'insert_before_symbol',
      ),
      paths: [`${input}.relative_path`],
      patches: [],
    },
    {
      names: names('replace_text_in_file', 'create_new_file', 'reformat_file'),
      paths: [`${input}.pathInProject`],
      patches: [],
    },
  ]
}
