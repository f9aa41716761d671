// Draws openapi.json. Text enters the page as text only, never as markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];

function node(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function resolve(api, schema) {
  if (!schema || !schema.$ref) return schema || {};
  return schema.$ref.slice(2).split("/").reduce((part, name) => part[name], api);
}

function typeName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf || schema.oneOf;
  if (choices) return choices.map(typeName).join(" | ");
  if (schema.type === "array") return `list of ${typeName(schema.items)}`;
  return schema.format ? `${schema.type} (${schema.format})` : schema.type || "any";
}

function limits(schema) {
  const names = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern", "default"];
  return names.filter((name) => schema[name] !== undefined).map((name) => `${name} ${schema[name]}`).join(", ");
}

function row(name, schema, required, description) {
  return node("tr", {},
    node("td", {}, node("code", {}, name), required ? " *" : ""),
    node("td", {}, typeName(schema)),
    node("td", {}, [description || schema.description, limits(schema)].filter(Boolean).join(" · ")));
}

function table(rows) {
  const head = node("tr", {}, node("th", {}, "Name"), node("th", {}, "Type"), node("th", {}, "Meaning"));
  return node("table", {}, node("thead", {}, head), node("tbody", {}, ...rows));
}

function shape(api, schema, seen = []) {
  const whole = resolve(api, schema);
  const inner = whole.type === "array" ? resolve(api, whole.items) : whole;
  if (!inner.properties) return node("p", {}, typeName(schema));
  const required = inner.required || [];
  const rows = Object.entries(inner.properties).map(([name, part]) =>
    row(name, part, required.includes(name)));
  const nested = Object.values(inner.properties).flatMap((part) => references(part))
    .filter((name) => !seen.includes(name));
  const below = nested.map((name) => node("details", {}, node("summary", {}, name),
    shape(api, { $ref: `#/components/schemas/${name}` }, [...seen, ...nested])));
  return node("div", {}, node("p", {}, typeName(schema)), table(rows), ...below);
}

function references(schema) {
  if (!schema || typeof schema !== "object") return [];
  if (schema.$ref) return [schema.$ref.split("/").pop()];
  return [...(schema.anyOf || []), ...(schema.oneOf || []), schema.items, schema.additionalProperties]
    .flatMap(references);
}

function content(api, holder) {
  return Object.entries(holder.content || {}).map(([type, body]) =>
    node("div", {}, node("p", {}, node("code", {}, type)), shape(api, body.schema)));
}

function answers(api, responses) {
  return Object.entries(responses).sort().map(([status, response]) => {
    const line = [node("code", {}, status), ` ${response.description}`];
    if (Number(status) >= 400) return node("p", { class: "problem" }, ...line);
    return node("details", {}, node("summary", {}, ...line), ...content(api, response));
  });
}

function drawn(api, path, method, operation) {
  const roles = operation["x-roles"] ? `roles: ${operation["x-roles"].join(", ")}` : "public";
  const parameters = (operation.parameters || []).map((parameter) =>
    row(`${parameter.in}: ${parameter.name}`, parameter.schema || {}, parameter.required, parameter.description));
  const details = node("details", { class: "operation", id: operation.operationId },
    node("summary", {}, node("span", { class: `method ${method}` }, method.toUpperCase()), " ",
      node("code", {}, path), " ", node("span", { class: "quiet" }, operation.summary || "")),
    node("p", {}, operation.description || ""),
    node("p", { class: "quiet" }, `${operation.operationId} · ${roles}`),
    parameters.length ? table(parameters) : null,
    ...(operation.requestBody ? [node("h3", {}, "Body"), ...content(api, operation.requestBody)] : []),
    node("h3", {}, "Answers"), ...answers(api, operation.responses || {}));
  details.dataset.text = [path, method, operation.operationId, operation.summary, roles].join(" ").toLowerCase();
  return details;
}

function draw(api) {
  document.title = `${api.info.title}: API reference`;
  document.getElementById("title").textContent = api.info.title;
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths || {})) {
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = (item[method].tags || ["operations"])[0];
      groups.set(tag, [...(groups.get(tag) || []), drawn(api, path, method, item[method])]);
    }
  }
  const main = document.getElementById("operations");
  main.replaceChildren(...[...groups].flatMap(([tag, operations]) => [node("h2", {}, tag), ...operations]));
}

document.getElementById("find").addEventListener("input", (event) => {
  const sought = event.target.value.trim().toLowerCase();
  for (const operation of document.querySelectorAll(".operation")) {
    operation.hidden = !operation.dataset.text.includes(sought);
  }
});

fetch("openapi.json")
  .then((answer) => answer.json())
  .then(draw)
  .catch((fault) => {
    document.getElementById("operations").textContent = `The API document could not be drawn: ${fault.message}`;
  });
