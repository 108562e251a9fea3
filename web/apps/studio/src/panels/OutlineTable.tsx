import { select, useEditor } from '../state/editor.ts'
import { useRun } from '../state/run.ts'
import { useRunName } from '../state/trail.ts'
import { useWhole } from '../state/whole.ts'
import { duration, strings } from '../strings.ts'

/** The pipeline as a table: the same steps as on the canvas, for readers and for keyboards. */
export function OutlineTable() {
  const graph = useEditor((state) => state.graph)
  const selected = useEditor((state) => state.selected)
  if (!graph) return null
  return (
    <table className="outline">
      <caption className="hidden">{strings.outline}</caption>
      <thead>
        <tr>
          <th scope="col">{strings.name}</th>
          <th scope="col">{strings.component}</th>
          <th scope="col">{strings.inputs}</th>
          <th scope="col">{strings.status}</th>
        </tr>
      </thead>
      <tbody>
        {graph.steps.map((step) => (
          <tr key={step.name} aria-selected={selected.includes(step.name)}>
            <th scope="row">
              <button type="button" className="quiet" onClick={() => select([step.name])}>
                {step.name}
              </button>
            </th>
            <td>{step.use}</td>
            <td>
              {Object.entries(step.inputs)
                .map(([port, from]) => `${port}: ${from.map((source) => `${source.step}.${source.port}`).join(', ')}`)
                .join('; ')}
            </td>
            <td>
              <Status name={step.name} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Status({ name }: { readonly name: string }) {
  const asked = useRunName(name)
  const view = useRun((state) => (Object.hasOwn(state.steps, asked) ? state.steps[asked] : undefined))
  const whole = useWhole(asked)
  if (whole) return whole
  return view ? `${view.status}${view.seconds ? ` ${duration(view.seconds)}` : ''}` : ''
}
