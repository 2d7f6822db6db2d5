// The list of runs, and a comparison of the selected ones. All data comes from this server; text is inserted as text,
// never as markup.
import { chart, number } from './chart.js';

const $ = id => document.getElementById(id);
const percent = value => value == null ? '–' : number(100 * value, 2);

const columns = [
  { key: 'id', title: 'Run', text: true },
  { key: 'recipe', title: 'Recipe', text: true },
  { key: 'method', title: 'Method', text: true },
  { key: 'student', title: 'Student', text: true },
  { key: 'data', title: 'Data', text: true },
  { key: 'seeds', title: 'Seeds', show: run => run.seeds },
  { key: 'accuracy', title: 'Accuracy, %', value: run => run.accuracy?.mean, show: showAccuracy },
  { key: 'control', title: 'Control, %', show: run => percent(run.control) },
  { key: 'difference', title: 'Difference, points', show: showDifference },
  { key: 'outcome', title: 'Verdict', text: true, show: showOutcome },
  { key: 'nll', title: 'NLL', show: run => number(run.nll, 4) },
  { key: 'ece', title: 'ECE, %', show: run => percent(run.ece) },
  { key: 'parameters', title: 'Parameters', show: run => run.parameters?.toLocaleString('en') ?? '–' },
  { key: 'score', title: 'Score', show: run => number(run.score, 4) },
];

let runs = [];
let selected = new Set();
let order = { key: 'id', ascending: true };
const loaded = { curves: new Map(), recipes: new Map() };

function showAccuracy(run) {
  const deviation = run.accuracy?.sd == null ? '' : ` ± ${percent(run.accuracy.sd)}`;
  return percent(run.accuracy?.mean) + deviation;
}

function showDifference(run) {
  if (run.difference == null) return '–';
  return (run.difference > 0 ? '+' : '') + percent(run.difference);
}

function showOutcome(run) {
  return run.finished ? run.study || run.outcome || '–' : `unfinished, ${run.networks} done`;
}

const valueOf = (column, run) => column.value ? column.value(run) : run[column.key];
const urlOf = id => id.split('/').map(encodeURIComponent).join('/');

async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

function element(name, text, attributes = {}) {
  const created = document.createElement(name);
  if (text != null) created.textContent = text;
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
  return created;
}

function showHeads() {
  const row = document.querySelector('#runs thead tr');
  row.replaceChildren(element('th', null, { scope: 'col' }));
  for (const column of columns) {
    const head = element('th', null, { scope: 'col', class: column.text ? 'text' : '' });
    if (order.key === column.key) head.setAttribute('aria-sort', order.ascending ? 'ascending' : 'descending');
    const button = element('button', column.title, { type: 'button' });
    button.onclick = () => {
      order = { key: column.key, ascending: order.key === column.key ? !order.ascending : true };
      showList();
      saveState();
    };
    head.append(button);
    row.append(head);
  }
}

function sortedRuns() {
  const words = $('search').value.toLowerCase().split(/\s+/).filter(word => word);
  const matches = run => {
    const texts = [run.id, run.recipe, run.data, run.student, run.method].map(text => text.toLowerCase());
    return (!$('method').value || run.method === $('method').value)
      && (!$('outcome').value || (run.outcome ?? 'none') === $('outcome').value)
      && words.every(word => texts.some(text => text.includes(word)));
  };
  const column = columns.find(one => one.key === order.key);
  const compareRuns = (a, b) => {
    const [x, y] = [valueOf(column, a), valueOf(column, b)];
    if (x == null || y == null) return (x == null) - (y == null);         // unknown values come last in both orders
    const sign = order.ascending ? 1 : -1;
    return sign * (typeof x === 'string' ? x.localeCompare(y, 'en', { numeric: true }) : x - y);
  };
  return runs.filter(matches).sort(compareRuns);
}

function showList() {
  showHeads();
  const rows = sortedRuns();
  document.querySelector('#runs tbody').replaceChildren(...rows.map(rowOf));
  $('count').textContent = `${rows.length} of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`;
}

function rowOf(run) {
  const row = element('tr', null, run.problem ? { class: 'problem' } : {});
  const box = element('input', null, { type: 'checkbox', 'aria-label': `compare ${run.id}` });
  box.checked = selected.has(run.id);
  box.disabled = !!run.problem || run.study != null;                      // a study has no control and student
  box.onchange = () => {
    if (box.checked) selected.add(run.id);
    else selected.delete(run.id);
    saveState();
    compare();
  };
  row.append(element('td'));
  row.firstChild.append(box);
  if (run.problem) {
    row.append(
      element('td', run.id, { class: 'text' }),
      element('td', run.problem, { class: 'text', colspan: columns.length - 1 }));
    return row;
  }

  row.append(...columns.map(column => cellOf(column, run)));
  return row;
}

function cellOf(column, run) {
  const cell = element('td', null, { class: column.text ? 'text' : '' });
  const text = column.show ? column.show(run) : run[column.key];
  if (column.key === 'id' && run.finished) cell.append(element('a', text, { href: `report/${urlOf(run.id)}` }));
  else if (column.key === 'outcome') cell.append(element('span', text, { class: `badge ${run.outcome ?? ''}` }));
  else cell.textContent = text;
  return cell;
}

function setOptions(select, values) {
  const chosen = select.value;
  const options = values.map(value => element('option', value, { value }));
  select.replaceChildren(element('option', 'all', { value: '' }), ...options);
  select.value = values.includes(chosen) ? chosen : '';
}

async function compare() {
  const ids = runs.map(run => run.id).filter(id => selected.has(id));
  $('compare').hidden = ids.length === 0;
  if (ids.length === 0) return;
  for (const id of ids) {
    loaded.curves.set(id, loaded.curves.get(id) ?? await get(`api/curves/${urlOf(id)}`));
    loaded.recipes.set(id, loaded.recipes.get(id) ?? await get(`api/recipe/${urlOf(id)}`));
  }
  $('legend').replaceChildren(...ids.map((id, i) => element('span', id, { class: `run${i % 8}` })));
  showCurves(ids);
  showRecipes(ids);
}

function showCurves(ids) {
  const [figure, role] = [$('figure').value, $('role').value];
  const factor = figure === 'accuracy' ? 100 : 1;
  const lines = ids.flatMap((id, i) => loaded.curves.get(id)
    .filter(network => network.role === role && network.epochs.length > 0)
    .map(network => ({ i, xs: network.epochs, ys: network[figure].map(y => y * factor) })));
  if (lines.length === 0) {
    $('curves').replaceChildren(element('p', 'None of these runs has such networks.', { class: 'note' }));
    return;
  }

  const label = `${$('figure').selectedOptions[0].text} of ${$('role').selectedOptions[0].text}`;
  $('curves').replaceChildren(chart(lines, label, figure === 'accuracy' ? '%' : 'nats'));
}

/** The paths and values of a tree of JSON. */
function flatten(node, path = '', into = new Map()) {
  if (node === null || typeof node !== 'object' || Object.keys(node).length === 0) {
    into.set(path, JSON.stringify(node));
    return into;
  }
  for (const [key, value] of Object.entries(node)) flatten(value, path ? `${path}.${key}` : key, into);
  return into;
}

function showRecipes(ids) {
  const recipes = ids.map(id => flatten(loaded.recipes.get(id)));
  const paths = [...new Set(recipes.flatMap(recipe => [...recipe.keys()]))]
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const head = element('tr');
  head.append(element('th', 'key', { scope: 'col' }), ...ids.map(id => element('th', id, { scope: 'col' })));
  document.querySelector('#recipes thead').replaceChildren(head);
  document.querySelector('#recipes tbody').replaceChildren(...paths.flatMap(path => {
    const values = recipes.map(recipe => recipe.get(path) ?? '');
    const differs = new Set(values).size > 1;
    if (!differs && $('differing').checked && ids.length > 1) return [];
    const row = element('tr', null, differs ? { class: 'differs' } : {});
    row.append(element('td', path), ...values.map(value => element('td', value)));
    return [row];
  }));
}

// the state of the page is in its address, which can be saved and shared
function saveState() {
  const state = new URLSearchParams({ order: `${order.ascending ? '' : '-'}${order.key}` });
  for (const id of ['search', 'method', 'outcome']) if ($(id).value) state.set(id, $(id).value);
  for (const id of selected) state.append('run', id);
  history.replaceState(null, '', `#${state}`);
}

function restoreState() {
  const state = new URLSearchParams(location.hash.slice(1));
  const key = state.get('order') ?? 'id';
  order = { key: key.replace('-', ''), ascending: !key.startsWith('-') };
  if (!columns.some(column => column.key === order.key)) order = { key: 'id', ascending: true };
  for (const id of ['search', 'method', 'outcome']) $(id).value = state.get(id) ?? '';
  selected = new Set(state.getAll('run'));
}

async function load() {
  runs = await get('api/runs');
  for (const run of runs) if (!run.finished) loaded.curves.delete(run.id);
  setOptions($('method'), [...new Set(runs.map(run => run.method).filter(name => name))].sort());
  setOptions($('outcome'), [...new Set(runs.filter(run => !run.problem).map(run => run.outcome ?? 'none'))].sort());
}

await load();
restoreState();
showList();
await compare();
for (const id of ['search', 'method', 'outcome'])
  $(id).addEventListener('input', () => {
    showList();
    saveState();
  });
for (const id of ['figure', 'role']) $(id).addEventListener('input', compare);
$('differing').addEventListener('input', compare);
setInterval(async () => {
  if (document.hidden || !runs.some(run => !run.finished && !run.problem)) return;
  await load();
  showList();
  await compare();
}, 10_000);
globalThis.retort = true;                                                // for tests: the page is loaded
