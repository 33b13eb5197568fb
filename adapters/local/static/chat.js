// Makes the page of one room live: sends what is typed, pressed and filled in, and shows what changes.
"use strict";

const $ = (id) => document.getElementById(id);
const { person, room } = document.body.dataset;
const here = `/chat/${person}/${encodeURIComponent(room)}`;
const log = $("log"), lines = $("lines"), composer = $("composer"), words = $("words");

// ---- Sending: one thing at a time for each control, and the page stays usable meanwhile ----

let underWay = 0, lastAnswer = -Infinity;

async function send(what, data) {
  underWay += 1;
  $("progress").textContent = "Convenor is working on it…";
  $("trouble").textContent = "";
  try {
    const answer = await fetch(`${here}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(data),
    });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    throw new Error(told.sentence || "Something went wrong, and this may not have been done. Load the page and look before you try again.");
  } catch (problem) {
    if (!(problem instanceof TypeError)) throw problem;
    throw new Error("Convenor could not be reached. What you typed is kept: try again in a moment.");
  } finally {
    underWay -= 1;
    lastAnswer = performance.now();
    if (!underWay) $("progress").textContent = "";
  }
}

// Runs `work` unless this control is still busy with it: a second press does nothing.
async function once(control, work) {
  if (control.getAttribute("aria-disabled") === "true") return;
  control.setAttribute("aria-disabled", "true");
  try {
    await work();
  } catch (problem) {
    tell(problem.message);
  } finally {
    control.removeAttribute("aria-disabled");
  }
}

function tell(sentence) {
  const open = $("form").open && $("form-error");
  (open || $("trouble")).textContent = sentence;
}

// ---- The composer ----

async function say() {
  const typed = words.value;
  if (!typed.trim()) return;
  words.value = "";
  words.rows = 1;
  suggest();
  try {
    take(await send("say", { words: typed }));
  } catch (problem) {
    if (!words.value) words.value = typed;
    tell(problem.message);
  }
}

composer.addEventListener("submit", (event) => { event.preventDefault(); say(); });

// ---- Suggestions of commands: arrows choose, Tab or Enter takes, Escape closes ----

const suggestions = $("suggestions");
const options = [...suggestions.children];
let chosen = null;

const matching = () => options.filter((option) => !option.hidden);

function suggest() {
  const typed = words.value.toLowerCase();
  for (const option of options) {
    const name = option.dataset.name.toLowerCase();
    option.hidden = !(typed.startsWith("/") && name.startsWith(typed) && name !== typed);
  }
  suggestions.hidden = matching().length === 0;
  choose(null);
}

function choose(option) {
  chosen?.setAttribute("aria-selected", "false");
  chosen = option;
  if (!option) return words.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  words.setAttribute("aria-activedescendant", option.id);
}

function takeSuggestion(option) {
  words.value = `${option.dataset.name} `;
  suggest();
  words.focus();
}

words.addEventListener("input", () => {
  words.rows = Math.min(6, words.value.split("\n").length);
  suggest();
});
words.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const open = !suggestions.hidden;
  if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const shown = matching(), step = event.key === "ArrowDown" ? 1 : -1;
    const at = chosen ? shown.indexOf(chosen) + step : step > 0 ? 0 : -1;
    choose(shown.at(at % shown.length));
  } else if (open && chosen && (event.key === "Tab" || event.key === "Enter")) {
    takeSuggestion(chosen);
  } else if (open && event.key === "Escape") {
    suggestions.hidden = true;
    choose(null);
  } else if (event.key === "Enter" && !event.shiftKey) {
    say();
  } else {
    return;
  }
  event.preventDefault();
});
words.addEventListener("blur", () => { suggestions.hidden = true; choose(null); });
// Before blur would hide the list from under the pointer.
suggestions.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  const option = event.target.closest("[role=option]");
  if (option) takeSuggestion(option);
});

// ---- Buttons, and asking first where a button says so ----

const home = document.querySelector(".home");

for (const place of [lines, home]) place?.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const { action, value, confirm } = button.dataset;
  once(button, async () => {
    if (confirm && !(await sure(confirm, button.textContent, button.className))) return;
    take(await send("press", { action, value, line: button.closest(".line").id.replace("line-", "") }));
  });
});

function sure(question, label, style) {
  const dialog = $("confirm"), yes = $("confirm-yes");
  $("confirm-words").textContent = question;
  yes.textContent = label;
  yes.className = style;
  dialog.returnValue = "no";
  dialog.showModal();
  // Enter by habit must not do what cannot be undone.
  (style === "danger" ? $("confirm-no") : yes).focus();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
  });
}

// ---- Forms ----

const dialog = $("form");

function take(reply, answered = false) {
  if (!reply.form) return;
  dialog.innerHTML = reply.form; // made by our own templates, which escape every word
  untouched = JSON.stringify(values());
  // The answer to a form that was sent holds what was typed already; any other form gets back what was left in it.
  if (!answered) kept.restore();
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input, textarea, select")?.focus();
}

// What was typed into a form that was closed unsent, in this browser alone. The form's own value goes with it, so that
// Convenor can tell what was changed by others since the words were typed.
const kept = {
  name() {
    const { form, key } = dialog.querySelector("form").dataset;
    return key ? `convenor-form-${person}-${form}-${key}` : "";
  },
  write(what) { try { if (what) localStorage.setItem(this.name(), JSON.stringify(what)); else localStorage.removeItem(this.name()); } catch { /* not allowed to remember */ } },
  read() { try { return JSON.parse(localStorage.getItem(this.name())); } catch { return null; } },
  keep() {
    if (!this.name()) return false;
    if (typedSomething()) this.write({ value: dialog.querySelector("form").dataset.value, fields: values() });
    return true;
  },
  restore() {
    const before = this.name() && this.read();
    if (!before) return;
    dialog.querySelector("form").dataset.value = before.value;
    for (const field of fields()) {
      const words = before.fields[field.name];
      if (words === undefined || (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === words))) continue;
      field.value = words;
      if (field.type === "hidden") for (const box of boxes(field)) box.checked = words.split(",").includes(box.value);
    }
    $("form-kept").hidden = false;
  },
  forget() { if (this.name()) this.write(null); },
};

const fields = () => [...dialog.querySelectorAll("[name]")];
// The boxes of a field that takes several, and what is ticked of them.
const boxes = (field) => [...field.closest(".several").querySelectorAll("[type=checkbox]")];
const gather = (field) => { field.value = boxes(field).filter((box) => box.checked).map((box) => box.value).join(","); };
dialog.addEventListener("change", (event) => {
  const group = event.target.closest(".several");
  if (group) gather(group.querySelector("[type=hidden]"));
});

const values = () => Object.fromEntries(fields().map((field) => [field.name, field.value]));
let untouched = "";
const typedSomething = () => JSON.stringify(values()) !== untouched;

function showErrors(errors) {
  for (const field of fields()) field.removeAttribute("aria-invalid");
  for (const place of dialog.querySelectorAll(".error")) place.textContent = "";
  const left = [];
  for (const [name, sentence] of Object.entries(errors)) {
    const field = fields().find((one) => one.name === name);
    if (!field) { left.push(sentence); continue; }
    field.setAttribute("aria-invalid", "true");
    $(`${field.id}-error`).textContent = sentence;
  }
  $("form-error").textContent = left.join(" ");
  const wrong = dialog.querySelector("[aria-invalid]");
  (wrong?.type === "hidden" ? boxes(wrong)[0] : wrong)?.focus();
}

function missing() {
  const empty = fields().filter((field) => field.required && !field.value.trim());
  return Object.fromEntries(empty.map((field) => [field.name, field.tagName === "SELECT" ? "Choose one of these." : field.type === "hidden" ? "Choose at least one of these." : "This is needed. Please fill it in."]));
}

async function leaveForm() {
  if (kept.keep() || !typedSomething() || (await sure("Close the form? What you typed in it will be lost.", "Close it", "danger"))) dialog.close();
}

dialog.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target, errors = missing();
  showErrors(errors);
  if (Object.keys(errors).length) return;
  once(form.querySelector("[type=submit]"), async () => {
    const reply = await send("submit", { form: form.dataset.form, value: form.dataset.value, fields: values() });
    if (Object.keys(reply.errors).length) return showErrors(reply.errors);
    kept.forget();
    if (!reply.form) dialog.close();
    take(reply, true);
  });
});
dialog.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  dialog.querySelector("form").requestSubmit();
});
dialog.addEventListener("cancel", (event) => { event.preventDefault(); leaveForm(); });
dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) leaveForm();
  if (event.target.closest("[data-afresh]")) {
    kept.forget();
    const form = dialog.querySelector("form");
    form.reset();
    for (const field of fields()) if (field.type === "hidden") gather(field);
    form.dataset.value = form.getAttribute("data-fresh");
    $("form-kept").hidden = true;
    dialog.querySelector("input, textarea, select")?.focus();
  }
});

// ---- Menus: Escape and a click elsewhere close them, and one that was chosen from closes too ----

const openMenus = () => document.querySelectorAll(".menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// ---- Working new lines into the page without losing focus, place or what is folded ----

const OURS = new Set(["open", "aria-disabled"]);

function morph(from, to) {
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  for (const { name, value } of to.attributes) {
    if (!OURS.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    if (!OURS.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
  }
  morphChildren(from, to);
}

// What a line or an entry is known by. Its node stays its own when others come or go above it, so that a press which is
// on its way, and the focus, never end up at a neighbour.
const keyOf = (node) => node.id || node.dataset?.key || "";

function morphChildren(from, to) {
  const wantedKeys = new Set([...to.children].map(keyOf));
  for (const child of [...from.children]) if (keyOf(child) && !wantedKeys.has(keyOf(child))) child.remove();
  const known = new Map([...from.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let next = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const same = key ? known.get(key) : next && !keyOf(next) && next.nodeName === wanted.nodeName ? next : null;
    known.delete(key);
    if (same) {
      // A node that is moved loses the focus: what stood before it and has no name goes instead.
      while (next && next !== same && !keyOf(next)) {
        const gone = next;
        next = next.nextSibling;
        gone.remove();
      }
      if (same === next) next = next.nextSibling;
      else from.insertBefore(same, next);
      morph(same, wanted);
    } else {
      from.insertBefore(wanted, next);
    }
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
// As far down as possible with the beginning of the line still in view.
const showFrom = (line) => { log.scrollTop = line.offsetTop - 12; };

// An edition is a dozen messages, one after the other: what follows the first is shown a few at a time.
const BURST_MS = 150;
let refreshing = false, again = false, shown = "";

async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  try {
    do {
      if (again) await new Promise((resolve) => setTimeout(resolve, BURST_MS));
      again = false;
      const answer = await fetch(`${here}/lines`);
      if (!answer.ok) return;
      const text = await answer.text();
      if (text !== shown) {
        const fresh = document.createElement("template");
        fresh.innerHTML = text;
        workIn(fresh.content);
        shown = text;
      }
      await refreshHome();
    } while (again);
  } catch {
    // The stream says when we are back, and then we ask again.
  } finally {
    refreshing = false;
  }
}

async function refreshHome() {
  if (!home) return;
  const answer = await fetch(`${here}/home`);
  if (!answer.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  morphChildren($("line-0"), fresh.content);
}

function workIn(fresh) {
  const before = new Set([...lines.querySelectorAll(".line")].map((line) => line.id));
  // A reply that this person waits for is shown wherever they are; other news does not move the page under them.
  const stay = atEnd() || underWay > 0 || performance.now() - lastAnswer < 1500;
  morphChildren(lines, fresh);
  const added = [...lines.querySelectorAll(".line")].filter((line) => !before.has(line.id));
  if (!added.length) return;
  $("announcer").textContent = added.map((line) => line.dataset.summary).join(" ");
  if (stay) showFrom(added[0]);
  else $("jump").hidden = false;
}

$("jump").addEventListener("click", () => { log.scrollTop = log.scrollHeight; words.focus(); });
log.addEventListener("scroll", () => { if (atEnd()) $("jump").hidden = true; });

// ---- Which rooms have something new ----

const memory = {
  key: `convenor-seen-${person}`,
  read() { try { return JSON.parse(localStorage.getItem(this.key)) || {}; } catch { return {}; } },
  note(where, latest) { try { localStorage.setItem(this.key, JSON.stringify({ ...this.read(), [where]: latest })); } catch { /* not allowed to remember */ } },
};

// A conversation of several people may begin while the page is open.
async function list(where) {
  const answer = await fetch(location.pathname);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const link = page.querySelector(`.rooms a[data-room="${CSS.escape(where)}"]`);
  if (link && !linkTo(where)) document.querySelector(".rooms").lastElementChild.before(link.closest("li"));
}

const linkTo = (where) => document.querySelector(`.rooms a[data-room="${CSS.escape(where)}"]`);

async function mark(where, latest) {
  if (where === room) return memory.note(room, latest);
  if (!linkTo(where)) await list(where).catch(() => {});
  const news = linkTo(where)?.querySelector(".new");
  if (news) news.hidden = memory.read()[where] === latest;
}

// ---- The stream. Hidden tabs close theirs: a browser allows six connections to one server over all its tabs ----

let stream = null;

function listen() {
  stream?.close();
  stream = new EventSource(`/chat/${person}/events`);
  stream.onopen = () => { connected(true); refresh(); };
  stream.onerror = () => {
    connected(false);
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 4000);
  };
  stream.addEventListener("changed", (event) => {
    const { room: where, latest } = JSON.parse(event.data);
    if (latest) mark(where, latest);
    if (where === room) refresh();
  });
}

const keys = $("connection").textContent;

function connected(well) {
  $("connection").textContent = well ? keys : "The connection was lost. Trying again…";
  composer.querySelector(".below").classList.toggle("lost", !well);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.close();
  else listen();
});

// A long thread is read from its beginning: an editor's first look should be the draft's headline and its button.
log.scrollTop = log.scrollHeight;
const newest = [...lines.querySelectorAll(":scope > .line")].at(-1);
if (newest && newest.offsetTop < log.scrollTop) showFrom(newest);
const pointed = location.hash.startsWith("#line-") && document.getElementById(location.hash.slice(1));
if (pointed) pointed.scrollIntoView();
mark(room, Number(document.body.dataset.latest));
words.focus();
if (!document.hidden) listen();
