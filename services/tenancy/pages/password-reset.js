// Sends the password chosen with the link's secret, which stands after `#`: browsers never send that part.
"use strict";

const part = (id) => document.getElementById(id);
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

async function accept(password) {
  const answer = await fetch("v1/password-resets/acceptance", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, password }),
  });
  if (answer.ok) return "";
  const problem = await answer.json();
  return [problem.title, problem.detail].filter(Boolean).join(" ");
}

part("reset").addEventListener("submit", async (event) => {
  event.preventDefault();
  const refused = await accept(new FormData(event.target).get("password"));
  part("refused").textContent = refused;
  part("reset").hidden = refused === "";
  part("done").hidden = refused !== "";
});
