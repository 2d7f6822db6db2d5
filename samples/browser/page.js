// The page: a board to draw on, a file to choose, and the predicted classes as bars. The student's folder is
// ?student=… or ./student.
import { open, pixels } from "./student.js";

const maxClasses = 10;
const lineWidth = 22;
const [board, message, predictions] = ["board", "message", "predictions"].map((id) => document.getElementById(id));
const pen = board.getContext("2d", { willReadFrequently: true });

function clear() {
  pen.fillStyle = "black";                                 // white on black, as in MNIST
  pen.fillRect(0, 0, board.width, board.height);
  predictions.replaceChildren();
}

function showPredictions(classes, probabilities) {
  const order = [...classes.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, maxClasses);
  predictions.replaceChildren(...order.map((k) => {
    const [line, name, bar, percent] = ["li", "span", "meter", "span"].map((tag) => document.createElement(tag));
    name.textContent = classes[k];
    bar.value = probabilities[k];
    percent.textContent = `${(100 * probabilities[k]).toFixed(1)} %`;
    line.append(name, bar, percent);
    return line;
  }));
}

function showMessage(text, isError = false) {
  message.textContent = text;
  message.classList.toggle("error", isError);
}

async function start() {
  if (!globalThis.ort) throw new Error("onnxruntime-web is missing: run npm install in this folder.");
  ort.env.wasm.numThreads = 1;                             // more threads need a cross-origin isolated page
  const folder = new URLSearchParams(location.search).get("student") ?? "student";
  const student = await open(folder, ort);
  if (student.input !== "pixel_values") throw new Error(`This page shows images; the student takes ${student.input}.`);

  const predict = async (image) => {
    const probabilities = await student.predict(pixels(image, student.shape));
    showPredictions(student.classes, probabilities);
    return probabilities;
  };
  const predictBoard = () => predict(pen.getImageData(0, 0, board.width, board.height));
  listenToPen(() => predictBoard().catch((error) => showMessage(error.message, true)));
  document.getElementById("file").addEventListener("change", async ({ target }) => {
    if (!target.files.length) return;
    try {
      await predict(await loadImage(target.files[0]));
    } catch (error) {
      showMessage(`The image cannot be predicted: ${error.message}`, true);
    }
    target.value = "";
  });
  showMessage("Draw, or choose an image.");
  globalThis.retort = { student, predict };                // for the console and for tests
}

/** The pixels of an image file in its own size; the board shows the image. */
async function loadImage(file) {
  const options = { colorSpaceConversion: "none", imageOrientation: "none", premultiplyAlpha: "none" };
  const image = await createImageBitmap(file, options);
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  clear();
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, left, top, side, side, 0, 0, board.width, board.height);
  return canvas.getImageData(0, 0, width, height);
}

function listenToPen(finished) {
  let last = null;
  const positionOf = (event) => [
    event.offsetX * board.width / board.clientWidth,
    event.offsetY * board.height / board.clientHeight,
  ];
  board.addEventListener("pointerdown", (event) => {
    last = positionOf(event);
    board.setPointerCapture(event.pointerId);
  });
  board.addEventListener("pointermove", (event) => {
    if (!last) return;
    const position = positionOf(event);
    Object.assign(pen, { strokeStyle: "white", lineWidth, lineCap: "round" });
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...position);
    pen.stroke();
    last = position;
  });
  board.addEventListener("pointerup", () => {
    last = null;
    finished();
  });
  document.getElementById("clear").addEventListener("click", clear);
}

clear();
start().catch((error) => showMessage(error.message, true));
