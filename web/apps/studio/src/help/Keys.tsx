import { Dialog } from '../parts/Dialog.tsx'
import { strings } from '../strings.ts'
import { showKeys, startTour } from './state.ts'
import { KEYS, WORDS } from './words.ts'

import './help.css'

/** Every key, on one sheet. */
export default function Keys() {
  return (
    <Dialog title={WORDS.keys} onClose={() => showKeys(false)}>
      <div className="keys">
        {KEYS.map(([where, keys]) => (
          <table key={where}>
            <caption>{where}</caption>
            <tbody>
              {keys.map(([key, what]) => (
                <tr key={key}>
                  <th scope="row">
                    <kbd>{key}</kbd>
                  </th>
                  <td>{what}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </div>
      <div className="row">
        <button type="button" className="primary" autoFocus onClick={() => showKeys(false)}>
          {strings.close}
        </button>
        <button type="button" onClick={startTour}>
          {WORDS.tour}
        </button>
      </div>
    </Dialog>
  )
}
