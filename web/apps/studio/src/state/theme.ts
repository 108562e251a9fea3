import { create } from 'zustand'

export type Theme = 'system' | 'light' | 'dark' | 'contrast'

const KEY = 'assay-theme'

export const useTheme = create<{ readonly theme: Theme }>(() => ({ theme: (localStorage.getItem(KEY) as Theme | null) ?? 'system' }))

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme)
  useTheme.setState({ theme })
}
