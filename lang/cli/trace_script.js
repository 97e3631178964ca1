// What the page of `tg trace` does. The data are columns of numbers into tables (trace_json.c says which); rows are the things that
// happened, in order. Lines are drawn on a canvas, and only those that are in view; the names beside them are elements.
"use strict";
const root = document.documentElement;
window.onerror = (message, file, line) => { root.dataset.error = message + " at line " + line; };

const $ = id => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const LINE = 24, TOP = 22, NAMES = 240, FOLD = 50, MOST_ARROWS = 4000, LABELLED = 60;
const READY = 0, RUN = 1, BLOCK = 2;
const FAILED = 4, CANCELLED = 5;
const states = ["ready", "running", "blocked", "done", "failed", "cancelled"];

// ---- The data

const taskCount = data.tasks.length / 9 - 1, blockCount = data.blocks.length / 7 - 1;
const task = (id, field) => data.tasks[id * 9 + field];
const NAME = 0, IN = 1, FROM = 2, TO = 3, STATE = 4, TEXT = 5, PLACE = 6, SPAWNED = 7;
const block = (id, field) => data.blocks[id * 7 + field];
const KIND = 0, CAUSE = 1, OWNER = 2, B_FROM = 3, B_TO = 4, B_TEXT = 5, B_PLACE = 6;

const times = new Float64Array(data.rows + 1);
for (let row = 1, at = 0; row <= data.rows; row++) times[row] = at += (data.times[row] || 0) / 1e9;

// Stretches: where a task's begin in the columns, and the row at which each begins.
const first = new Uint32Array(taskCount + 2), begins = new Uint32Array(data.stretches.length / 4 + 1);
const children = [], blocksOf = [];
for (let id = 1, at = 0; id <= taskCount; id++) {
  first[id] = at;
  let row = task(id, FROM);
  for (let i = 0; i < task(id, 8); i++, at++) {
    begins[at] = row;
    row += data.stretches[at * 4 + 1];
  }
  first[id + 1] = at;
  (children[task(id, IN)] ||= []).push(id);
}
for (let id = 1; id <= blockCount; id++) (blocksOf[block(id, OWNER)] ||= []).push(id);
const endOf = at => begins[at] + data.stretches[at * 4 + 1];

const text = number => data.texts[number];
const nameOf = id => (text(task(id, NAME)) || "task") + "#" + id;
const placeOf = place => place ? text(data.places[place * 4]) + ":" + data.places[place * 4 + 1] : "";
const seconds = at => at === 0 ? "0 s" : at < 1e-3 ? +(at * 1e6).toFixed(1) + " µs" : at < 1 ? +(at * 1e3).toFixed(2) + " ms" : +at.toFixed(3) + " s";

// ---- The lines: tasks, and below each the nurseries that it opened. Without recursion: they may lie deep in each other.

const folded = new Set();
for (let id = 1; id <= blockCount; id++) if (children[id] && children[id].length > FOLD && block(id, OWNER)) folded.add(id);
let lines = [];
const lineOfTask = new Int32Array(taskCount + 1), lineOfBlock = new Int32Array(blockCount + 1);
const insideOf = new Map(); // of a folded block: all tasks in it

function tasksIn(id) {
  if (insideOf.has(id)) return insideOf.get(id);
  const all = [...children[id]];
  for (let i = 0; i < all.length; i++)
    for (const inner of blocksOf[all[i]] || []) for (const child of children[inner] || []) all.push(child);
  insideOf.set(id, all);
  return all;
}

function layOut() {
  lines = [];
  const stack = (children[1] || []).map(id => ({task: id, depth: 0})).reverse();
  while (stack.length) {
    const at = stack.pop();
    if (at.task) {
      lineOfTask[at.task] = lines.push(at) - 1;
      const inner = (blocksOf[at.task] || []).filter(id => children[id]);
      for (const id of inner.reverse()) stack.push({block: id, depth: at.depth + 1});
      continue;
    }
    lineOfBlock[at.block] = lines.push(at) - 1;
    if (folded.has(at.block)) for (const id of tasksIn(at.block)) lineOfTask[id] = lines.length - 1;
    else for (const id of [...children[at.block]].reverse()) stack.push({task: id, depth: at.depth + 1});
  }
  // Where a nursery that is open ends.
  const open = [];
  for (let i = 0; i <= lines.length; i++) {
    while (open.length && (i === lines.length || lines[open.at(-1)].depth >= lines[i].depth)) lines[open.pop()].end = i - 1;
    if (i < lines.length && lines[i].block) open.push(i);
  }
  $("spacer").style.height = lines.length * LINE + TOP + "px";
  root.dataset.lines = lines.length;
}

// ---- Across: steps or seconds

let bySteps = data.bySteps, from = 0, to = 1, width = 800, height = 400;
const place = row => bySteps ? row : times[Math.min(row, data.rows)];
const whole = () => bySteps ? Math.max(data.rows, 1) : times[data.rows] || 1e-6;
const across = row => (place(row) - from) / (to - from) * width;

function look(newFrom, newTo) {
  const all = whole(), least = bySteps ? 8 : all / 1e7;
  const span = Math.min(Math.max(newTo - newFrom, least), all * 1.02);
  from = Math.min(Math.max(newFrom, -all * 0.01), all * 1.01 - span);
  to = from + span;
  draw();
}
const fit = () => look(-whole() * 0.005, whole() * 1.01);
function zoom(factor, at = 0.5) {
  const middle = from + (to - from) * at, span = (to - from) * factor;
  look(middle - span * at, middle + span * (1 - at));
}
const pan = share => look(from + (to - from) * share, to + (to - from) * share);

// ---- Drawing

const canvas = $("lanes"), pen = canvas.getContext("2d");
let colours = {}, stripes;
function readColours() {
  const style = getComputedStyle(root);
  for (const name of ["paper", "ink", "faint", "line", "run", "ready", "stripe", "wait", "message", "wake", "fail", "cancel", "press", "box"])
    colours[name] = style.getPropertyValue("--" + name).trim();
  const tile = document.createElement("canvas");
  tile.width = tile.height = 5;
  const brush = tile.getContext("2d");
  brush.fillStyle = colours.ready;
  brush.fillRect(0, 0, 5, 5);
  brush.strokeStyle = colours.stripe;
  brush.beginPath();
  brush.moveTo(0, 5);
  brush.lineTo(5, 0);
  brush.stroke();
  stripes = pen.createPattern(tile, "repeat");
}

function stroke(colour, dash, ...points) {
  pen.strokeStyle = colour;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(points[0], points[1]);
  for (let i = 2; i < points.length; i += 2) pen.lineTo(points[i], points[i + 1]);
  pen.stroke();
  pen.setLineDash([]);
}

function label(words, x, y, room, colour = colours.faint) {
  const most = Math.floor(room / 5.6);
  if (!words || (words.length > most && most < 7)) return;
  pen.fillStyle = colour;
  pen.fillText(words.length > most ? words.slice(0, most - 1) + "…" : words, x, y);
}

// The first stretch of a task that ends behind the left edge.
function firstInView(id) {
  let low = first[id], high = first[id + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (place(endOf(middle)) < from) low = middle + 1; else high = middle;
  }
  return low;
}

function drawTask(id, y) {
  const middle = y + LINE / 2 + 2;
  let drawn = -1;
  for (let at = firstInView(id); at < first[id + 1]; at++) {
    const x = across(begins[at]), end = Math.max(across(endOf(at)), x + 1), state = data.stretches[at * 4];
    if (x > width) break;
    if (end <= drawn) continue; // many in one pixel
    drawn = Math.floor(end);
    if (state === RUN) {
      pen.fillStyle = colours.run;
      pen.fillRect(x, middle - 7, end - x, 14);
    } else if (state === READY) {
      pen.fillStyle = stripes;
      pen.fillRect(x, middle - 3.5, end - x, 7);
    } else {
      pen.fillStyle = colours.wait;
      pen.fillRect(x, middle - 1, end - x, 2);
      label(text(data.stretches[at * 4 + 2]).replace(/^waiting (in|for) /, ""), Math.max(x, 0) + 3, middle - 3, end - Math.max(x, 0) - 4);
    }
  }
  drawBrackets(id, y);
  drawEnd(id, middle);
}

function drawBrackets(id, y) {
  for (const inner of blocksOf[id] || []) {
    if (children[inner]) continue;
    const x = across(block(inner, B_FROM)), end = across(block(inner, B_TO) < 0 ? data.rows : block(inner, B_TO));
    stroke(block(inner, CAUSE) ? colours.cancel : colours.faint, block(inner, CAUSE) ? [4, 2] : [], x, y + 7, x, y + 3, end, y + 3, end, y + 7);
    label(text(block(inner, B_TEXT)), x + 2, y + 2, end - x + 40);
  }
}

function drawEnd(id, middle) {
  if (task(id, TO) < 0) return;
  const x = across(task(id, TO)), state = task(id, STATE);
  if (x < -10 || x > width + 10) return;
  pen.lineWidth = 2;
  if (state === FAILED) {
    stroke(colours.fail, [], x - 4, middle - 4, x + 4, middle + 4);
    stroke(colours.fail, [], x + 4, middle - 4, x - 4, middle + 4);
    label(text(task(id, TEXT)), x + 8, middle + 3, width - x, colours.fail);
  } else if (state === CANCELLED) {
    pen.beginPath();
    pen.arc(x, middle, 4, 0, 7);
    pen.fillStyle = colours.paper;
    pen.fill();
    pen.strokeStyle = colours.cancel;
    pen.stroke();
  } else {
    pen.lineWidth = 1;
    stroke(colours.ink, [], x, middle - 7, x, middle + 7);
  }
  pen.lineWidth = 1;
}

// A folded nursery: how many of its tasks are ready and wait, over the width, and below that when any of them ran.
let sums = new Map(), sumsOf = "";
function sumsIn(id) {
  const view = [from, to, width, bySteps].join();
  if (view !== sumsOf) sums = new Map();
  sumsOf = view;
  if (sums.has(id)) return sums.get(id);
  const buckets = Math.max(1, Math.floor(width / 2)), counts = [0, 1, 2].map(() => new Int32Array(buckets + 1));
  const bucket = row => Math.min(buckets, Math.max(0, Math.ceil(across(row) / 2)));
  for (const inner of tasksIn(id)) {
    for (let at = first[inner]; at < first[inner + 1]; at++) {
      const a = bucket(begins[at]), b = bucket(endOf(at)), count = counts[data.stretches[at * 4]];
      count[a]++;
      count[count === counts[RUN] ? Math.min(Math.max(b, a + 1), buckets) : b]--;
    }
  }
  let most = 1;
  for (let i = 0; i < buckets; i++) {
    if (i > 0) for (const count of counts) count[i] += count[i - 1];
    most = Math.max(most, counts[READY][i] + counts[BLOCK][i]);
  }
  const made = {counts, most, buckets};
  sums.set(id, made);
  return made;
}

function drawFolded(id, y) {
  const {counts, most, buckets} = sumsIn(id), room = LINE - 9;
  for (let i = 0; i < buckets; i++) {
    let bottom = y + LINE - 6;
    pen.fillStyle = colours.run;
    if (counts[RUN][i] > 0) pen.fillRect(i * 2, bottom, 2, 4);
    for (const [state, fill] of [[READY, stripes], [BLOCK, colours.wait]]) {
      const tall = room * counts[state][i] / most;
      pen.fillStyle = fill;
      if (tall > 0) pen.fillRect(i * 2, bottom - tall, 2, tall);
      bottom -= tall;
    }
  }
}

function drawBox(line, i, top) {
  const x = across(block(line.block, B_FROM)), end = across(block(line.block, B_TO) < 0 ? data.rows : block(line.block, B_TO));
  const y = i * LINE - top + TOP, tall = (line.end - i + 1) * LINE;
  const above = Math.max(y + 2, -50), below = Math.min(y + tall - 2, height + 50); // a huge one is cut where nobody sees it
  pen.fillStyle = colours.box;
  pen.fillRect(x, above, end - x, below - above);
  pen.strokeStyle = block(line.block, CAUSE) ? colours.cancel : colours.faint;
  pen.setLineDash(block(line.block, CAUSE) ? [4, 2] : []);
  pen.strokeRect(x, above, end - x, below - above);
  pen.setLineDash([]);
}

function drawArrow(i, top, words) {
  const [kind, a, aRow, b, bRow] = data.arrows.slice(i * 6, i * 6 + 5);
  const middle = id => lineOfTask[id] * LINE - top + TOP + LINE / 2 + 2;
  const x = across(aRow), y = middle(a), endX = across(bRow), endY = middle(b);
  if (y === endY || (y < 0 && endY < 0) || (y > height && endY > height)) return;
  const colour = [colours.message, colours.wake, colours.fail, colours.cancel][kind];
  pen.lineWidth = kind === 2 ? 1.8 : 1;
  stroke(colour, [[], [1, 2], [], [4, 2]][kind], x, y, endX, endY);
  const angle = Math.atan2(endY - y, endX - x);
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(endX, endY);
  for (const turn of [2.75, -2.75]) pen.lineTo(endX + 7 * Math.cos(angle + turn), endY + 7 * Math.sin(angle + turn));
  pen.fill();
  pen.lineWidth = 1;
  if (kind === 0 && words) label(text(data.arrows[i * 6 + 5]), (x + endX) / 2 + 5, (y + endY) / 2 + 3, 90, colour);
}

function drawArrows(top) {
  let low = 0, high = data.arrows.length / 6;
  const count = high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (place(data.arrows[middle * 6 + 4]) < from) low = middle + 1; else high = middle;
  }
  let last = low;
  while (last < count && last - low <= MOST_ARROWS && place(data.arrows[last * 6 + 2]) <= to) last++;
  if (last - low > MOST_ARROWS) label("too many arrows to show: come nearer", 6, height - 8, width);
  else for (let i = low; i < last; i++) drawArrow(i, top, last - low <= LABELLED);
}

function drawPresses(top) {
  for (let i = 0; i < data.presses.length; i += 2) {
    const x = across(data.presses[i]);
    pen.lineWidth = 2;
    stroke(colours.press, [], x, TOP - 3, x, Math.min(height, lines.length * LINE - top + TOP));
    pen.lineWidth = 1;
  }
  pen.fillStyle = colours.press;
  for (let i = 0; i < data.strikes.length; i += 2) {
    const x = across(data.strikes[i]), y = lineOfTask[data.strikes[i + 1]] * LINE - top + TOP + LINE / 2 + 2;
    if (x < -5 || x > width + 5 || y < 0 || y > height) continue;
    pen.beginPath();
    pen.moveTo(x, y - 6);
    pen.lineTo(x + 5, y);
    pen.lineTo(x, y + 6);
    pen.lineTo(x - 5, y);
    pen.fill();
  }
}

// Once behind the lines, and its head once more before them: they scroll away below it.
function drawAxis(bottom) {
  pen.clearRect(0, 0, width, TOP - 3);
  const tick = (x, at) => {
    stroke(colours.line, [], x, TOP - 6, x, bottom);
    label(seconds(at), x + 3, TOP - 7, 80);
  };
  for (let i = 0; i < data.presses.length; i += 2) label("Ctrl-C", Math.max(across(data.presses[i]) - 16, 2), 8, 60, colours.press);
  if (!bySteps) {
    const rough = (to - from) / Math.max(2, width / 110), unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * [1, 2, 5, 10].find(n => n * unit >= rough);
    for (let at = Math.ceil(Math.max(from, 0) / step) * step; at <= to; at += step) tick((at - from) / (to - from) * width, at);
    return;
  }
  let free = -1, before = -1;
  const stride = Math.max(1, Math.floor((to - from) / width / 2));
  for (let row = Math.max(0, Math.floor(from)); row <= Math.min(to, data.rows); row += stride) {
    const x = across(row);
    if (times[row] === before || x < free) continue;
    tick(x, times[row]);
    before = times[row];
    free = x + 64;
  }
}

let picked = {line: 0, stretch: -1}, waiting = false;
function draw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; drawNow(); });
}

function drawNow() {
  const view = $("view"), top = view.scrollTop, ratio = window.devicePixelRatio || 1;
  width = Math.max(100, view.clientWidth - NAMES);
  height = view.clientHeight;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  $("names").style.height = height - TOP + "px";
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.font = "10px system-ui, sans-serif";
  pen.clearRect(0, 0, width, height);
  drawAxis(height);
  const begin = Math.max(0, Math.floor((top - TOP) / LINE)), end = Math.min(lines.length, begin + Math.ceil(height / LINE) + 2);
  const around = []; // nurseries that begin above the view
  for (let i = begin, depth = lines[begin] ? lines[begin].depth : 0; i-- > 0 && depth > 0;)
    if (lines[i].block && lines[i].depth < depth) { depth = lines[i].depth; around.push(i); }
  for (const i of around.reverse()) drawBox(lines[i], i, top);
  for (let i = begin; i < end; i++) if (lines[i].block) drawBox(lines[i], i, top);
  for (let i = begin; i < end; i++) {
    const y = i * LINE - top + TOP;
    if (lines[i].task) drawTask(lines[i].task, y);
    else if (folded.has(lines[i].block)) drawFolded(lines[i].block, y);
  }
  drawArrows(top);
  drawPresses(top);
  drawPicked(top);
  drawAxis(TOP - 3);
  showNames(begin, end, top);
  root.dataset.ready = "yes";
}

function drawPicked(top) {
  if (picked.stretch < 0 || !lines[picked.line] || !lines[picked.line].task) return;
  const x = across(begins[picked.stretch]), y = picked.line * LINE - top + TOP;
  pen.lineWidth = 2;
  pen.strokeStyle = colours.ink;
  pen.strokeRect(x - 1, y + 4, Math.max(across(endOf(picked.stretch)) - x, 1) + 2, LINE - 4);
  pen.lineWidth = 1;
}

function lineName(line) {
  if (line.task) return nameOf(line.task);
  const count = tasksIn(line.block).length;
  return (folded.has(line.block) ? "▸ " : "▾ ") + text(block(line.block, B_TEXT)) + "  " + placeOf(block(line.block, B_PLACE)) +
    (folded.has(line.block) ? ", " + count.toLocaleString("en") + " tasks" : "");
}

function showNames(begin, end, top) {
  const made = document.createDocumentFragment();
  for (let i = begin; i < end; i++) {
    const line = lines[i], name = document.createElement("div");
    name.style.top = i * LINE - top + "px";
    name.style.paddingLeft = 8 + Math.min(line.depth, 14) * 9 + "px";
    name.textContent = name.title = lineName(line);
    name.setAttribute("role", "treeitem");
    name.setAttribute("aria-level", line.depth + 1);
    if (line.task) name.dataset.task = line.task;
    else name.setAttribute("aria-expanded", !folded.has(line.block));
    if (i === picked.line) name.className = "picked";
    name.onclick = () => { pick(i, -1); if (line.block) turn(line.block); };
    made.append(name);
  }
  $("names").replaceChildren(made);
}

// ---- Saying what is there

function add(parent, tag, words) {
  const made = document.createElement(tag);
  made.textContent = words;
  parent.append(made, " ");
  return made;
}

function sayPlace(into, place, before) {
  if (!place) return;
  add(into, "span", before + placeOf(place) + (data.places[place * 4 + 2] ? " in " + text(data.places[place * 4 + 2]) : ""));
  if (data.places[place * 4 + 3]) add(into, "code", text(data.places[place * 4 + 3]));
}

function say(line, stretch) {
  const into = $("says");
  into.replaceChildren();
  if (!line) return;
  const one = into.appendChild(document.createElement("div")), two = into.appendChild(document.createElement("div")), three = into.appendChild(document.createElement("div"));
  if (line.block) {
    add(one, "b", text(block(line.block, B_TEXT)));
    sayPlace(one, block(line.block, B_PLACE), "at ");
    const ends = {};
    for (const id of tasksIn(line.block)) ends[states[task(id, STATE)]] = (ends[states[task(id, STATE)]] || 0) + 1;
    add(two, "span", Object.entries(ends).map(([state, count]) => count.toLocaleString("en") + " " + state).join(", "));
    return;
  }
  const id = line.task;
  add(one, "b", nameOf(id));
  if (stretch >= 0) {
    const state = data.stretches[stretch * 4], a = times[begins[stretch]], b = times[Math.min(endOf(stretch), data.rows)];
    add(one, "span", state === RUN ? "runs" : state === READY ? "is ready to run" : text(data.stretches[stretch * 4 + 2]));
    add(one, "span", "from " + seconds(a) + " to " + seconds(b) + (b > a ? " (" + seconds(b - a) + ")" : ""));
    sayPlace(two, data.stretches[stretch * 4 + 3], "at ");
  }
  add(three, "span", task(id, TO) < 0 ? "had not ended" : states[task(id, STATE)] + " " + text(task(id, TEXT)) + " at " + seconds(times[task(id, TO)]));
  if (task(id, SPAWNED)) add(three, "span", "· spawned at " + placeOf(task(id, SPAWNED)));
  for (let i = 0; i < data.arrows.length && i < 6 * 20000; i += 6) {
    if (data.arrows[i + 3] !== id || stretch < 0 || data.arrows[i + 4] < begins[stretch] || data.arrows[i + 4] > endOf(stretch)) continue;
    add(three, "span", "· " + ["message", "woken", "failure", "cancelled"][data.arrows[i]] + " from " + nameOf(data.arrows[i + 1]) + " " + text(data.arrows[i + 5]));
  }
}

// ---- Picking, folding, searching

function pick(line, stretch) {
  picked = {line: Math.min(Math.max(line, 0), lines.length - 1), stretch};
  say(lines[picked.line], stretch);
  const view = $("view"), y = picked.line * LINE;
  if (y < view.scrollTop) view.scrollTop = y;
  if (y + 2 * LINE + TOP > view.scrollTop + view.clientHeight) view.scrollTop = y + 2 * LINE + TOP - view.clientHeight;
  if (stretch >= 0) {
    const at = place(begins[stretch]), span = to - from;
    if (at < from || at > to) return look(at - span / 2, at + span / 2);
  }
  draw();
}

function turn(id) {
  if (!folded.delete(id)) folded.add(id);
  const line = lineOfBlock[id];
  layOut();
  pick(line, -1);
}

// Unfolds what hides a task.
function reveal(id) {
  for (let at = id; at;) {
    folded.delete(task(at, IN));
    at = block(task(at, IN), OWNER);
  }
  layOut();
}

function step(by) {
  const id = lines[picked.line].task;
  if (!id) return;
  let at = picked.stretch < 0 ? (by > 0 ? first[id] : first[id + 1] - 1) : picked.stretch + by;
  at = Math.min(Math.max(at, first[id]), first[id + 1] - 1);
  pick(picked.line, at);
}

let found = 0; // where the next search goes on: task, stretch
function search(words) {
  words = words.toLowerCase();
  if (!words) return;
  const total = begins.length - 1, matching = new Set(data.texts.map((t, i) => t.toLowerCase().includes(words) ? i : -1));
  let id = 1;
  for (let step = 0; step < total; step++) {
    const at = (found + step) % total;
    while (id < taskCount && !(at >= first[id] && at < first[id + 1])) id = at < first[id] ? 1 : id + 1;
    const isName = at === first[id] && nameOf(id).toLowerCase().includes(words);
    const isEnd = at === first[id + 1] - 1 && matching.has(task(id, TEXT)) && task(id, TEXT);
    if (!isName && !isEnd && !(data.stretches[at * 4 + 2] && matching.has(data.stretches[at * 4 + 2]))) continue;
    found = at + 1;
    reveal(id);
    return pick(lineOfTask[id], at);
  }
  $("says").textContent = "nothing here is called " + words;
}

// ---- Mouse and keys

function under(event) {
  const box = canvas.getBoundingClientRect(), x = event.clientX - box.left;
  const line = Math.floor((event.clientY - box.top - TOP + $("view").scrollTop) / LINE);
  if (!lines[line] || !lines[line].task) return {line, stretch: -1};
  const id = lines[line].task;
  for (let at = firstInView(id); at < first[id + 1]; at++)
    if (x >= across(begins[at]) - 1 && x <= Math.max(across(endOf(at)), across(begins[at]) + 1)) return {line, stretch: at};
  return {line, stretch: -1};
}
canvas.onmousemove = event => { const at = under(event); if (lines[at.line]) say(lines[at.line], at.stretch); };
canvas.onclick = event => {
  const at = under(event);
  if (!lines[at.line]) return;
  pick(at.line, at.stretch);
  if (lines[at.line].block) turn(lines[at.line].block);
};
$("view").onscroll = draw;
$("view").addEventListener("wheel", event => {
  if (event.ctrlKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - canvas.getBoundingClientRect().left) / width);
  else if (event.shiftKey || event.deltaX) pan((event.deltaX || event.deltaY) / width);
  else return;
  event.preventDefault();
}, {passive: false});

function switchAxis() {
  bySteps = !bySteps;
  $("axis").textContent = bySteps ? "steps" : "time";
  fit();
}
const keys = {
  ArrowLeft: () => pan(-0.15), ArrowRight: () => pan(0.15), ArrowUp: () => pick(picked.line - 1, -1), ArrowDown: () => pick(picked.line + 1, -1),
  "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1.4), 0: fit, n: () => step(1), p: () => step(-1), a: switchAxis,
  Enter: () => { const line = lines[picked.line]; if (line && line.block) turn(line.block); },
  "/": () => $("find").focus(), "?": () => $("keys").classList.toggle("open"), Escape: () => $("keys").classList.remove("open"),
};
document.onkeydown = event => {
  if (event.target === $("find")) {
    if (event.key === "Enter") search($("find").value);
    if (event.key === "Escape") $("view").focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  keys[event.key]();
  event.preventDefault();
};
$("find").oninput = () => { found = 0; };
$("axis").onclick = switchAxis;
$("fit").onclick = fit;
$("help").onclick = keys["?"];
window.onresize = draw;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); draw(); });

// ---- Off we go

document.title = "tg trace " + data.title;
$("title").textContent = data.title;
const many = (count, word) => count.toLocaleString("en") + " " + word + (count === 1 ? "" : "s");
$("counts").textContent = many(taskCount, "task") + ", " + many(data.rows, "step") + ", " + seconds(times[data.rows]) +
  (data.dropped ? "; and " + data.dropped.toLocaleString("en") + " steps more, which --limit left out" : "");
$("axis").textContent = bySteps ? "steps" : "time";
root.dataset.tasks = taskCount;
readColours();
layOut();
width = Math.max(100, $("view").clientWidth - NAMES);
fit();
drawNow();
$("view").focus();
say(lines[0], -1);
