// What /status, the incidents and the runs say, asked again every five seconds while the page is seen.
const refreshPeriod = 5000;
const byId = (id) => document.getElementById(id);
const token = { get: () => sessionStorage.getItem("nightshift-token"), set: (x) => sessionStorage.setItem("nightshift-token", x), forget: () => sessionStorage.removeItem("nightshift-token") };

class Refused extends Error {}

async function ask(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { Accept: "application/json", Authorization: `Bearer ${token.get()}`, ...options.headers } });
  if (answer.status === 401) throw new Refused("This token is not known here, or was revoked.");
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail ?? `${address} answered ${answer.status}`);
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text; // never markup: names of containers and repositories come from outside
  if (className) made.className = className;
  return made;
}

const clock = (instant, seconds = false) => new Date(instant).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", ...(seconds && { second: "2-digit" }), hourCycle: "h23" });

function time(instant) {
  const made = element("time", clock(instant));
  made.dateTime = instant;
  made.title = new Date(instant).toLocaleString();
  return made;
}

function set(node, text, className = "") {
  if (node.textContent !== text) node.textContent = text; // an unchanged live region stays silent
  node.className = className;
}

function duration(from, to) {
  const seconds = Math.max(0, Math.round((new Date(to) - new Date(from)) / 1000));
  return seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}

function showStatus(status) {
  const wrong = status.services.filter((x) => !x.ok);
  set(byId("overall"), wrong.length === 0 ? "All is well" : `Needs attention: ${wrong.map((x) => x.name).join(", ")}`, wrong.length === 0 ? "good" : "bad");
  byId("services").replaceChildren(...status.services.flatMap((x) => [element("dt", x.name), element("dd", x.state, x.ok ? "good" : "bad")]));
  byId("actions").replaceChildren(...status.recentActions.map((x) => {
    const line = element("li");
    line.append(time(x.at), element("span", x.text));
    return line;
  }));
  byId("actions-none").hidden = status.recentActions.length > 0;
}

function incidentLine(x) {
  const line = element("li");
  const words = element("div");
  const from = element("p", `${x.state === "open" ? `Open, tier ${x.tier} of ${x.tiers}` : `Acknowledged by ${x.acknowledgedBy}`} · since `, "quiet");
  from.append(time(x.raisedAt), ` · ${x.id}`);
  words.append(element("strong", x.summary), element("p", x.why), from);
  line.append(words);
  if (x.state !== "open") return line;
  const button = element("button", "Acknowledge");
  button.type = "button";
  button.dataset.incident = x.id;
  button.setAttribute("aria-label", `Acknowledge: ${x.summary}`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await ask(`/api/v2/incidents/${encodeURIComponent(x.id)}/acknowledge`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
      await refresh();
    } catch (problem) {
      button.disabled = false;
      line.append(Object.assign(element("p", problem.message, "bad"), { role: "alert" }));
    }
  });
  line.append(button);
  return line;
}

let shownIncidents = "";

function showIncidents(incidents) {
  const now = JSON.stringify(incidents);
  if (now === shownIncidents) return; // a button is not replaced under the finger that presses it
  shownIncidents = now;
  const focused = document.activeElement?.dataset.incident;
  byId("incidents").replaceChildren(...incidents.map(incidentLine));
  byId("incidents-none").hidden = incidents.length > 0;
  byId("incidents-section").classList.toggle("open", incidents.some((x) => x.state === "open"));
  if (focused) [...document.querySelectorAll("#incidents button")].find((x) => x.dataset.incident === focused)?.focus();
}

const stateClass = { success: "good", failed: "bad", running: "busy", queued: "busy" };

function showRuns(runs, now) {
  byId("runs").hidden = runs.length === 0;
  byId("runs-none").hidden = runs.length > 0;
  byId("runs").tBodies[0].replaceChildren(...runs.map((x) => {
    const row = element("tr");
    const queued = element("td");
    queued.append(time(x.queued_at));
    row.append(element("td", x.state, stateClass[x.state] ?? ""), element("td", x.dag_id), element("td", x.dag_run_id), queued, element("td", duration(x.start_date ?? x.queued_at, x.end_date ?? now)));
    return row;
  }));
}

function showDoor(message) {
  byId("door").hidden = false;
  byId("facts").hidden = byId("leave").hidden = true;
  set(byId("overall"), "");
  set(byId("refreshed"), "");
  set(byId("door-error"), message, "bad");
  byId("token").focus();
}

// Each part stands alone: when a service is down, what the others say is still shown.
async function refresh() {
  if (!token.get()) return showDoor("");
  const [status, open, taken, runs] = await Promise.allSettled([
    ask("/status"), ask("/api/v2/incidents?state=open"), ask("/api/v2/incidents?state=acknowledged"), ask("/api/v2/dags/~/dagRuns?limit=15&order_by=-queued_at")]);
  const refused = [status, open, taken, runs].find((x) => x.reason instanceof Refused);
  if (refused) {
    token.forget();
    return showDoor(refused.reason.message);
  }
  byId("door").hidden = true;
  byId("facts").hidden = byId("leave").hidden = false;
  if (status.status === "fulfilled") showStatus(status.value);
  else set(byId("overall"), "The gateway does not answer", "bad");
  if (open.status === "fulfilled" && taken.status === "fulfilled") showIncidents([...open.value.incidents, ...taken.value.incidents]);
  if (runs.status === "fulfilled") showRuns(runs.value.dag_runs, Date.now());
  const missing = [[open, "incidents"], [runs, "runs"]].filter(([x]) => x.status === "rejected").map(([, name]) => name);
  set(byId("refreshed"), status.status === "fulfilled"
    ? `Refreshed every 5 seconds, last at ${clock(Date.now(), true)}${missing.length ? `. Not up to date: ${missing.join(", ")}` : ""}.`
    : "Trying again every 5 seconds.", "");
}

byId("door").addEventListener("submit", (event) => {
  event.preventDefault();
  token.set(byId("token").value.trim());
  byId("token").value = "";
  refresh();
});
byId("leave").addEventListener("click", () => {
  token.forget();
  shownIncidents = "";
  showDoor("");
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

async function keepFresh() {
  if (!document.hidden && token.get()) await refresh();
  setTimeout(keepFresh, refreshPeriod);
}

await refresh();
setTimeout(keepFresh, refreshPeriod);
