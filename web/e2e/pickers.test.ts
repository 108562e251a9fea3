import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { beforeEach, expect, test } from 'vitest'

import { faultsOf } from './axe.ts'
import { scene } from './scene.ts'
import { node } from './studio.ts'

const at = scene()
const FILE = 'clinic.pipeline.yaml'
const PIPELINE = `assay: 1
name: clinic
steps:
  read:  {use: ./clinic.py:read, with: {file: people.csv}}
  split: {use: ./clinic.py:split, in: {table: read.dataset}}
  gaps:  {use: ./clinic.py:gaps, in: {table: split.dataset}}   # by whom?
`
const STEPS = `from pathlib import Path
from typing import Annotated

from assay import Dataset, Param, component, step


@component("input/read", version="1.0.0")
def read(*, file: Annotated[Path, Param(path="file")]) -> Dataset:
    """Read a table."""
    table = step.output("dataset", Dataset, suffix=".csv")
    table.path.write_text(file.read_text())
    return table


@component("transform/split", version="1.0.0")
def split(table: Dataset) -> Dataset:
    """Add the part of each row."""
    out = step.output("dataset", Dataset, suffix=".csv")
    first, *rest = table.path.read_text().splitlines()
    out.path.write_text("\\n".join([first + ",part", *(row + ",train" for row in rest)]))
    return out


@component("fairness/gaps", version="1.0.0")
def gaps(table: Dataset, *, by: Annotated[list[str] | None, Param(column_of="table")] = None) -> Dataset:
    """Tell gaps by group."""
    out = step.output("dataset", Dataset, suffix=".csv")
    out.path.write_text(",".join(by or ["nobody"]) + "\\n")
    return out
`

beforeEach(async () => {
  const { studio } = at
  await mkdir(join(studio.folder, 'data', 'sites'), { recursive: true })
  await mkdir(join(studio.folder, '.venv-of-mine'))
  await studio.write('clinic.py', STEPS)
  await studio.write('people.csv', 'id,sex,age\np1,F,70\np2,,60\np3,M,\np4,M,51\n')
  await studio.write('data/more.csv', 'id,sex,age,site\np1,F,70,a\n')
  await studio.write(FILE, PIPELINE)
  await at.page.reload()
  await at.opened(FILE, 'gaps')
})

const options = () => at.page.locator('.pick-list [role=option]').allInnerTexts()

test('a column is picked by the keyboard: from the file before a run, from what the port carried after it', async () => {
  const { page } = at
  await node(page, 'gaps').focus()
  await page.keyboard.press('Enter')
  const box = page.getByRole('combobox', { name: 'by' })
  await box.focus()
  await page.keyboard.press('ArrowDown')
  await page.getByText('Columns of people.csv, as the file has them').waitFor()
  expect((await options()).map((text) => text.split(/\s/)[0])).toEqual(['id', 'sex', 'age'])
  await page.keyboard.press('Escape')
  await page.locator('.toolbar button.primary').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click()
  await page.locator('.toolbar .badge.status-succeeded').waitFor({ timeout: 60_000 })
  await box.focus()
  await page.keyboard.press('ArrowDown')
  await page.getByText('Columns of split.dataset, by the run').waitFor()
  expect((await options()).map((text) => text.replace(/\s+/g, ' ').trim())).toEqual(['id text, 0 % missing', 'sex text, 25 % missing', 'age number, 25 % missing', 'part text, 0 % missing'])
  await at.shot('columns')
  expect(await faultsOf(page)).toEqual([])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.keyboard.type('age_group') // no column of the table: the component makes it
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Remove age_group' }).waitFor()
  const text = await at.saved(FILE)
  const changed = text.split('\n').filter((line, place) => line !== PIPELINE.split('\n')[place])
  expect(changed).toEqual(['  gaps:  {use: ./clinic.py:gaps, in: {table: split.dataset}, with: {by: [sex, age_group]}}   # by whom?'])
})

test('a file is found in the workspace without a mouse, and nothing outside it is shown', async () => {
  const { page } = at
  await node(page, 'read').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Browse for file' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Browse for file' })
  await dialog.getByRole('option', { name: 'people.csv' }).waitFor()
  expect((await options()).map((text) => text.split(/\s/)[0])).toEqual(['data', 'clinic.pipeline.yaml', 'clinic.py', 'people.csv', 'people.pipeline.yaml', 'steps.py', 'trust.py'])
  await at.shot('files')
  expect(await faultsOf(page)).toEqual([])
  await page.keyboard.type('dat')
  await page.keyboard.press('Enter')
  await dialog.getByRole('option', { name: 'more.csv' }).waitFor()
  await page.keyboard.press('Backspace')
  await dialog.getByRole('option', { name: 'people.csv' }).waitFor()
  await page.keyboard.press('Enter')
  await dialog.getByRole('option', { name: 'more.csv' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  expect(await at.saved(FILE)).toBe(PIPELINE.replace('people.csv', 'data/more.csv'))
  await node(page, 'gaps').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('combobox', { name: 'by' }).click()
  await page.getByRole('option', { name: 'site' }).waitFor()
})
