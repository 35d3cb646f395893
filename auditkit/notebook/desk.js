// The table of findings, the selected one in full, and the keys. Texts come in as text, never as
// markup; only `crop` is markup, which Python made and escaped.
const KEYS = { c: "confirmed", d: "dismissed", e: "explained", v: "needs evidence" };
const SHOWN = ["severity", "rule", "decision", "note", "standing"];

function made(parent, tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return parent.appendChild(node);
}

export default {
  render({ model, el }) {
    let at = 0;
    const texts = model.get("texts"); // ours, in the language of the review
    const { title, help, saving, kept } = texts;
    const desk = made(el, "div", "auditkit-desk");
    desk.tabIndex = 0;
    desk.setAttribute("role", "application");
    desk.setAttribute("aria-label", `${title}. ${help}`);
    desk.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes d, c and v for cells
    made(desk, "p", "help", help);
    const said = made(desk, "p", "said");
    said.setAttribute("role", "status");
    const list = made(made(desk, "div", "list"), "table", "");
    const side = made(desk, "div", "side");
    const note = made(made(side, "label", "", `${texts.note} `), "input", "note");
    const crop = made(side, "div", "crop");

    const row = () => model.get("rows")[at];
    const send = (more) => row() && model.send({ key: row().key, ...more });
    function draw() {
      list.textContent = "";
      const head = list.insertRow();
      SHOWN.forEach((name) => made(head, "th", "", texts[name]));
      model.get("rows").forEach((each, index) => {
        const line = list.insertRow();
        SHOWN.forEach((name) => made(line, "td", name, name === "decision" ? texts[each[name]] : each[name]));
        line.setAttribute("aria-selected", index === at);
        line.onclick = () => choose(index);
      });
    }
    function choose(index) {
      at = Math.max(0, Math.min(index, model.get("rows").length - 1));
      note.value = row()?.note ?? "";
      draw();
      list.rows[at + 1]?.scrollIntoView({ block: "nearest" });
      send({});
    }
    function decide(decision) {
      said.textContent = saving;
      send({ decision, note: note.value });
    }
    desk.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isWriting = event.target === note;
      const moves = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
      if (isWriting && event.key === "Enter") {
        if (row()?.decision) decide(row().decision);
        else said.textContent = kept;
        desk.focus();
      } else if (isWriting && event.key === "Escape") desk.focus();
      else if (isWriting) return event.stopPropagation();
      else if (event.key in KEYS) decide(KEYS[event.key]);
      else if (event.key in moves) choose(at + moves[event.key]);
      else if (event.key === "n") note.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    model.on("change:rows", draw);
    model.on("change:crop", () => (crop.innerHTML = model.get("crop")));
    const say = () => (said.textContent = model.get("said"));
    model.on("change:said", say);
    say();
    choose(0);
  },
};
