// SPDX-License-Identifier: MIT
// Fills the page with the study that it contains; docs/study.md describes the fields of a study.
"use strict";

const byId = id => document.getElementById(id);
const study = JSON.parse(byId("study").textContent);
const charts = JSON.parse(byId("charts").textContent);
const hasVega = "vega-view" in pieces;
const hidden = new Set();  // the optimizers that the legend has switched off
const drawn = new Set();   // the charts of the page, as {redraw(keepZoom), close()}

// ---- Numbers and words -------------------------------------------------------------------------

const isNumber = x => typeof x === "number" && Number.isFinite(x);
const mean = values => values.reduce((sum, x) => sum + x, 0) / values.length;
const unique = values => [...new Set(values)];
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
const list = names => [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
const chance = p => !isNumber(p) ? "–" : p < 0.001 ? "<\u00a00.001" : p.toFixed(3);

function number(x, digits = 3) {
  if (!isNumber(x)) return "–";
  const size = Math.abs(x), short = size === 0 || (size >= 1e-4 && size < 1e6);
  const text = !short ? x.toExponential(digits - 1).replace(/\.?0*e\+?/, "e")
    : size >= 1000 ? x.toFixed(0) : String(Number(x.toPrecision(digits)));
  return text.replace(/-/g, "−");
}

/** Creates an element. In a text, [word] and [word|shown] become words that the glossary explains. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(2)) {
    if (child instanceof Node) element.append(child);
    else if (child || child === 0) element.append(...withTerms(String(child)));
  }
  return element;
}

const meanings = new Map([...document.querySelectorAll("dt")].map(dt => [dt.textContent, dt.nextSibling.textContent]));

function withTerms(text) {
  return text.split(/\[([^\]]+)\]/).map((part, i) => {
    const [word, shown = word] = part.split("|");
    if (i % 2 === 0 || !meanings.has(word)) return i % 2 === 0 ? part : `[${part}]`;
    const term = document.createElement("dfn");
    term.dataset.word = word;
    return Object.assign(term, {textContent: shown, tabIndex: 0, ariaDescription: meanings.get(word)});
  });
}

// ---- What the study says -----------------------------------------------------------------------

function look(name) {
  const i = study.plan.optimizers.indexOf(name), title = study.rules[name]?.title ?? name;
  return {name, title, color: `var(--rule-${i})`, ...charts.looks.at(i % charts.looks.length)};
}
const titles = names => list(names.map(name => look(name).title));
const withTitles = text => text?.replace(/[\w-]+/g, word => study.rules[word]?.title ?? word);  // instead of names
const optionText = options => Object.entries(options).map(([name, x]) => `${name} = ${number(x)}`).join(", ");

/** Adds to a group what the page shows of it; values of a metric that is a share are in percent. */
function prepare(group) {
  const {task, metric, batch_size: size} = group, isFunction = task.kind === "analytic";
  const times = metric.percent ? 100 : 1, shown = x => isNumber(x) ? times * x : null;
  const stage = group.optimizers.some(each => isNumber(each.summary?.tuned?.mean)) ? "tuned" : "defaults";
  const rows = group.optimizers.map(({name, tuning, tuned, runs, summary}) => {
    const {[stage]: own, versus_best: versus} = summary ?? {};
    const all = runs.map(run => ({...run, value: shown(run.value)}));
    const varied = unique(["lr", ...tuning.flatMap(point => Object.keys(point.options))]);
    const options = Object.entries(tuned?.options ?? {}).filter(([option]) => varied.includes(option));
    return {...summary, ...look(name), tuning, tuned, all, runs: all.filter(run => run.stage === stage),
      mean: shown(own?.mean), interval: own?.interval?.map(shown) ?? null, n: own?.n ?? 0, diverged: own?.diverged ?? 0,
      defaults: shown(summary?.defaults?.mean), difference: shown(versus?.difference), p: versus?.p_holm,
      reach: versus?.interval?.map(shown) ?? null, significant: versus?.significant,
      setting: tuned ? optionText(Object.fromEntries(options)) : "–"};
  });
  const digits = rows.some(row => row.interval && row.interval[1] - row.interval[0] < 1) ? 2 : 1;
  const bare = x => !isNumber(x) ? "–" : metric.percent ? x.toFixed(digits) : number(x, 4);
  const format = x => bare(x) + (metric.percent && isNumber(x) ? "\u00a0%" : "");
  const batch = size === null ? "full batch" : size === 1 ? "one row per step" : `batches of ${size}`;
  const best = rows.find(row => row.name === group.conclusion?.best);
  return {...group, isFunction, stage, rows, best, times, batch, format,
    title: isFunction || study.plan.batch_sizes.length === 1 ? task.title : `${task.title}, ${batch}`,
    unit: metric.percent ? ", %" : "", goal: shown(group.target?.value),
    measured: isFunction ? "value of the function" : `test ${metric.name}`,
    validated: isFunction ? "value of the function" : `validation ${metric.name}`,
    between: pair => pair ? `${bare(pair[0])} to ${format(pair[1])}` : "–",
    signed: x => isNumber(x) ? (x > 0 ? "+" : x < 0 ? "−" : "") + bare(Math.abs(x)) : "–"};
}
const groups = study.groups.map(prepare);

const verdict = (best, row) => row === best ? "best" : !isNumber(row.p) ? "–"
  : row.significant ? "significantly worse" : "not significant";

/** Returns what a reader should check before relying on the result of one optimizer. */
const checks = row => [row.tuned?.at_edge && "[grid|edge of the grid]", row.still_improving && "still improving",
  row.tuned_worse_than_defaults && "worse than its [defaults]",
  row.diverged > 0 && `${row.diverged} of ${row.n + row.diverged} [diverged]`].filter(Boolean)
  .map(note => h("span", {class: "badge"}, note));
const toCheck = [row => row && checks(row).map(note => note.textContent).join(), (_, row) => row && checks(row)];

// ---- Tables and texts --------------------------------------------------------------------------

async function copy(button, text) {
  button.textContent = await navigator.clipboard.writeText(text).then(() => "Copied", () => "Not allowed");
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}
const copyButton = text =>
  h("button", {type: "button", class: "copy", onclick: event => copy(event.currentTarget, text)}, "Copy");
const codeLine = text => h("div", {class: "code"}, h("code", {}, document.createTextNode(text)), copyButton(text));

function named(name) {
  const {title, color, dash, shape} = look(name), swatch = h("span", {class: "swatch", style: `color: ${color}`});
  swatch.innerHTML = `<svg width="26" height="10" aria-hidden="true"><line x2="26" y1="5" y2="5" stroke="currentColor"
    stroke-width="3" stroke-dasharray="${dash.map(Number).join(" ")}"/></svg>`;
  swatch.append(charts.glyphs[shape] ?? "●");
  return h("span", {class: "name"}, swatch, " ", title);
}

/** Creates a table that a click on a heading sorts, from {heading: [key(row), cell(key, row)]}. */
function table(caption, rows, columns) {
  const entries = Object.entries(columns), body = h("tbody"), cells = h("tr");
  const classes = entries.map(([, [key]]) => rows.some(row => typeof key(row) === "string") ? "text" : "number");
  const fill = sorted => body.replaceChildren(...sorted.map(row => h("tr", {}, entries.map(([, [key, cell]], i) =>
    h("td", {class: classes[i]}, cell ? cell(key(row), row) : key(row))))));
  const sort = (heading, key) => {
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of cells.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const compare = (x, y) => x == null || y == null ? (x == null) - (y == null)  // missing values stay last
      : x === y ? 0 : x < y === up ? -1 : 1;
    fill([...rows].sort((a, b) => compare(key(a), key(b))));
  };
  cells.append(...entries.map(([title, [key]], i) => h("th", {scope: "col", class: classes[i]},
    h("button", {type: "button", onclick: event => sort(event.currentTarget.parentNode, key)}, title))));
  for (const term of cells.querySelectorAll("dfn")) term.tabIndex = -1;  // its button has the focus
  fill(rows);
  return h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption},
    h("table", {}, h("caption", {}, caption), h("thead", {}, cells), body));
}

const tile = (figure, text) => h("p", {}, h("b", {}, figure), text);
const few = names => names.length > 3 ? `${names.length} others` : titles(names) || "none";

/** Says in a headline which optimizer is the best and which the study cannot tell from it. */
function headline(subject, best, alike, all, first) {
  const others = alike.length > 0 && h("small", {}, `, or ${alike.length > 3 ? "one of " : ""}${few(alike)}`);
  if (alike.length + 1 < all) return h("h2", {}, `${subject}: use `, named(best), others);
  return h("h2", {}, `${subject}: no optimizer stands out. `, named(best), h("small", {}, ` has the best ${first}.`));
}

function answer(group) {
  const {best, rows, title, format, goal} = group;
  const {indistinguishable: alike = [], sentence, advice = []} = group.conclusion ?? {};
  if (!best) {
    return h("div", {class: "answer"}, h("h2", {}, `${title}: no answer yet`), h("p", {}, withTitles(sentence),
      group.stage === "defaults" && " The table shows the optimizers with their [defaults]."));
  }
  const compared = rows.filter(row => isNumber(row.p)), worse = compared.filter(row => row.significant).length;
  const corrected = count(group.comparisons ?? compared.length, "comparison"), steps = best.steps_to_target?.median;
  return h("div", {class: "answer"},
    headline(title, best.name, alike, rows.length, "mean"), best.tuned && codeLine(best.tuned.code),
    h("div", {class: "tiles"},
      tile(format(best.mean), `mean ${group.measured} of ${best.title} over ${count(best.n, "[seed]")}`),
      tile(group.between(best.interval), "95 % [interval] of this mean"),
      tile(`${worse} of ${compared.length}`,
        `other optimizers [significant|significantly] worse at 5 %, corrected for ${corrected} ([Holm])`),
      isNumber(goal) && tile(isNumber(steps) ? `${number(steps)} steps` : "not reached",
        `until a ${group.validated} of ${format(goal)}, the [target]`)),
    h("p", {}, withTitles(sentence)), h("h3", {}, "What would change this answer"),
    h("ul", {}, (advice.length ? advice : ["Nothing in this study."]).map(text => h("li", {}, withTitles(text)))));
}

const facts = pairs => h("dl", {class: "facts"}, Object.entries(pairs).filter(([, text]) => text).map(([name, text]) =>
  h("div", {}, h("dt", {}, name), h("dd", {}, text))));

function groupFacts({task, model, rows, isFunction, batch, format, goal, epochs, steps_per_epoch: steps, target}) {
  const range = (row, option) => `${option} ` + unique(row.tuning.map(point => point.options[option])).filter(isNumber)
    .sort((a, b) => a - b).map(x => number(x)).join(", ");
  const grids = rows.filter(row => row.tuning.length > 0).map(row => h("li", {}, `${row.title}: ` +
    unique(row.tuning.flatMap(point => Object.keys(point.options))).map(option => range(row, option)).join("; ")));
  return facts({
    Network: !isFunction && model && `${model.description}, ${model.parameters} [parameters]`,
    Training: isFunction ? count(epochs * steps, "[step]")
      : `${epochs} [epoch|epochs] of ${count(steps, "[step]")}, ${batch}`,
    Rows: !isFunction && `${task.train_rows} for training, ${task.validation_rows} for validation, ` +
      `${task.test_rows} for the test; ${count(task.features, "feature")}`,
    "[split|Split]": !isFunction && (task.split === "redrawn" ? "drawn again for each [seed]" : "published test set"),
    Classes: task.classes?.length > 0 && `${task.classes.length}: ${list(task.classes)}`,
    "[target|Target]": isNumber(goal) && `${format(goal)}, ${target.reason}`,
    "[grid|Grid]": grids.length > 0 &&
      h("details", {}, h("summary", {}, count(grids.length, "optimizer")), h("ul", {}, grids)),
  });
}

function ranking(group) {
  const {format, between, signed} = group, judged = text => h("span", {class: text.split(" ")[0]}, text);
  return table(`Ranking by ${group.measured}, ${group.stage === "tuned" ? "tuned" : "with defaults"}`, group.rows, {
    "[rank|Rank]": [row => row.rank, x => number(x)],
    Optimizer: [row => row.title, (_, row) => named(row.name)],
    [capital(group.measured)]: [row => row.mean, format],
    "95 % [interval]": [row => row.interval?.[0], (_, row) => between(row.interval)],
    [group.metric.percent ? "Difference, points" : "Difference"]: [row => row.difference, signed],
    "[p value|p] ([Holm])": [row => row.p, chance],
    "Compared with the best": [row => verdict(group.best, row), judged],
    Setting: [row => row.setting, (text, row) => [text, " ", row.tuned && copyButton(row.tuned.code)]],
    "To check": toCheck,
    "With [defaults]": [row => row.defaults, format],
    "[step|Steps] to [target]": [row => row.steps_to_target?.median, x => number(x)],
    "Seconds to target": [row => row.seconds_to_target?.median, x => number(x)],
    "µs per step": [row => row.seconds_per_step, x => number(x && 1e6 * x)],
  });
}

function details({rows, format, times, measured}) {
  const points = rows.flatMap(({title, tuning}) => tuning.map(point => ({title, ...point})));
  const runs = rows.flatMap(({title, all}) => all.map(run => ({title, ...run})));
  const folded = (title, every, columns) => every.length > 0 && h("details", {},
    h("summary", {}, `${title} (${every.length})`), table(title, every, columns));
  return [folded("Every point of the grids", points, {
    Optimizer: [point => point.title],
    Setting: [point => optionText(point.options)],
    "Mean on [validation data]": [point => point.mean, x => format(isNumber(x) ? times * x : null)],
    "Each [seed]": [point => point.values.map(x => format(isNumber(x) ? times * x : null)).join(", ")],
    "[step|Steps]": [point => point.steps, x => number(x)],
    "Added beyond the edge": [point => point.extended ? "yes" : "no"],
  }), folded("Every final run", runs, {
    Optimizer: [run => run.title],
    Options: [run => run.stage],
    "[seed|Seed]": [run => run.seed],
    "[split|Split]": [run => run.split_seed],
    [capital(measured)]: [run => run.value, (x, run) => run.diverged ? "[diverged]" : format(x)],
    "Steps to target": [run => run.steps_to_target, x => number(x)],
    Seconds: [run => run.seconds, x => number(x)],
    Hash: [run => run.hash, text => h("code", {}, text)],
  })].filter(Boolean);
}

// ---- The data of the charts: each function returns what createView() takes -----------------------

const visible = group => group.rows.filter(row => !hidden.has(row.name));

/** Returns the smallest range with a margin that contains the values. */
function fit(values, log = false, share = 0.05) {
  const good = values.filter(x => isNumber(x) && (!log || x > 0)).map(x => log ? Math.log(x) : x);
  if (good.length === 0) return log ? [0.1, 1] : [0, 1];
  const [low, high] = [good.reduce((a, b) => Math.min(a, b)), good.reduce((a, b) => Math.max(a, b))];
  const margin = share * (high - low) || 0.05 * Math.abs(high) || 0.5;
  return [low - margin, high + margin].map(x => log ? Math.exp(x) : x);
}

/** Returns the series that the learning curves can show, with their names. */
function measures({metric, rows, isFunction}) {
  const has = key => rows.some(row => row.all.some(run => run.curve?.[key]?.some(isNumber)));
  if (isFunction) return [["validation", "Value of the function"]];
  return [["validation", `Validation ${metric.name}`], ["error", "Validation error"], ["test", `Test ${metric.name}`],
    ["validation_loss", "Validation loss"], ["train_loss", "Training loss"], ["test_loss", "Test loss"]]
    .filter(([key]) => key === "error" ? metric.percent : has(key));
}

function drawCurves(group, {show, by, log, whole}) {
  const isMetric = ["validation", "test", "error"].includes(show), times = isMetric ? group.times : 1;
  const read = (curve, i) => show === "error" ? 100 - 100 * curve.validation[i] : times * curve[show][i];
  const lines = visible(group).flatMap(row => {
    const runs = row.runs.filter(run => !run.diverged), at = new Map();
    for (const {curve} of runs) curve.epoch.forEach((epoch, i) => {
      const x = by === "seconds" ? curve.seconds[i] : by === "steps" ? epoch * group.steps_per_epoch : epoch;
      const y = read(curve, i);
      if (isNumber(y) && (!log || y > 0)) at.set(epoch, [...at.get(epoch) ?? [], {x, y}]);
    });
    return [...at.values()].filter(values => 2 * values.length >= runs.length).map(values => {
      const ys = values.map(value => value.y);
      const x = mean(values.map(value => value.x));
      return {...look(row.name), x, y: mean(ys), low: Math.min(...ys), high: Math.max(...ys)};
    });
  });
  const last = Math.max(...lines.map(line => line.x)), late = lines.filter(line => whole || line.x >= 0.2 * last);
  return {kind: ["lines"], log: {y: log}, data: {lines}, empty: lines.length === 0, list: true, signals: {
    bandOpacity: visible(group).length <= 4 ? 0.2 : 0, xFit: fit(lines.map(line => line.x), false, 0.01),
    yFit: fit(late.flatMap(line => [line.low, line.high]), log), xTitle: group.isFunction ? "Step" : capital(by),
    yTitle: new Map(measures(group)).get(show) + (isMetric ? group.unit : "")}};
}

/** Returns the result of a point of a grid: its mean or, if the search gave it up early, that of its longest runs. */
function judge({mean: average, values, runs = []}, {times, epochs, format}) {
  const longest = Math.max(...runs.map(run => run.epochs)), isJudged = isNumber(average);
  if (!isJudged && (runs.length === 0 || runs.some(run => run.diverged))) return {y: null, text: "diverged"};
  const last = isJudged ? values : runs.filter(run => run.epochs === longest).map(run => run.value);
  const all = last.map(x => times * x), y = isJudged ? times * average : mean(all);
  return {y, low: Math.min(...all), high: Math.max(...all), isWhole: isJudged || longest >= epochs, text: isJudged
    ? format(y) : `${format(y)} after ${count(longest, "epoch")} with ${count(all.length, "seed")}, then given up`};
}

function drawSensitivity(group, {option, log, logY}) {
  const {higher_is_better: higher} = group.metric, points = [], lines = [];
  for (const row of visible(group)) {
    const at = new Map();
    for (const point of row.tuning.filter(each => isNumber(each.options[option]))) {
      const chosen = row.tuned && Object.entries(point.options).every(([name, x]) => row.tuned.options[name] === x);
      const {text, isWhole, ...result} = judge(point, group), x = point.options[option], old = at.get(x)?.y;
      points.push({...look(row.name), ...result, x, size: chosen ? 190 : isWhole ? 55 : 20,
        fill: chosen ? row.color : "var(--page)",
        tip: `${row.title}, ${optionText(point.options)}: ${text}${chosen ? ", chosen" : ""}`});
      if (isWhole && (old === undefined || (higher ? result.y > old : result.y < old))) at.set(x, points.at(-1));
    }
    lines.push(...[...at.values()].sort((a, b) => a.x - b.x));
  }
  const yFit = fit(lines.map(line => line.y), logY), isOff = y => y === null || (higher ? y < yFit[0] : y > yFit[1]);
  const failed = {y: yFit[higher ? 0 : 1], shape: "cross", size: 60};
  return {kind: ["lines"], log: {x: log, y: logY}, empty: points.length === 0,
    data: {lines, points: points.map(point => isOff(point.y) ? {...point, ...failed} : point)}, signals: {
      xFit: fit(points.map(point => point.x), log), yFit, bandOpacity: visible(group).length <= 4 ? 0.2 : 0,
      xTitle: option === "lr" ? "Learning rate (lr)" : option, yTitle: capital(group.validated) + group.unit}};
}

/** Returns the middle of a row with its interval, and the dots of its runs. */
const bar = (row, band, middle, ends, note, text) => ({...look(row.name), band, mean: middle ?? null, note,
  low: ends?.[0] ?? middle, high: ends?.[1] ?? middle, tip: `${row.title}: ${text}`});
const dots = (row, band, runs, read, show, fill = row.color) => runs.filter(run => isNumber(read(run))).map(run => ({
  ...look(row.name), x: read(run), band, fill,
  tip: `${row.title}, ${run.stage}, seed ${run.seed}: ${show(read(run))}`}));

function drawFinals(group, {defaults, whole, log}) {
  const {format, stage, measured, unit} = group, every = visible(group);
  const draw = (row, band, wanted, fill) =>
    dots(row, band, row.all.filter(run => run.stage === wanted), run => run.value, format, fill);
  const rows = every.map(row => bar(row, 0.22, row.mean, row.interval, format(row.mean),
    `mean ${format(row.mean)}, 95 % interval ${group.between(row.interval)}`));
  const own = every.flatMap(row => draw(row, 0.52, stage));
  const hollow = defaults && stage === "tuned" ? every.flatMap(row => draw(row, 0.8, "defaults", "none")) : [];
  const fitted = [...own, ...whole ? hollow : []].map(dot => dot.x).concat(rows.flatMap(row => [row.low, row.high]));
  return {kind: ["rows"], rowHeight: 50, log: {x: log}, data: {rows, dots: [...own, ...hollow]},
    empty: own.length === 0, signals: {xFit: fit(fitted, log), xTitle: capital(measured) + unit}};
}

function drawDifferences(group) {
  const {best, signed, metric} = group, pairs = new Map(best.runs.map(run => [run.seed, run.value]));
  const every = visible(group).filter(row => isNumber(row.difference));
  const rows = every.map(row => bar(row, 0.35, row.difference, row.reach,
    `p ${row.p < 0.001 ? "" : "= "}${chance(row.p)}${row.significant ? " *" : ""}`,
    `${signed(row.difference)}${row.reach ? ` (${row.reach.map(signed).join(" to ")})` : ""}, p ${chance(row.p)}`));
  const read = run => isNumber(run.value) && isNumber(pairs.get(run.seed)) ? run.value - pairs.get(run.seed) : null;
  const points = every.flatMap(row => dots(row, 0.72, row.runs, read, signed));
  return {kind: ["rows"], rowHeight: 44, data: {rows, dots: points}, empty: rows.length === 0, signals: {reference: 0,
    xFit: fit([0, ...rows.flatMap(row => [row.low, row.high]), ...points.map(dot => dot.x)]),
    xTitle: `Difference from ${best.title}${metric.percent ? ", points" : ""}`}};
}

function drawTime(group, {by, log}) {
  const key = `${by}_to_target`, show = x => `${number(x)} ${by}`, every = visible(group);
  const rows = every.map(({[key]: time, ...row}) => bar(row, 0.3, time?.median, null,
    `${time?.reached ?? 0} of ${time?.of ?? 0}`, `median ${show(time?.median)}`));
  const points = every.flatMap(row => dots(row, 0.65, row.runs, run => run[key], show));
  return {kind: ["rows"], rowHeight: 44, log: {x: log}, data: {rows, dots: points}, empty: points.length === 0,
    signals: {xFit: fit(points.map(dot => dot.x), log), xTitle: `${capital(by)} to the target`}};
}

/** Returns a point of a line without a band. */
const onLine = (name, x, y) => ({...look(name), x, y, low: y, high: y});

function drawPaths(group, {stage}) {
  const {x_range: across, y_range: up, z, minimum} = group.analytic, values = z.flat();
  const low = Math.min(...values), step = (Math.max(...values) - low) / 15;
  const lines = visible(group).flatMap(row => (row.all.find(run => run.stage === stage && run.path)?.path ?? [])
    .filter(point => point.every(isNumber)).map(([x, y], i, path) => ({...onLine(row.name, x, y),
      size: i === 0 || i === path.length - 1 ? 90 : 14, fill: row.color,
      tip: `${row.title}, point ${i}: (${number(x)}, ${number(y)})`})));
  return {kind: ["contour", "lines"], height: 520,
    data: {lines, points: [...lines, {...charts.minimum, x: minimum[0], y: minimum[1]}],
      grid: [{width: z[0].length, height: z.length, values}]},
    signals: {xFit: across, yFit: up, xTitle: "x", yTitle: "y", area: [...across, ...up],
      cells: [z[0].length - 1, z.length - 1], levels: Array.from({length: 15}, (_, i) => low + step * (i + 0.5))}};
}

function drawProfiles({by, log}) {
  const lines = study.across[by].filter(each => !hidden.has(each.optimizer)).flatMap(({optimizer, ratio, fraction}) =>
    ratio.map((x, i) => onLine(optimizer, x, 100 * fraction[i])));
  const last = Math.max(1.1, ...lines.map(line => line.x));  // a short logarithmic axis would have no numbers
  return {kind: ["lines"], log: {x: log && last > 2}, list: true, data: {lines}, empty: lines.length === 0, signals: {
    xFit: [1, last], yFit: [0, 101], interpolate: "step-after", xTitle: "Time to the target, relative to the fastest",
    yTitle: "Tasks that reach the target, %"}};
}

function drawRanks() {
  const {average_ranks: all, critical_difference: critical, cliques} = study.across, k = all.length;
  const rankOf = Object.fromEntries(all.map(each => [each.optimizer, each.rank])), half = Math.ceil(k / 2);
  const top = 14 + 11 * cliques.length, bottom = top + 26 * half + 34;
  const margin = (innerWidth < 600 ? 0.32 : 0.16) * (k - 1);  // for the names
  const ranks = all.map(({optimizer, rank}, i) => ({...look(optimizer), rank, left: i < half,
    y: top + 26 * (i < half ? i + 1 : k - i), text: `${look(optimizer).title}  ${number(rank)}`}));
  const bars = cliques.map((names, i) => ({y: 12 + 11 * i, width: 5, text: "", tip: `not told apart: ${titles(names)}`,
    low: Math.min(...names.map(name => rankOf[name])), high: Math.max(...names.map(name => rankOf[name]))}));
  bars.push({low: 1, high: 1 + critical, y: bottom, width: 3, text: `critical difference ${critical.toFixed(2)}`});
  return {kind: ["ranks"], height: bottom + 50, data: {ranks, bars}, still: true,
    signals: {xFit: [1 - margin, k + margin], xTitle: "Average rank (1 is best)", last: k}};
}

// ---- The charts --------------------------------------------------------------------------------

function createView(host, {kind, data, signals, log = {}, height, rowHeight, still, list}) {
  const parts = [...kind.map(name => charts[name]), charts.frame], join = key => parts.flatMap(part => part[key] ?? []);
  const values = {...signals, logX: Boolean(log.x), logY: Boolean(log.y), zoomsX: !still,
    zoomsY: kind.includes("lines"), showsHairline: Boolean(list),
    notes: Object.fromEntries((data.rows ?? []).map(row => [row.title, row.note]))};
  const spec = structuredClone({...charts.frame, signals: join("signals"), data: join("data"), scales: join("scales"),
    axes: still ? charts[kind[0]].axes : join("axes"), marks: join("marks"), width: host.clientWidth,
    height: rowHeight ? 60 + rowHeight * data.rows.length : height ?? (host.clientWidth < 500 ? 320 : 420)});
  for (const scale of spec.scales) if (log[scale.name]) scale.type = "log";
  for (const each of spec.data) if (data[each.name]) each.values = data[each.name];
  for (const signal of spec.signals) signal.value = values[signal.name] ?? signal.value;
  const runtime = pieces["vega-parser"].parse(spec, charts.config);
  const view = new pieces["vega-view"].View(runtime, {renderer: "svg", container: host});
  view.tooltip((handler, event, item, text) => text ? showTip(text, event) : hideTip());
  if (list) view.addEventListener("mousemove", event => showList(view, data.lines, event));
  return view.addEventListener("mouseout", hideTip);
}

/** Creates a chart with its heading and controls. draw(state) returns its data as createView() takes them. */
function figure(name, draw, choices = {}, words = {}) {
  const {title, how, controls = []} = charts.figures[name], state = {};
  const fill = text => text.replace(/\{(\w+)\}/g, (_, key) => words[key]);
  const host = h("div", {class: "chart"}), message = h("p", {class: "muted"}, "There is nothing to draw.");
  let view = null;
  const redraw = keepZoom => {
    const old = keepZoom && view ? [view.signal("zoomX"), view.signal("zoomY")] : [null, null], drawing = draw(state);
    view?.finalize();
    view = drawing.empty ? null : createView(host, drawing);
    host.hidden = !view;
    message.hidden = Boolean(view);
    view?.description(fill(title)).signal("zoomX", old[0]).signal("zoomY", old[1]).run();
  };
  const inputs = controls.map(({key, label, start = false, options}) => {  // a list of options, or a checkbox
    const given = choices[key] ?? options ?? start, set = value => { state[key] = value; redraw(); };
    const box = Array.isArray(given) ? null : h("input", {type: "checkbox", checked: given,
      onchange: event => set(event.target.checked)});
    state[key] = box ? given : given[0]?.[0];
    return h("label", {}, box, label, box ? null : h("select", {onchange: event => set(event.target.value)},
      given.map(([value, text]) => h("option", {value}, text))));
  });
  const reset = () => view.signal("zoomX", null).signal("zoomY", null);
  const zoom = by => () => view && (by ? view.signal("zoomBy", {by}) : reset()).run();
  const buttons = [["+", "Zoom in", 0.7], ["−", "Zoom out", 1 / 0.7], ["Reset", "Show the whole chart again"]].map(
    ([text, label, by]) => h("button", {type: "button", title: label, "aria-label": label, onclick: zoom(by)}, text));
  new ResizeObserver(() => view && host.clientWidth > 0 && view.width(host.clientWidth).run()).observe(host);
  drawn.add({redraw, close: () => view?.finalize()});
  setTimeout(redraw);  // once the element is on the page and has a width
  return h("figure", {id: name}, h("figcaption", {}, h("h3", {}, fill(title)), h("p", {}, fill(how))),
    h("div", {class: "controls"}, inputs, name !== "ranks" && h("span", {class: "zoom"}, buttons)), host, message);
}

/** Shows the values of all lines at the x that is closest to the pointer. */
function showList(view, lines, event) {
  const x = view.scale("x").invert(view.signal("hairline")), nearest = new Map();
  for (const line of lines) {
    const other = nearest.get(line.name);
    if (!other || Math.abs(line.x - x) < Math.abs(other.x - x)) nearest.set(line.name, line);
  }
  const all = [...nearest.values()].sort((a, b) => b.y - a.y);
  const range = ({low, high}) => low === high ? "" : `${number(low, 4)} to ${number(high, 4)}`;
  const rows = all.map(line => h("tr", {}, h("td", {}, named(line.name)), h("td", {class: "number"}, number(line.y, 4)),
    h("td", {class: "muted"}, range(line))));
  showTip(h("div", {}, h("b", {}, `${view.signal("xTitle")} ${number(all[0].x)}`), h("table", {}, rows)), event);
}

function legend(names) {
  const pressed = name => String(!hidden.has(name));
  const buttons = names.map(name => h("button", {type: "button", "data-name": name, "aria-pressed": pressed(name),
    onclick: () => change(() => hidden.delete(name) || hidden.add(name))}, named(name)));
  const all = h("button", {type: "button", onclick: () =>
    change(() => hidden.size > 0 ? hidden.clear() : names.forEach(name => hidden.add(name)))}, "All or none");
  const change = act => {
    act();
    for (const each of document.querySelectorAll(".legend [data-name]")) each.ariaPressed = pressed(each.dataset.name);
    for (const chart of drawn) chart.redraw(true);
  };
  return h("div", {class: "legend", role: "group", "aria-label": "Optimizers in the charts"}, buttons, all);
}

function groupCharts(group) {
  const options = unique(group.rows.flatMap(row => row.tuning.flatMap(point => Object.keys(point.options))))
    .sort((a, b) => (b === "lr") - (a === "lr")).map(name => [name, name]);
  const by = group.isFunction ? [["epochs", "steps"]] : ["epochs", "steps", "seconds"].map(name => [name, name]);
  const words = {best: group.best?.title, target: group.format(group.goal)};
  const add = (name, draw, choices) => figure(name, state => draw(group, state), choices, words);
  return [legend(group.rows.map(row => row.name)),
    group.analytic && add("paths", drawPaths),
    add("curves", drawCurves, {show: measures(group), by, log: group.isFunction}),
    group.best && add("differences", drawDifferences),
    add("finals", drawFinals),
    options.length > 0 && add("sensitivity", drawSensitivity, {option: options, logY: group.isFunction}),
    isNumber(group.goal) && add("time", drawTime)].filter(Boolean);
}

// ---- The page ----------------------------------------------------------------------------------

function showGroup(index) {
  const group = groups[index], go = i => { location.hash = `task-${i}`; };
  const step = (text, i) => h("button", {type: "button", disabled: !groups[i], onclick: () => go(i)}, text);
  for (const chart of drawn) chart.close();
  drawn.clear();
  const picker = h("select", {id: "picker", onchange: event => go(event.target.value)}, groups.map((each, i) =>
    h("option", {value: i, selected: i === index}, each.title)));
  byId("group").replaceChildren(groups.length === 1 ? "" : h("nav", {}, h("label", {}, "Task", picker),
    step("Previous", index - 1), step("Next", index + 1)), answer(group), groupFacts(group), ranking(group),
    ...hasVega ? groupCharts(group) : [], ...details(group));
  if (study.across) showAcross();
}

function showOverall() {
  const {average_ranks: ranks, critical_difference: critical, tasks, cliques, friedman_p: p} = study.across;
  const {optimizer: best, rank} = ranks[0], first = look(best).title;
  const joined = p < 0.05 ? cliques.filter(names => names.includes(best)).flat() : ranks.map(each => each.optimizer);
  const equal = unique(joined).filter(name => name !== best);
  const codes = groups.map(group => group.rows.find(row => row.name === best)?.tuned?.code).filter(Boolean);
  const times = code => codes.filter(other => other === code).length;
  const usual = [...codes].sort((a, b) => times(b) - times(a))[0];
  const wins = groups.filter(group => group.best?.name === best).length;
  byId("overall").replaceChildren(h("div", {class: "answer"},
    headline(count(tasks, "task"), best, equal, ranks.length, "average rank"), usual && codeLine(usual),
    h("div", {class: "tiles"},
      tile(rank.toFixed(2), `average [rank] of ${first} among ${count(ranks.length, "optimizer")}`),
      tile(`${wins} of ${groups.length}`, `tasks on which ${first} has the best mean`),
      tile(critical.toFixed(2), "[critical difference] between average ranks at 5 %"),
      usual && tile(`${times(usual)} of ${codes.length}`, "tasks on which tuning chose exactly this line")),
    h("p", {}, equal.length > 0 ? `With ${count(tasks, "task")}, ${first} cannot be told from ${titles(equal)}.`
      : `${first} is [significant|significantly] better than every other optimizer.`),
    h("h3", {}, "What would change this answer"),
    h("ul", {}, h("li", {}, "Your own task: choose it, or the one most like it, in the table."),
      h("li", {}, "More tasks: they make the [critical difference] smaller."),
      h("li", {}, "The column “To check” says where [seed|seeds], [epoch|epochs] or the [grid] were not enough."))),
  table("The best optimizer on each task", groups, {
    Task: [group => group.title, (title, group) => h("a", {href: `#task-${groups.indexOf(group)}`}, title)],
    Best: [group => group.best?.title ?? "–", (_, {best}) => best && named(best.name)],
    Setting: [group => group.best?.setting ?? "–"],
    Result: [group => group.best?.mean, (x, group) => group.format(x)],
    "95 % [interval]": [group => group.best?.interval?.[0], (_, group) => group.between(group.best?.interval)],
    "Not [significant|significantly] different": [group => few(group.conclusion?.indistinguishable ?? [])],
    "To check": [group => toCheck[0](group.best), (text, group) => toCheck[1](text, group.best)],
  }));
}

function showAcross() {
  const names = study.across.average_ranks.map(each => each.optimizer), k = names.length;
  const rankOf = name => group => group.rows.find(row => row.name === name)?.rank;
  const heat = rank => h("span", {class: "heat", style: `--heat: ${60 * (k - (rank ?? k)) / (k - 1)}%`}, number(rank));
  const by = [["profiles", "steps"], ["profiles_seconds", "seconds"]].filter(([key]) => study.across[key]?.length);
  byId("across").replaceChildren(h("h2", {}, "Across the tasks"), ...hasVega ? [legend(names),
    figure("ranks", drawRanks, {}, {p: chance(study.across.friedman_p)}),
    by.length > 0 ? figure("profiles", drawProfiles, {by}) : ""] : [],
  table("Rank on each task", groups, {Task: [group => group.title],
    ...Object.fromEntries(names.map(name => [look(name).title, [rankOf(name), heat]]))}));
}

function showRest() {
  const {program, machine, plan} = study, {tasks, batch_sizes: sizes, optimizers} = plan;
  byId("subtitle").append([count(tasks.length, "task"), count(sizes.length, "batch size"),
    count(optimizers.length, "optimizer"), `${count(plan.seeds, "seed")} each`].join(", "));
  byId("rules").append(h("div", {class: "cards"}, optimizers.map(name => {
    const {formula_mathml: mathml, formula_text: text, intuition} = study.rules[name] ?? {};
    const formula = h("div", {class: "formula"}, mathml ? "" : text);
    if (mathml) formula.innerHTML = mathml;
    return h("article", {}, h("h3", {}, named(name)), h("p", {}, intuition), formula);
  })));
  const file = URL.createObjectURL(new Blob([JSON.stringify(study)], {type: "application/json"}));
  const threads = `${count(machine.threads_per_run, "thread")} per run`, licence = h("details", {},
    h("summary", {}, "Licence of Vega, which draws the charts"), h("p", {}, charts.licence.join(" ")));
  byId("about").append(facts({
    Command: codeLine(program.command),
    Program: `xgrad ${program.version}, ${program.scalar}`,
    Machine: [machine.processor, machine.instruction_set, machine.blas, threads].join(", "),
    Tuning: `${capital(plan.search)}, ${count(plan.tuning_seeds, "[seed]")} per point. Settings are chosen on `
      + "[validation data]; the final runs use other seeds, and the [test data] is read last.",
    Data: h("a", {href: file, download: "study.json"}, "Save study.json, which contains all numbers"),
  }), hasVega ? licence : "");
}

function showTip(content, event) {
  const tip = byId("tip"), box = event.target.getBoundingClientRect();
  tip.replaceChildren(content);
  tip.hidden = false;
  const [x, y] = event.clientX ? [event.clientX + 14, event.clientY + 14] : [box.left, box.bottom + 6];
  tip.style.left = `${Math.max(4, Math.min(x, innerWidth - tip.offsetWidth - 4))}px`;
  tip.style.top = `${y + tip.offsetHeight < innerHeight ? y : Math.max(4, y - tip.offsetHeight - 32)}px`;
}
const hideTip = () => { byId("tip").hidden = true; };

function showProgress() {
  const {done, of, seconds_left: seconds} = study.progress ?? {}, left = `, about ${number(seconds)} seconds are left`;
  byId("progress").hidden = false;
  byId("progress").append(`The study is not complete${of ? `: ${done} of ${of} runs are done` : ""}`,
    `${isNumber(seconds) ? left : ""}. The page reloads every 5 seconds.`);
  setTimeout(() => location.reload(), 5000);
}

function start() {
  const shades = study.plan.optimizers.map((name, i) => [i, study.rules[name]?.color ?? "#888888"]).map(([i, color]) =>
    `--rule-${i}: light-dark(${color}, color-mix(in oklab, ${color} 62%, white));`);
  document.head.append(h("style", {}, `:root {${shades.join("")}}`));
  const transforms = ["encode", "transforms", "view-transforms", "geo"].map(name => pieces[`vega-${name}`]);
  if (hasVega) Object.assign(pieces["vega-dataflow"].transforms, ...transforms);
  byId("no-charts").hidden = hasVega;
  if (study.complete === false) showProgress();
  const term = ({target}) => target.closest?.("dfn") ?? (target.matches?.("button") && target.querySelector("dfn"));
  const on = (types, act) => types.forEach(type => document.addEventListener(type, event => term(event) && act(event)));
  on(["pointerover", "focusin", "click"], event => showTip(meanings.get(term(event).dataset.word), event));
  on(["pointerout", "focusout"], hideTip);
  document.addEventListener("keydown", event => event.key === "Escape" && hideTip());
  byId("theme").addEventListener("click", () => {
    const {style} = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)").matches;
    style.colorScheme = (style.colorScheme || (dark ? "dark" : "light")) === "dark" ? "light" : "dark";
  });
  const chosen = () => Math.min(groups.length - 1, Number(/^#task-(\d+)$/.exec(location.hash)?.[1] ?? 0));
  addEventListener("hashchange", () => { showGroup(chosen()); byId("group").scrollIntoView(); });
  if (study.across) showOverall();
  if (groups.length > 0) showGroup(chosen());
  showRest();
}
start();
