// Sends the chosen password to the door that the form names, with the link's secret, which stands after `#`:
// browsers never send that part.
"use strict";

const part = (id) => document.getElementById(id);
const choice = part("choice");
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

async function accept(password) {
  const answer = await fetch(choice.dataset.door, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, password }),
  });
  if (answer.ok) return "";
  const problem = await answer.json();
  return [problem.title, problem.detail].filter(Boolean).join(" ");
}

choice.addEventListener("submit", async (event) => {
  event.preventDefault();
  const refused = await accept(new FormData(event.target).get("password"));
  part("refused").textContent = refused;
  choice.hidden = refused === "";
  part("done").hidden = refused !== "";
});
