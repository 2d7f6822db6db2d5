// Draws the curves of several runs into one SVG chart.
const size = { width: 900, height: 340, left: 52, right: 12, top: 22, bottom: 36 };

/** Formats a number with a fixed count of digits and a proper minus sign. */
export const number = (value, digits) => value == null ? '–' : value.toFixed(digits).replace('-', '−');

/**
 * The chart of lines { i, xs, ys }: i is the run's index, xs are epochs, ys values.
 * Each line is thin where a run has several, and their mean is bold.
 */
export function chart(lines, label, unit) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  const add = (name, attributes, text) => {
    const child = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) child.setAttribute(key, value);
    if (text != null) child.textContent = text;
    svg.append(child);
  };

  const scale = scaleOf(lines);
  addAxes(add, scale, unit);
  for (const i of new Set(lines.map(line => line.i))) addRun(add, scale, lines.filter(line => line.i === i));
  return svg;
}

/** Positions of epochs and values, with at most six horizontal lines at round values. */
function scaleOf(lines) {
  const values = lines.flatMap(line => line.ys);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const range = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(range / 4));
  const step = [1, 2, 5, 10].map(times => times * power).find(candidate => range / candidate <= 6);
  const bottom = Math.floor(low / step) * step;
  const top = Math.max(Math.ceil(high / step), Math.floor(low / step) + 1) * step;
  const last = Math.max(...lines.flatMap(line => line.xs), 2);
  const [width, height] = [size.width - size.left - size.right, size.height - size.top - size.bottom];
  return {
    step, bottom, top, last,
    x: epoch => size.left + (epoch - 1) / (last - 1) * width,
    y: value => size.height - size.bottom - (value - bottom) / (top - bottom) * height,
  };
}

function addAxes(add, scale, unit) {
  const { step, bottom, top, last, x, y } = scale;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  for (let i = 0; bottom + i * step <= top + step / 2; i++) {
    const tick = bottom + i * step;
    add('path', { class: 'axis', d: `M${size.left} ${y(tick)}H${size.width - size.right}` });
    add('text', { x: size.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, number(tick, digits));
  }
  for (const epoch of new Set([1, Math.round(last / 2), last]))
    add('text', { x: x(epoch), y: size.height - 16, 'text-anchor': 'middle' }, epoch);
  add('text', { x: (size.left + size.width) / 2, y: size.height - 2, 'text-anchor': 'middle' }, 'epoch');
  add('text', { x: 2, y: 12 }, unit);
}

function addRun(add, scale, lines) {
  const several = lines.length > 1;
  const name = `run${lines[0].i % 8}`;
  const path = (xs, ys) => xs
    .map((epoch, k) => `${k ? 'L' : 'M'}${scale.x(epoch).toFixed(1)} ${scale.y(ys[k]).toFixed(1)}`)
    .join('');
  for (const line of lines)
    add('path', {
      class: name, d: path(line.xs, line.ys), 'stroke-width': several ? 1 : 2.4, opacity: several ? .4 : 1,
    });
  if (!several) return;

  const epochs = [...new Set(lines.flatMap(line => line.xs))].sort((a, b) => a - b);
  const means = epochs.map(epoch => {
    const values = lines.filter(line => line.xs.includes(epoch)).map(line => line.ys[line.xs.indexOf(epoch)]);
    return values.reduce((a, b) => a + b) / values.length;
  });
  add('path', { class: name, d: path(epochs, means), 'stroke-width': 2.4 });
}
