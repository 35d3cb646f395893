// What a widget of a notebook does to stand before the tables that are kept of it, and to ask Python.
const PATIENCE = 20000; // milliseconds until it is said that nothing answers

// Each message is answered once, by its number.
class Line {
  constructor(model, late) {
    Object.assign(this, { model, late, waiting: new Map() });
    model.on("msg:custom", (answer, buffers) => this.waiting.get(answer.id)?.(answer, buffers));
  }

  ask(asked, buffers = []) {
    const id = crypto.randomUUID?.() ?? String(Math.random());
    return new Promise((resolve) => {
      const late = setTimeout(this.late, PATIENCE);
      this.waiting.set(id, (answer, pictures) => {
        clearTimeout(late);
        this.waiting.delete(id);
        resolve({ ...answer, pictures });
      });
      this.model.send({ ...asked, id }, undefined, buffers);
    });
  }
}

// It goes before what the notebook keeps in its place, and that is not seen meanwhile.
function put(root, token) {
  const places = [...document.querySelectorAll("[data-desk]")];
  const place = places.find((node) => node.dataset.desk === token);
  const host = place?.closest(".jp-OutputArea-output") ?? place;
  if (!host || host.previousSibling === root) return;
  host.before(root);
  host.style.display = "none";
}

// JupyterLab passes what renews an output to the run that made it, and to nobody once the page was
// loaded again; then the table is renewed in the notebook from here.
function renew(model) {
  const [token, html] = [model.get("token"), model.get("static")];
  for (const { outputs } of model.widget_manager?.context?.model?.cells ?? []) {
    for (let at = 0; at < (outputs?.length ?? 0); at++) {
      const one = outputs.get(at).toJSON();
      const there = [one.data?.["text/html"] ?? ""].flat().join("");
      if (!there.includes(token) || there === html) continue;
      const data = { "text/html": html, "text/plain": model.get("plain") };
      outputs.set(at, { ...one, data });
    }
  }
}

// Stand there as long as a kernel runs, and be no part of the file.
function place(root, model, signal) {
  root.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes d, c and v for cells
  const stand = () => put(root, model.get("token"));
  const seen = new MutationObserver(stand);
  seen.observe(document.body, { childList: true, subtree: true });
  stand();
  model.on("change:static", () => setTimeout(() => renew(model), 300));
  // What comes with Ctrl is the notebook's, saving it first of all; plain letters are the widget's.
  const keys = (event) =>
    root.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey));
  window.addEventListener("keydown", keys, true);
  signal?.addEventListener("abort", () => {
    seen.disconnect();
    window.removeEventListener("keydown", keys, true);
    root.remove();
  });
}

