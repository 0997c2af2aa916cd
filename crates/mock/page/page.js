// Everything that the API says is inserted as text: a path or a body must never become markup.

const KEPT = 500; // exchanges in the list
const panels = { routes: showRoutes, faults: showFaults, devices: showDevices, clock: showClock, report: showReport };

const find = (id) => document.getElementById(id);
const list = find("exchanges");
const faultForm = find("fault-form");
const records = new Map(); // number -> { exchange, row, text }
const routeRows = new Map(); // service, method and path -> { row, text }
const shown = new Map(); // panel -> what it shows, as JSON

let newest = 0; // the highest number in the list
let era = 0; // how often the list was emptied
let ahead = 0; // how far the cloud's clock is before the browser's, in milliseconds
let paused = false;
let turn = Promise.resolve();
let stream, refreshing;

const many = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
const some = (count, one) => (count ? many(count, one) : "");
const wordsOf = (id) => find(id).value.toLowerCase().split(/\s+/).filter(Boolean);
const duration = (micros) => (micros < 1_000 ? `${micros} µs` : `${(micros / 1_000).toFixed(1)} ms`);
const keyOf = ({ service, method, path }) => `${service} ${method} ${path}`;

function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function fill(target, texts) {
  for (const [name, text] of Object.entries(texts)) setText(target.querySelector(`[data-text=${name}]`), text);
  return target;
}

const make = (id, texts) => fill(find(id).content.firstElementChild.cloneNode(true), texts);

async function ask(method, path, body) {
  const headers = body ? { "content-type": "application/json" } : {};
  const request = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000) };
  const silence = { status: "the mock does not answer", text: () => "" };
  const answer = await fetch(`/__mock/${path}`, request).catch(() => silence);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} /__mock/${path}: ${answer.status} ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : null;
}

function mark(id, name, value, text) {
  find(id).dataset[name] = value;
  setText(find(id), text);
}

// What goes wrong without the user's doing is "lost", and is taken back once it works again.
async function attempt(work, failure = "lost") {
  try {
    const done = await work();
    if (done || find("message").dataset.kind === "lost") mark("message", "kind", "done", done ?? "");
  } catch (error) {
    mark("message", "kind", failure, error.message);
  }
}

const act = (work) => attempt(work, "error").then(() => attempt(refresh));

function pretty(body) {
  // Numbers stay as they are written, also those that JavaScript cannot hold.
  const asWritten = (name, value, { source }) => (typeof value === "number" ? JSON.rawJSON(source) : value);
  try {
    return JSON.stringify(JSON.parse(body, asWritten), null, 2);
  } catch {
    return body || "no body";
  }
}

function insideOf(exchange) {
  const about = `Exchange ${exchange.number}, at ${exchange.at} by the cloud’s clock`;
  const inside = make("exchange-inside", { about });
  for (const part of inside.querySelectorAll("[data-part]")) {
    const { headers, body } = exchange[part.dataset.part];
    part.querySelector("dl").append(...headers.map(([name, value]) => make("header", { name, value })));
    part.querySelector("pre").textContent = pretty(body ?? "");
  }
  return inside;
}

function toggled({ target }) {
  if (!target.open || target.childElementCount > 1) return;
  target.append(insideOf(records.get(Number(target.parentElement.dataset.number)).exchange));
}

function rowOf(exchange) {
  const { number, at, micros, method, target, operation, service, fault, violations } = exchange;
  const status = String(exchange.status);
  const row = make("exchange-row", {
    status, method, target, service, operation: operation ?? "no operation", fault: fault ? `fault: ${fault}` : "",
    micros: duration(micros), time: at.slice(11, 19), broken: some(violations.length, "violation"),
  });
  Object.assign(row.dataset, { number, status, violations: violations.length });
  row.querySelector("ul").append(...violations.map(({ where, message }) => make("violation", { where, message })));
  return row;
}

function wanted({ exchange, text }) {
  const sought = exchange.violations.length > 0 || !find("violations-only").checked;
  return sought && wordsOf("exchange-filter").every((word) => text.includes(word));
}

function insert(exchange) {
  const row = rowOf(exchange);
  const record = { exchange, row, text: row.textContent.toLowerCase() };
  row.hidden = !wanted(record);
  records.set(exchange.number, record);
  let next = list.firstElementChild;
  while (next && Number(next.dataset.number) > exchange.number) next = next.nextElementSibling;
  list.insertBefore(row, next);
  if (records.size <= KEPT) return;
  records.delete(Number(list.lastElementChild.dataset.number));
  list.lastElementChild.remove();
}

function receive(exchanges) {
  // What arrives during a pause is asked for after it.
  for (const exchange of paused ? [] : exchanges.slice(-KEPT)) {
    const { number, at, micros } = exchange;
    const known = records.get(number)?.exchange;
    // The mock was started again: its numbers mean other exchanges now.
    if (known && (known.at !== at || known.micros !== micros)) return attempt(startAnew);
    newest = Math.max(newest, number);
    if (!known) insert(exchange);
  }
  count();
}

async function startAnew() {
  era += 1;
  newest = 0;
  records.clear();
  list.replaceChildren();
  await catchUp();
}

async function catchUp() {
  const [from, then] = [newest, era];
  // One more than is missing: without it, the mock has forgotten what is shown here.
  const { exchanges } = await ask("GET", `exchanges?after=${Math.max(0, from - 1)}`);
  const known = from === 0 || exchanges[0]?.number === from;
  if (then === era) await (known ? receive(exchanges) : startAnew());
}

function count() {
  const seen = list.querySelectorAll(":scope > :not([hidden])").length;
  const broken = list.querySelectorAll(":scope > :not([data-violations='0'])").length;
  setText(find("exchange-count"), `${seen} of ${many(records.size, "exchange")}, ${broken} with violations`);
}

function filterExchanges() {
  for (const record of records.values()) record.row.hidden = !wanted(record);
  count();
}

function pause() {
  paused = !paused;
  setText(find("pause"), paused ? "Resume" : "Pause");
  attempt(catchUp);
}

function opened() {
  mark("state", "state", "live", "live");
  attempt(update);
}

function failed() {
  const state = find("state").dataset.state === "live" ? "reconnecting" : "offline";
  mark("state", "state", state, state);
  // The browser tries again by itself after a lost connection, but not after a refusal.
  if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 3_000);
}

function arrived({ data }) {
  receive([JSON.parse(data)]);
  refreshing ??= setTimeout(() => ((refreshing = null), attempt(refresh)), 500);
}

function connect() {
  stream?.close();
  if (document.hidden) return; // a browser has few connections to a host, for all its tabs
  stream = new EventSource("/__mock/exchanges/stream");
  Object.assign(stream, { onopen: opened, onerror: failed });
  stream.addEventListener("exchange", arrived);
}

async function refreshPanel(path) {
  const answer = await ask("GET", path);
  const text = JSON.stringify(answer);
  // An unchanged panel is left alone, as the focus may be in it.
  if (shown.get(path) === text) return;
  panels[path](answer);
  shown.set(path, text);
}

// One after the other, so that no older answer replaces a newer one.
function refresh() {
  const all = async () => void (await Promise.all(Object.keys(panels).map(refreshPanel)));
  return (turn = turn.then(all, all));
}

// Also finds what the stream does not tell: that it stands still, or that somebody else has emptied the list.
const update = async () => void (await Promise.all([catchUp(), refresh()]));

function routeRow(route) {
  const { service, operation, method, path, summary, needs } = route;
  const row = make("route-row", { method, path, summary: summary ?? "", needs: needs.join(", ") });
  Object.assign(row.dataset, { route: `${method} ${path}`, service });
  row.querySelector("[data-into=exchange-filter]").value = operation ?? path;
  row.querySelector("[data-into=fault-route]").value = row.dataset.route;
  routeRows.set(keyOf(route), { row, text: Object.values(route).join(" ").toLowerCase() });
  return row;
}

function layOut(groups) {
  routeRows.clear();
  find("routes").replaceChildren(...groups.map((members) => {
    const group = make("route-group", { tag: members[0].tag || "other", service: members[0].service });
    group.querySelector("ul").append(...members.map(routeRow));
    return group;
  }));
  find("route-names").replaceChildren(...[...routeRows.values()].map(({ row }) => new Option(row.dataset.route)));
}

function setCounts(target, members) {
  const [calls, violations] = ["calls", "violations"].map((name) => members.reduce((sum, one) => sum + one[name], 0));
  Object.assign(target.dataset, { calls, violations });
  fill(target.querySelector(".counts"), { calls: some(calls, "call"), broken: some(violations, "violation") });
}

function showRoutes(routes) {
  const groups = [...Map.groupBy(routes, ({ service, tag }) => `${service} ${tag}`).values()];
  if (routes.length !== routeRows.size || !routes.every((route) => routeRows.has(keyOf(route)))) layOut(groups);
  for (const route of routes) setCounts(routeRows.get(keyOf(route)).row, [route]);
  groups.forEach((members, place) => setCounts(find("routes").children[place], members));
  setText(find("route-count"), `${routes.filter(({ calls }) => calls).length} of ${routes.length} called`);
  filterRoutes();
}

function filterRoutes(event) {
  const words = wordsOf("route-filter");
  const called = find("called-only").checked;
  for (const { row, text } of routeRows.values()) {
    row.hidden = (called && row.dataset.calls === "0") || !words.every((word) => text.includes(word));
  }
  for (const group of find("routes").children) {
    group.hidden = !group.querySelector("li:not([hidden])");
    if (event) group.open = called || words.length > 0;
  }
}

function showFaults(faults) {
  const text = (value) => typeof value === "object" ? JSON.stringify(value) : value;
  find("faults").replaceChildren(...faults.map(({ fault: { kind, ...rest }, route, times, share }) => {
    const details = Object.entries(rest).map(([name, value]) => ` ${name.replaceAll("_", " ")} ${text(value)}`);
    const fault = `${kind.replaceAll("_", " ")}:${details}`.replace(/^status: |:$/, "");
    const part = share === null ? [] : [`share ${share}`];
    const count = times === null ? [] : [`× ${times}`];
    return make("fault-row", { fault, route: route ?? "any route", times: [...part, ...count].join(", ") });
  }));
}

function showFields() {
  for (const label of faultForm.querySelectorAll("[data-kinds]")) {
    label.hidden = !label.dataset.kinds.split(" ").includes(faultForm.elements.kind.value);
    label.querySelector("input, textarea").disabled = label.hidden;
  }
}

async function setFault({ route, times, ...fields }) {
  const fault = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value) fault[name] = faultForm.elements[name].type === "number" ? Number(value) : value;
  }
  // With a type of its own, an empty body means that there is none.
  if (fault.content_type) fault.body ??= "";
  await ask("POST", "faults", { fault, route: route.trim() || null, times: Number(times) });
  return `The fault waits for ${route.trim() || "any route"}.`;
}

async function pushEvent({ event, data }) {
  const { id } = await ask("POST", "events", { event, data: JSON.parse(data) });
  return `Event ${id} is sent.`;
}

function showDevices(codes) {
  find("devices").replaceChildren(...codes.map((code) => make("device-row", { code })));
  for (const button of find("devices").querySelectorAll("button")) {
    const code = button.closest("li").querySelector("code").textContent;
    button.dataset.ask = `POST devices/${encodeURIComponent(code)}/${button.dataset.answer}`;
    button.setAttribute("aria-label", `${button.textContent} ${code}`);
  }
}

function showClock({ now, moved_seconds: moved }) {
  const difference = Date.parse(now) - Date.now();
  // Whole seconds come: within one, the clock must not go back.
  if (difference > ahead || difference < ahead - 1_000) ahead = difference;
  tick();
  setText(find("moved"), moved ? `+${Math.round(moved / 6) / 10} min` : "");
}

const tick = () => setText(find("clock"), new Date(Date.now() + ahead).toISOString().slice(0, 19).replace("T", " "));

function showReport({ conforms, text }) {
  mark("verdict", "conforms", conforms, conforms ? "conforms" : "does not conform");
  setText(find("report"), text);
}

async function carryOut({ ask: question, body, done, anew }) {
  await ask(...question.split(" "), body && JSON.parse(body));
  if (anew !== undefined) await startAnew();
  return done;
}

function put(value, into, view) {
  find(view).checked = true;
  find(into).value = value;
  find(into).dispatchEvent(new Event("input", { bubbles: true }));
  find(into).focus();
}

function clicked({ target }) {
  const button = target.closest("button");
  if (button?.dataset.ask) act(() => carryOut(button.dataset));
  if (button?.dataset.into) put(button.value, button.dataset.into, button.dataset.view);
}

function submitted(event) {
  event.preventDefault();
  const work = { "fault-form": setFault, "event-form": pushEvent }[event.target.id];
  if (work) act(() => work(Object.fromEntries(new FormData(event.target))));
}

document.addEventListener("click", clicked);
document.addEventListener("submit", submitted);
document.addEventListener("visibilitychange", connect);
list.addEventListener("toggle", toggled, true); // it does not bubble
find("pause").addEventListener("click", pause);
find("exchange-filters").addEventListener("input", filterExchanges);
find("route-filters").addEventListener("input", filterRoutes);
faultForm.elements.kind.addEventListener("change", showFields);
setInterval(tick, 250);
setInterval(() => document.hidden || attempt(update), 5_000);
showFields();
connect();
attempt(update);
