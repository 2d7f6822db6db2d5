// The list of runs, and those that are ticked side by side. Everything comes from this server; text is inserted as
// text, never as markup.
const $ = id => document.getElementById(id);
const number = (value, digits) => (value == null ? '–' : value.toFixed(digits).replace('-', '−'));

// by a score's name, as the runs' tasks have them
let scores = new Map();
const scaleOf = name => (scores.get(name)?.unit === 'percent' ? 100 : 1);
const titleOf = name => scores.get(name)?.title ?? name;
const unitOf = name => ({ percent: '%', nats: 'nats' })[scores.get(name)?.unit] ?? '';
const lowerIsBetter = name => scores.get(name)?.higherIsBetter === false;
const direction = name => (lowerIsBetter(name) ? ' (lower is better)' : '');
const heading = name => titleOf(name) + (unitOf(name) && `, ${unitOf(name)}`) + direction(name);
const capital = text => text[0].toUpperCase() + text.slice(1);
const digitsOf = name => (scaleOf(name) === 100 ? 2 : 4);
const format = (name, value) => (value == null ? '–' : number(scaleOf(name) * value, digitsOf(name)));
const meanAndDeviation = (name, values) =>
    format(name, values?.mean) + (values?.sd == null ? '' : ` ± ${format(name, values.sd)}`);

const progress = run => {
    const all = run.networksInAll ? ` of ${run.networksInAll}` : '';
    return `${run.running ? 'running' : 'not finished'}, ${run.networks}${all} done`;
};

const first = [
    { key: 'id', title: 'Run', text: true },
    { key: 'recipe', title: 'Recipe', text: true },
    { key: 'method', title: 'Method', text: true },
    { key: 'student', title: 'Student', text: true },
    { key: 'data', title: 'Data', text: true },
    { key: 'seeds', title: 'Seeds', show: run => run.seeds },
];
const middle = [
    { key: 'control', title: 'Control', show: run => format(run.task?.primary, run.control) },
    {
        key: 'difference',
        title: 'Difference',
        show: run =>
            (run.difference > 0 ? '+' : '') +
            format(run.task?.primary, run.difference) +
            (run.difference == null ? '' : direction(run.task?.primary)),
    },
    {
        key: 'outcome',
        title: 'Verdict',
        text: true,
        show: run => (run.finished ? run.study || run.outcome || '–' : progress(run)),
    },
];
const last = [
    { key: 'parameters', title: 'Parameters', show: run => run.parameters?.toLocaleString('en') ?? '–' },
    { key: 'score', title: 'Distillation score (lower is better)', show: run => number(run.score, 4) },
];
let columns = [...first, ...middle, ...last];
const valueOf = (column, run) => (column.value ? column.value(run) : run[column.key]);

// the runs' primary scores, and further on the next two where there is one task
function setColumns() {
    const tasks = runs.map(run => run.task).filter(task => task);
    scores = new Map(tasks.flatMap(task => task.scores.map(score => [score.name, score])));
    const column = name => ({
        key: `score-${name}`,
        title: capital(heading(name)),
        value: run => run.scores?.[name]?.mean,
        show: run => meanAndDeviation(name, run.scores?.[name]),
    });
    const primary = new Set(tasks.map(task => task.primary));
    const others = new Set(
        (primary.size > 1 ? [] : tasks)
            .flatMap(task => task.scores.slice(1, 3).map(score => score.name))
            .filter(name => !primary.has(name)),
    );
    columns = [...first, ...[...primary].map(column), ...middle, ...[...others].map(column), ...last];
}

let runs = [];
let lastText = '';
let picked = new Set();
let order = { key: 'id', rising: true };
const known = { curves: new Map(), recipes: new Map() };

async function ask(path) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error((await answer.text()).trim() || `${path}: ${answer.status}`);
    return answer.json();
}

// names come from files: control characters and marks that turn text round are shown by their numbers
const plain = text =>
    typeof text !== 'string'
        ? text
        : text.replace(
              /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
              letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
          );

const address = id => id.split('/').map(encodeURIComponent).join('/');

function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    if (text != null) made.textContent = plain(text);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
}

function heads() {
    const row = document.querySelector('#runs thead tr');
    row.replaceChildren(element('th', null, { scope: 'col' }));
    for (const column of columns) {
        const head = element('th', null, { scope: 'col', class: column.text ? 'text' : '' });
        if (order.key === column.key) head.setAttribute('aria-sort', order.rising ? 'ascending' : 'descending');
        const button = element('button', column.title, { type: 'button' });
        button.onclick = () => {
            order = { key: column.key, rising: order.key === column.key ? !order.rising : true };
            list();
            remember();
        };
        head.append(button);
        row.append(head);
    }
    // where the table is too narrow for a head, a list has the columns
    $('sort').replaceChildren(
        ...columns.flatMap(column => [
            element('option', `${column.title} ▲`, { value: column.key }),
            element('option', `${column.title} ▼`, { value: `-${column.key}` }),
        ]),
    );
    $('sort').value = (order.rising ? '' : '-') + order.key;
}

function shown() {
    const words = $('search')
        .value.toLowerCase()
        .split(/\s+/)
        .filter(word => word);
    const fits = run =>
        (!$('method').value || run.method === $('method').value) &&
        (!$('outcome').value || (run.outcome ?? 'none') === $('outcome').value) &&
        words.every(word =>
            [run.id, run.recipe, run.data, run.student, run.method].some(text => text.toLowerCase().includes(word)),
        );
    const column = columns.find(one => one.key === order.key);
    const compare = (a, b) => {
        const [x, y] = [valueOf(column, a), valueOf(column, b)];
        if (x == null || y == null) return (x == null) - (y == null); // what is not known comes last, either way
        return (order.rising ? 1 : -1) * (typeof x === 'string' ? x.localeCompare(y, 'en', { numeric: true }) : x - y);
    };
    return runs.filter(fits).sort(compare);
}

function list() {
    heads();
    const rows = shown();
    document.querySelector('#runs tbody').replaceChildren(
        ...rows.map(run => {
            const row = element('tr', null, run.problem ? { class: 'problem' } : {});
            const tick = element('input', null, { type: 'checkbox', 'aria-label': `compare ${run.id}` });
            tick.checked = picked.has(run.id);
            tick.disabled = !!run.problem || run.study != null; // a study's networks are no pairs
            tick.onchange = () => {
                tick.checked ? picked.add(run.id) : picked.delete(run.id);
                remember();
                compare();
            };
            row.append(element('td'));
            row.firstChild.append(tick);
            if (run.problem) {
                row.append(
                    element('td', run.id, { class: 'text' }),
                    element('td', run.problem, {
                        class: 'text',
                        colspan: columns.length - 1,
                        'data-title': 'Problem',
                    }),
                );
                return row;
            }
            for (const column of columns) {
                const cell = element('td', null, { class: column.text ? 'text' : '', 'data-title': column.title });
                const text = column.show ? column.show(run) : run[column.key];
                if (column.key === 'id')
                    cell.append(element('a', text, { href: `report/${address(run.id)}` }));
                else if (column.key === 'outcome')
                    cell.append(
                        element('span', text, { class: `badge ${run.outcome ?? (run.running ? 'running' : '')}` }),
                    );
                else if (typeof text === 'string' && / [±(]/.test(text) && !column.text)
                    cell.append(text.split(/ (?=[±(])/)[0], ' ', element('small', text.split(/ (?=[±(])/)[1]));
                else cell.textContent = plain(text);
                row.append(cell);
            }
            return row;
        }),
    );
    $('count').textContent = `${rows.length} of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`;
}

function options(select, values) {
    const chosen = select.value;
    select.replaceChildren(
        element('option', 'all', { value: '' }),
        ...values.map(value => element('option', value, { value })),
    );
    select.value = values.includes(chosen) ? chosen : '';
}

async function compare() {
    const ids = runs.map(run => run.id).filter(id => picked.has(id));
    $('compare').hidden = ids.length === 0;
    if (ids.length === 0) return;
    for (const id of ids) {
        try {
            known.curves.set(id, known.curves.get(id) ?? (await ask(`api/curves/${address(id)}`)));
            known.recipes.set(id, known.recipes.get(id) ?? (await ask(`api/recipe/${address(id)}`)));
        } catch (error) {
            known.curves.set(id, known.curves.get(id) ?? []);
            known.recipes.set(id, { problem: error.message }); // the others are compared all the same
        }
    }
    $('legend').replaceChildren(...ids.map((id, i) => element('span', id, { class: `run${i % 8}` })));
    curves(ids);
    recipes(ids);
}

// what can be shown, with what was shown kept
function figures(names) {
    const select = $('figure');
    const chosen = select.value;
    select.replaceChildren(
        ...names.map(name => element('option', `${titleOf(name)} on validation${direction(name)}`, { value: name })),
        element('option', 'loss on training (lower is better)', { value: 'loss' }),
    );
    select.value = [...names, 'loss'].includes(chosen) ? chosen : (names[0] ?? 'loss');
}

function curves(ids) {
    const names = [...new Set(ids.flatMap(id => known.curves.get(id).flatMap(one => Object.keys(one.scores))))];
    figures(names);
    const [figure, role] = [$('figure').value, $('role').value];
    const values = one => (figure === 'loss' ? one.loss : one.scores[figure]?.map(y => y * scaleOf(figure)));
    const lines = ids.flatMap((id, i) =>
        known.curves
            .get(id)
            .filter(one => one.role === role && one.epochs.length > 0 && values(one))
            .map(one => ({ i, xs: one.epochs, ys: values(one) })),
    );
    const space = { width: 900, height: 340, left: 52, right: 12, top: 22, bottom: 36 };
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', `0 0 ${space.width} ${space.height}`);
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', `${$('figure').selectedOptions[0].text} of ${$('role').selectedOptions[0].text}`);
    const add = (name, attributes, text) => {
        const made = document.createElementNS(svg.namespaceURI, name);
        for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
        if (text != null) made.textContent = text;
        svg.append(made);
    };
    if (lines.length === 0) {
        $('curves').replaceChildren(element('p', 'None of these runs has such networks.', { class: 'note' }));
        return;
    }
    const ends = values => [Math.min(...values), Math.max(...values)];
    const [low, high] = ends(lines.flatMap(line => line.ys));
    const last = Math.max(...lines.flatMap(line => line.xs), 2);
    const step = [1, 2, 5, 10]
        .map(times => times * 10 ** Math.floor(Math.log10((high - low || 1) / 4)))
        .find(size => (high - low || 1) / size <= 6);
    const [bottom, top] = [
        Math.floor(low / step) * step,
        Math.max(Math.ceil(high / step), Math.floor(low / step) + 1) * step,
    ];
    const x = epoch => space.left + ((epoch - 1) / (last - 1)) * (space.width - space.left - space.right);
    const y = value =>
        space.height - space.bottom - ((value - bottom) / (top - bottom)) * (space.height - space.top - space.bottom);
    for (let i = 0; bottom + i * step <= top + step / 2; i++) {
        const tick = bottom + i * step;
        add('path', { class: 'axis', d: `M${space.left} ${y(tick)}H${space.width - space.right}` });
        add(
            'text',
            { x: space.left - 8, y: y(tick) + 4, 'text-anchor': 'end' },
            number(tick, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))),
        );
    }
    for (const epoch of new Set([1, Math.round(last / 2), last]))
        add('text', { x: x(epoch), y: space.height - 16, 'text-anchor': 'middle' }, epoch);
    add('text', { x: (space.left + space.width) / 2, y: space.height - 2, 'text-anchor': 'middle' }, 'epoch');
    add('text', { x: 2, y: 12 }, figure === 'loss' ? 'lower is better' : unitOf(figure) + direction(figure));
    const path = (xs, ys) =>
        xs.map((epoch, k) => `${k ? 'L' : 'M'}${x(epoch).toFixed(1)} ${y(ys[k]).toFixed(1)}`).join('');
    for (const i of ids.keys()) {
        const own = lines.filter(line => line.i === i);
        for (const line of own)
            add('path', {
                class: `run${i % 8}`,
                d: path(line.xs, line.ys),
                'stroke-width': own.length > 1 ? 1 : 2.4,
                opacity: own.length > 1 ? 0.4 : 1,
            });
        if (own.length < 2) continue;
        const epochs = [...new Set(own.flatMap(line => line.xs))].sort((a, b) => a - b);
        const mean = epochs
            .map(epoch => own.filter(line => line.xs.includes(epoch)).map(line => line.ys[line.xs.indexOf(epoch)]))
            .map(all => all.reduce((a, b) => a + b) / all.length);
        add('path', { class: `run${i % 8}`, d: path(epochs, mean), 'stroke-width': 2.4 });
    }
    const problems = ids.flatMap(id => known.curves.get(id).filter(one => one.problem));
    $('curves').replaceChildren(svg, ...problems.map(one => element('p', one.problem, { class: 'note' })));
}

function flat(node, path = '', into = new Map()) {
    if (node !== null && typeof node === 'object' && Object.keys(node).length > 0)
        for (const [key, value] of Object.entries(node)) flat(value, path ? `${path}.${key}` : key, into);
    else into.set(path, JSON.stringify(node));
    return into;
}

function recipes(ids) {
    const all = ids.map(id => flat(known.recipes.get(id)));
    const paths = [...new Set(all.flatMap(one => [...one.keys()]))].sort((a, b) =>
        a.localeCompare(b, 'en', { numeric: true }),
    );
    const head = element('tr');
    head.append(element('th', 'key', { scope: 'col' }), ...ids.map(id => element('th', id, { scope: 'col' })));
    document.querySelector('#recipes thead').replaceChildren(head);
    document.querySelector('#recipes tbody').replaceChildren(
        ...paths.flatMap(path => {
            const values = all.map(one => one.get(path) ?? '');
            const differs = new Set(values).size > 1;
            if (!differs && $('differing').checked && ids.length > 1) return [];
            const row = element('tr', null, differs ? { class: 'differs' } : {});
            const cell = value => element('td', value || '–', value === values[0] ? {} : { class: 'other' });
            row.append(element('td', path), ...values.map(cell));
            return [row];
        }),
    );
}

// what is shown can be kept and passed on as an address
function remember() {
    const state = new URLSearchParams({ order: `${order.rising ? '' : '-'}${order.key}` });
    for (const id of ['search', 'method', 'outcome']) if ($(id).value) state.set(id, $(id).value);
    for (const id of picked) state.append('run', id);
    history.replaceState(null, '', `#${state}`);
}

function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    const key = state.get('order') ?? 'id';
    order = { key: key.replace(/^-/, ''), rising: !key.startsWith('-') };
    if (!columns.some(column => column.key === order.key)) order = { key: 'id', rising: true };
    for (const id of ['search', 'method', 'outcome']) $(id).value = state.get(id) ?? '';
    picked = new Set(state.getAll('run'));
}

// whether anything has changed
async function load() {
    const found = await ask('api/runs');
    const text = JSON.stringify(found);
    const changed = text !== lastText;
    lastText = text;
    runs = found;
    setColumns();
    for (const run of runs) if (!run.finished) known.curves.delete(run.id);
    options($('method'), [...new Set(runs.map(run => run.method).filter(name => name))].sort());
    options($('outcome'), [...new Set(runs.filter(run => !run.problem).map(run => run.outcome ?? 'none'))].sort());
    return changed;
}

await load();
recall();
list();
await compare();
for (const id of ['search', 'method', 'outcome'])
    $(id).addEventListener('input', () => {
        list();
        remember();
    });
$('sort').addEventListener('input', () => {
    const key = $('sort').value;
    order = { key: key.replace(/^-/, ''), rising: !key.startsWith('-') };
    list();
    remember();
});
for (const id of ['figure', 'role']) $(id).addEventListener('input', compare);
$('differing').addEventListener('input', compare);
setInterval(async () => {
    if (document.hidden || !runs.some(run => !run.finished && !run.problem)) return;
    if (await load()) list(); // else a reader's place in the table would be lost for nothing
    if (runs.some(run => picked.has(run.id) && !run.finished)) await compare();
}, 10_000);
globalThis.retort = true; // the page is up
