import createClient from 'openapi-fetch'

import type { components, paths } from './schema.ts'

type Schemas = components['schemas']
export type Case = Schemas['Case']
export type CaseColumn = Schemas['CaseColumn']
export type CaseExplanation = Schemas['CaseExplanation']
export type CaseFilter = Schemas['CaseFilter']
export type CaseGroup = Schemas['CaseGroup']
export type CaseMap = Schemas['CaseMap']
export type CasePage = Schemas['CasePage']
export type CaseQuestion = Schemas['CaseQuestion']
export type CaseRow = Schemas['CaseRow']
export type CaseTable = Schemas['CaseTable']
export type Catalog = Schemas['Catalog']
export type CheckResult = Schemas['CheckResult']
export type ColumnsKnown = Schemas['ColumnsKnown']
export type Comparison = Schemas['Comparison']
export type Component = Schemas['Component']
export type ExplanationFound = Schemas['ExplanationFound']
export type Fault = Schemas['Fault']
export type FileEntry = Schemas['FileEntry']
export type FolderEntry = Schemas['FolderEntry']
export type ImageMaps = Schemas['ImageMaps']
export type NearImage = Schemas['NearImage']
export type Nearest = Schemas['Nearest']
export type Opened = Schemas['Opened']
export type Outcome = Schemas['Outcome']
export type Param = Schemas['Param']
export type Plan = Schemas['Plan']
export type Port = Schemas['Port']
export type Problem = Schemas['Problem']
export type Revision = Schemas['Revision']
export type Run = Schemas['Run']
export type RunRow = Schemas['RunRow']
export type Session = Schemas['Session']
export type Step = Schemas['Step']
export type Template = Schemas['Template']
export type VersionDifference = Schemas['VersionDifference']
export type Preview =
  paths['/api/runs/{run}/outputs/{step}/{port}/preview']['get']['responses'][200]['content']['application/json']

/** An answer that is an error, with the server's code, culprit and hint. */
export class Refused extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

export const api = createClient<paths>({ baseUrl: '' })

/** Take the data out of an answer, or throw what was said instead; a server that is gone is a `Refused` too. */
export async function ask<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  let found: { data?: T; error?: unknown }
  try {
    found = await answer
  } catch {
    throw new Refused({ code: 'unreachable', message: 'The server does not answer.', culprit: '', hint: '', faults: [] })
  }
  if (found.error !== undefined || found.data === undefined) throw new Refused(found.error as Problem)
  return found.data
}
