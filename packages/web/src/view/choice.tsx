/** One of several values, or all of them. */
export function Choice({
  name,
  value,
  values,
  choose,
}: {
  name: string
  value: string
  values: readonly string[]
  choose: (value: string) => void
}) {
  return (
    <label class="choice">
      <span class="visually-hidden">{name}</span>
      <select value={value} onChange={event => choose(event.currentTarget.value)}>
        <option value="">{`Every ${name.toLowerCase()}`}</option>
        {values.map(one => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  )
}
