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
  for (const caution of cautions) by("cautions").append(made("li", caution, "caution"));
}

async function ask(file) {
  by("result").replaceChildren(made("p", "Asking …"));
  await known;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  const request = { inputs: [{ name: "picture", datatype: "BYTES", shape: [1], data: [btoa(text)] }] };
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
  const table = made("table", "");
  for (const [label, share] of Object.entries(one.probabilities)) {
    const row = made("tr", "");
    row.append(made("th", label), made("td", share.toFixed(3)));
    table.append(row);
  }
  facts.append(table);
  const told = one.faithfulness;
  facts.append(
    made("p", `Heat by ${one.method.name}: without its hottest parts the probability is ${told.deletion.toFixed(2)} on average, with them alone ${told.insertion.toFixed(2)}.`),
  );
  for (const warning of answer.parameters.warnings.filter((one) => !cautions.includes(one))) facts.append(made("p", warning, "caution"));
  sides.append(picture, facts);
  by("result").replaceChildren(sides);
}

for (const kind of ["dragover", "drop", "dragleave"]) {
  by("drop").addEventListener(kind, (event) => {
    event.preventDefault();
    by("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files[0]) ask(event.dataTransfer.files[0]);
  });
}
by("file").addEventListener("change", (event) => event.target.files[0] && ask(event.target.files[0]));
const known = about();
