// An exported student in the browser: opens its folder, prepares images as in training, and runs ONNX Runtime.
const format = "retort-student/2";

/** Opens a student's folder by its address: { classes, input, shape, predict }. */
export async function open(address, runtime) {
  const config = JSON.parse(new TextDecoder().decode(await download(`${address}/config.json`)));
  if (config.format !== format) throw new Error(`The student's format must be ${format}; it is ${config.format}.`);
  const model = await download(`${address}/model.onnx`);
  const digest = await sha256(model);
  if (digest && digest !== config.files["model.onnx"]) throw new Error("model.onnx is not the file that was exported.");
  const session = await runtime.InferenceSession.create(model, { executionProviders: ["wasm"] });
  if (config.inputs.length !== 1) {
    throw new Error(`This page runs students of one input; this one has ${config.inputs.length}.`);
  }
  const [{ name, axes }] = config.inputs;
  const shape = axes.map((axis) => axis.size);
  const predict = async (values) => {
    const { logits } = await session.run({ [name]: new runtime.Tensor("float32", values, [1, ...shape]) });
    return softmax(logits.data);
  };
  return { classes: config.classes, input: name, shape, predict };
}

async function download(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} cannot be read: ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The hexadecimal digest; null where the browser does not hash, which it does on https and localhost only. */
async function sha256(content) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function softmax(logits) {
  const max = Math.max(...logits);
  const exponentials = Array.from(logits, (value) => Math.exp(value - max));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / sum);
}

/**
 * The pixels of an ImageData as the student takes them: the square in the middle, resized, grey or colour, 0 to 1.
 * [C, H, W]
 */
export function pixels({ data, width, height }, [channels, rows, columns]) {
  const isSized = width === columns && height === rows;
  if (!isSized && rows !== columns)
    throw new Error(`The image must be ${rows} × ${columns}; only squares are resized.`);
  const colours = [0, 1, 2].map((c) => Uint8Array.from({ length: width * height }, (_, i) => data[4 * i + c]));
  const sized = isSized ? colours : colours.map((plane) => square(plane, width, height, rows));
  const planes = channels === 3 ? sized : [grey(sized)];
  return Float32Array.from(planes.flatMap((plane) => Array.from(plane, (value) => value / 255)));
}

/** The luma of ITU-R BT.601. */
function grey([red, green, blue]) {
  return red.map((value, i) => Math.floor((299 * value + 587 * green[i] + 114 * blue[i] + 500) / 1000));
}

/** The square in the middle as size × size, averaged with a triangle filter, as in training. */
function square(plane, width, height, size) {
  const side = Math.min(width, height);
  const [top, left] = [Math.floor((height - side) / 2), Math.floor((width - side) / 2)];
  const middle = Float64Array.from({ length: side * side }, (_, i) =>
    plane[(top + Math.floor(i / side)) * width + left + (i % side)]);
  const weights = filterWeights(side, size);
  const resized = resizeRows(resizeRows(middle, side, weights), side, weights);
  return resized.map((value) => Math.min(Math.max(Math.floor(value + 0.5), 0), 255));
}

/** Resizes each row and writes it as a column. */
function resizeRows(values, width, weights) {
  const rows = values.length / width;
  return Float64Array.from({ length: weights.length * rows }, (_, i) => {
    const [first, parts] = weights[Math.floor(i / rows)];
    return parts.reduce((sum, part, k) => sum + part * values[(i % rows) * width + first + k], 0);
  });
}

/** For each resized pixel the first source pixel and the weights from there on. */
function filterWeights(from, to) {
  const scale = from / to;
  const radius = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.floor(Math.max(centre - radius + 0.5, 0));
    const end = Math.floor(Math.min(centre + radius + 0.5, from));
    const parts = Array.from({ length: end - first }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / radius));
    const sum = parts.reduce((a, b) => a + b);
    return [first, parts.map((part) => part / sum)];
  });
}
