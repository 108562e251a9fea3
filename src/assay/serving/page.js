"use strict";
const by = (id) => document.getElementById(id);
const made = (tag, text, kind) => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
};
let model, cautions = [];

async function about() {
  const { models } = await (await fetch("/v1/models")).json();
  const facts = await (await fetch(`/v2/models/${models[0]}`)).json();
  model = facts.name;
  document.title = `${facts.name} ${facts.versions[0]}`;
  by("name").textContent = document.title;
  const said = facts.parameters;
  by("about").textContent =
    `Says how probable “${said.positive}” is; from ${said.threshold.toFixed(2)} on it calls it so. Verdict: ${said.verdict}, until ${said.verdict_expires.slice(0, 10)}.`;
  cautions = said.cautions;
  by("reach").textContent = [
    `Its evidence knows ${groups("sex", said.evidence_by.sex)} and ${groups("age group", said.evidence_by.age_group)}.`,
    said.out_of_distribution
      ? "A picture unlike those it was fitted on is answered with a warning."
      : "It carries no statistics of the pictures it was fitted on: whether yours is of that kind is not looked at.",
  ].join(" ");
  for (const caution of cautions) by("cautions").append(made("li", caution, "caution"));
}

const groups = (name, found) => (found.length ? `by ${name}: ${found.join(", ")}` : `nothing by ${name}`);

function patient() {
  const said = {};
  if (by("sex").value) said.sex = by("sex").value;
  if (by("age").value) said.age = Number(by("age").value);
  return said;
}

let last;

async function ask(file) {
  last = file;
  by("result").replaceChildren(made("p", "Asking …"));
  await known;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  const request = { parameters: patient(), inputs: [{ name: "picture", datatype: "BYTES", shape: [1], data: [btoa(text)] }] };
  const response = await fetch(`/v2/models/${model}/explain`, { method: "POST", body: JSON.stringify(request) });
  const answer = await response.json();
  if (!response.ok) {
    by("result").replaceChildren(made("p", `${answer.error} ${answer.hint ?? ""}`, "caution"));
    return;
  }
  show(answer);
}

function show(answer) {
  const [one] = answer.explanations;
  const sides = made("div", "", "two");
  const picture = made("img", "");
  picture.src = `data:image/png;base64,${one.png}`;
  picture.alt = `The picture; red speaks for ${one.explained}, blue against`;
  const facts = made("div", "");
  facts.append(made("h2", one.label));
  const shares = made("table", "");
  for (const [label, share] of Object.entries(one.probabilities)) {
    const row = made("tr", "");
    row.append(made("th", label), made("td", share.toFixed(3)));
    shares.append(row);
  }
  facts.append(shares);
  const told = one.faithfulness;
  facts.append(
    made("p", `Heat by ${one.method.name}: without its hottest parts the probability is ${told.deletion.toFixed(2)} on average, with them alone ${told.insertion.toFixed(2)}.`),
  );
  if (one.out_of_distribution !== undefined)
    facts.append(made("p", `Distance from the training pictures: ${one.out_of_distribution.toFixed(2)} of the bound.`));
  for (const warning of answer.parameters.warnings.filter((one) => !cautions.includes(one))) facts.append(made("p", warning, "caution"));
  sides.append(picture, facts);
  by("result").replaceChildren(sides, ...evidence(one.patients_like_this));
}

const LEADING = ["AUROC", "Sensitivity", "Specificity", "TPR", "TNR", "PPV", "NPV", "ECE"];

function evidence(figures) {
  const title = made("h2", "What the evidence says about patients like this one");
  if (!figures.length) return [title, made("p", "Nothing: no figure in this bundle is about them.", "caution")];
  const leads = (one) => one.state || (LEADING.includes(one.figure) && !one.group.includes(" against "));
  const [first, rest] = [figures.filter(leads), figures.filter((one) => !leads(one))];
  const found = [title, table(first)];
  if (rest.length) {
    const more = made("details", "");
    more.append(made("summary", `${rest.length} more figures`), table(rest));
    found.push(more);
  }
  return found;
}

function table(figures) {
  const whole = made("table", "");
  const head = made("tr", "");
  for (const name of ["figure", "of whom", "value, 95 % interval", "patients", "held against its criterion"]) head.append(made("th", name));
  whole.append(head);
  for (const one of figures) {
    const row = made("tr", "");
    const ends = one.low === null ? "no interval" : `${one.low.toFixed(2)} to ${one.high.toFixed(2)}`;
    const bad = one.state && one.state !== "pass";
    row.append(
      made("td", one.figure),
      made("td", one.group),
      made("td", `${one.value.toFixed(2)} (${ends})`, "number"),
      made("td", one.patients, "number"),
      made("td", one.state ? `${one.state}: ${one.reason}` : "", bad ? "caution" : ""),
    );
    whole.append(row);
  }
  return whole;
}

for (const kind of ["dragover", "drop", "dragleave"]) {
  by("drop").addEventListener(kind, (event) => {
    event.preventDefault();
    by("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files[0]) ask(event.dataTransfer.files[0]);
  });
}
for (const id of ["sex", "age"]) by(id).addEventListener("change", () => last && ask(last));
by("file").addEventListener("change", (event) => event.target.files[0] && ask(event.target.files[0]));
const known = about();
