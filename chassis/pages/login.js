// Opens a session, shows whose it is, ends it. The session is a cookie that no script can read.
"use strict";

const SESSIONS = "/api/tenancy/v1/sessions";
const ME = "/api/tenancy/v1/me";
const part = (id) => document.getElementById(id);

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await answer.text();
  const document_ = text ? JSON.parse(text) : null;
  if (!answer.ok) throw Object.assign(new Error(told(document_, answer)), { status: answer.status });
  return document_;
}

function told(problem, answer) {
  if (!problem) return `HTTP ${answer.status}`;
  const errors = (problem.errors || []).map((error) => `${error.pointer} ${error.message}`);
  return [problem.title, problem.detail, ...errors].filter(Boolean).join(" ");
}

async function attempt(deed) {
  part("refused").textContent = "";
  try {
    await deed();
  } catch (refused) {
    part("refused").textContent = refused.message;
  }
}

function show(caller) {
  part("login").hidden = caller !== null;
  part("who").hidden = caller === null;
  const rows = Object.entries(caller || {}).filter(([, value]) => value !== null).map(([name, value]) => {
    const row = document.createElement("tr");
    for (const text of [name, String(value)]) {
      row.append(Object.assign(document.createElement("td"), { textContent: text }));
    }
    return row;
  });
  part("caller").replaceChildren(...rows);
}

async function look() {
  try {
    show(await call("GET", ME));
  } catch (refused) {
    if (refused.status !== 401) throw refused;
    show(null);
  }
}

part("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  attempt(async () => {
    await call("POST", SESSIONS, fields);
    form.reset();
    await look();
  });
});

part("logout").addEventListener("click", () => attempt(async () => {
  await call("DELETE", `${SESSIONS}/current`);
  await look();
}));

attempt(look);
