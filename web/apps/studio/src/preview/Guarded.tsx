import { Component, type ReactNode } from 'react'

/** What cannot be shown in its own form is shown in another: anybody may have written it. */
export class Guarded extends Component<{ readonly children: ReactNode; readonly instead: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.instead : this.props.children
  }
}
