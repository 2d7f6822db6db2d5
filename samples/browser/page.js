// The page: a board to draw on, a file to choose, the classes as bars. The student's folder is ?student=… or ./student.
import { open, pixels } from "./student.js";

const [board, said, answer] = ["board", "said", "answer"].map((id) => document.getElementById(id));
const pen = board.getContext("2d", { willReadFrequently: true });
const shown = 10;

function clear() {
  pen.fillStyle = "black";                                 // white on black, as MNIST and its kin
  pen.fillRect(0, 0, board.width, board.height);
  answer.replaceChildren();
}

function show(classes, probabilities) {
  const order = [...classes.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, shown);
  answer.replaceChildren(...order.map((k) => {
    const [line, name, bar, share] = ["li", "span", "meter", "span"].map((tag) => document.createElement(tag));
    [name.textContent, bar.value, share.textContent] = [classes[k], probabilities[k], `${(100 * probabilities[k]).toFixed(1)} %`];
    line.append(name, bar, share);
    return line;
  }));
}

function tell(text, wrong = false) {
  said.textContent = text;
  said.classList.toggle("wrong", wrong);
}

async function start() {
  if (!globalThis.ort) throw new Error("onnxruntime-web is missing: npm install in this folder brings it.");
  ort.env.wasm.numThreads = 1;                             // more would need a page that is isolated from others
  const student = await open(new URLSearchParams(location.search).get("student") ?? "student", ort);
  if (student.input !== "pixel_values") throw new Error(`This page shows pictures; the student takes ${student.input}.`);
  const ask = async (image) => {
    const probabilities = await student.ask(pixels(image, student.shape));
    show(student.classes, probabilities);
    return probabilities;
  };
  const askBoard = () => ask(pen.getImageData(0, 0, board.width, board.height)).catch((error) => tell(error.message, true));
  draw(askBoard);
  document.getElementById("file").addEventListener("change", async ({ target }) => {
    if (!target.files.length) return;
    try {
      const picture = await createImageBitmap(target.files[0], { colorSpaceConversion: "none", imageOrientation: "none", premultiplyAlpha: "none" });
      const own = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
      own.drawImage(picture, 0, 0);
      clear();
      const side = Math.min(picture.width, picture.height);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, board.width, board.height);
      await ask(own.getImageData(0, 0, picture.width, picture.height));
    } catch (error) {
      tell(`The picture cannot be asked about: ${error.message}`, true);
    }
    target.value = "";
  });
  tell("Draw, or choose a picture.");
  globalThis.retort = { student, ask };                    // for a console, and for the test of this page
}

function draw(finished) {
  let last = null;
  const at = (event) => [event.offsetX * board.width / board.clientWidth, event.offsetY * board.height / board.clientHeight];
  board.addEventListener("pointerdown", (event) => { last = at(event); board.setPointerCapture(event.pointerId); });
  board.addEventListener("pointermove", (event) => {
    if (!last) return;
    const here = at(event);
    Object.assign(pen, { strokeStyle: "white", lineWidth: 22, lineCap: "round" });
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...here);
    pen.stroke();
    last = here;
  });
  board.addEventListener("pointerup", () => { last = null; finished(); });
  document.getElementById("clear").addEventListener("click", clear);
}

clear();
start().catch((error) => tell(error.message, true));
