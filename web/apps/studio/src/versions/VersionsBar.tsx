import { strings } from '../strings.ts'
import { hideDifference, savePicture, showDifference, useVersions } from './state.ts'

/** What changed, and the pipeline as a picture. */
export function VersionsBar() {
  const open = useVersions((state) => state.open)
  return (
    <>
      <button type="button" aria-pressed={open} onClick={() => (open ? hideDifference() : void showDifference())}>
        {strings.versions.changes}
      </button>
      <button type="button" onClick={() => void savePicture()}>
        {strings.versions.picture}
      </button>
    </>
  )
}
