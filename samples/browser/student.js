// An exported student in the browser: opens its folder, prepares pictures as training did, asks ONNX Runtime.
const format = "retort-student/2";

/** Opens a student's folder by its address: { classes, input, canvas, ask }. */
export async function open(address, runtime) {
  const config = JSON.parse(new TextDecoder().decode(await bytes(`${address}/config.json`)));
  if (config.format !== format) throw new Error(`The student's format must be ${format}; it is ${config.format}.`);
  const model = await bytes(`${address}/model.onnx`);
  const found = await sha256(model);
  if (found && found !== config.files["model.onnx"]) throw new Error("model.onnx is not the file that was exported.");
  const session = await runtime.InferenceSession.create(model, { executionProviders: ["wasm"] });
  if (config.inputs.length !== 1) throw new Error(`This page runs students of one input; this one takes ${config.inputs.length}.`);
  const [{ name, axes }] = config.inputs;
  const shape = axes.map((axis) => axis.size);
  const ask = async (numbers) => {
    const { logits } = await session.run({ [name]: new runtime.Tensor("float32", numbers, [1, ...shape]) });
    return softmax(logits.data);
  };
  return { classes: config.classes, input: name, shape, ask };
}

async function bytes(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} cannot be read: ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

// browsers hash on https and localhost only
async function sha256(content) {
  if (!globalThis.crypto?.subtle) return null;
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", content))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function softmax(logits) {
  const most = Math.max(...logits);
  const odds = Array.from(logits, (value) => Math.exp(value - most));
  const sum = odds.reduce((a, b) => a + b);
  return odds.map((value) => value / sum);
}

/** Pixels of an ImageData as the student wants them: the middle square, resized, grey or colour, 0 to 1. [C, H, W] */
export function pixels({ data, width, height }, [channels, rows, columns]) {
  const same = width === columns && height === rows;
  if (!same && rows !== columns) throw new Error(`The picture must be ${rows} × ${columns}; only squares are resized.`);
  const colours = [0, 1, 2].map((c) => Uint8Array.from({ length: width * height }, (_, i) => data[4 * i + c]));
  const sized = same ? colours : colours.map((plane) => square(plane, width, height, rows));
  const planes = channels === 3 ? sized
    : [sized[0].map((red, i) => Math.floor((299 * red + 587 * sized[1][i] + 114 * sized[2][i] + 500) / 1000))];
  return Float32Array.from(planes.flatMap((plane) => Array.from(plane, (value) => value / 255)));
}

/** The middle square as size × size, averaged with a triangle as wide as a pixel of the result: training's own way. */
function square(plane, width, height, size) {
  const side = Math.min(width, height);
  const [top, left] = [Math.floor((height - side) / 2), Math.floor((width - side) / 2)];
  const middle = Float64Array.from({ length: side * side }, (_, i) => plane[(top + Math.floor(i / side)) * width + left + (i % side)]);
  const weights = taps(side, size);
  return turned(turned(middle, side, weights), side, weights).map((value) => Math.min(Math.max(Math.floor(value + 0.5), 0), 255));
}

/** Each row squeezed and written as a column. */
function turned(values, width, weights) {
  const rows = values.length / width;
  return Float64Array.from({ length: weights.length * rows }, (_, i) => {
    const [first, parts] = weights[Math.floor(i / rows)];
    return parts.reduce((sum, part, k) => sum + part * values[(i % rows) * width + first + k], 0);
  });
}

function taps(from, to) {
  const scale = from / to;
  const reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.floor(Math.max(centre - reach + 0.5, 0));
    const end = Math.floor(Math.min(centre + reach + 0.5, from));
    const parts = Array.from({ length: end - first }, (_, k) => Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach));
    const sum = parts.reduce((a, b) => a + b);
    return [first, parts.map((part) => part / sum)];
  });
}
