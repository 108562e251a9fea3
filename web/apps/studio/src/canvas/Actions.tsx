import { useEditor } from '../state/editor.ts'
import { sorted } from '../state/things.ts'
import { strings } from '../strings.ts'
import { align, groupSelected, ungroupSelected, writeNote } from './acts.ts'
import { WAYS } from './align.ts'
import type { Place } from './geometry.ts'

/** What can be done with the canvas, and with what is selected on it. */
export default function Actions({ centre }: { readonly centre: () => Place }) {
  const selected = useEditor((state) => state.selected)
  const { steps, groups } = sorted(selected)
  return (
    <div className="actions" role="toolbar" aria-label={strings.actions}>
      <button type="button" title="N" onClick={() => writeNote(centre())}>
        + {strings.note}
      </button>
      {steps.length > 0 && (
        <button type="button" title="G" onClick={groupSelected}>
          {strings.group}
        </button>
      )}
      {groups.length > 0 && (
        <button type="button" title="Shift+G" onClick={ungroupSelected}>
          {strings.ungroup}
        </button>
      )}
      {steps.length > 1 &&
        WAYS.map((way) => (
          <button key={way} type="button" onClick={() => align(way)}>
            {strings.align[way]}
          </button>
        ))}
    </div>
  )
}
