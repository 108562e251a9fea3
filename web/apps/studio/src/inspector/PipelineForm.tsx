import { setParam } from '@assay/document'

import { run, useEditor } from '../state/editor.ts'
import { strings } from '../strings.ts'
import { Labelled } from './ParamField.tsx'

/** What stands beside the canvas while no step is selected: what the pipeline is for, and its own parameters. */
export default function PipelineForm() {
  const name = useEditor((state) => state.graph?.name ?? '')
  const description = useEditor((state) => state.graph?.description ?? '')
  const params = useEditor((state) => state.params)
  return (
    <aside className="inspector" aria-label={strings.inspector}>
      <p>{strings.nothingSelected}</p>
      <h2>{name}</h2>
      {description && <p className="help">{description}</p>}
      {params.length > 0 && (
        <section>
          <h3>{strings.ofPipeline}</h3>
          <p className="help">{strings.ofPipelineHelp}</p>
          {params.map((param) => (
            <Labelled key={param.name} param={param} value={undefined} put={(next) => run(setParam(param.name, next))} clear={() => undefined} />
          ))}
        </section>
      )}
    </aside>
  )
}
