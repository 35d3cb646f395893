// What a notebook is about: it stands in the place of the saved table, and is never saved itself. What
// is chosen goes into the cell of parameters, and all cells run where JupyterLab lets a page ask for it
// (LabApp.expose_app_in_browser). Where the notebook is not at hand the lines are shown, to be put there.
const LANGUAGES = { en: "English", zh: "中文" };

function made(parent, tag, text = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  return parent.appendChild(node);
}

function labelled(parent, text, tag) {
  const label = made(parent, "label", `${text} `);
  label.style.whiteSpace = "nowrap";
  const field = made(label, tag);
  field.style.cssText = "font: inherit; max-width: 24em; padding: .2em .4em";
  return field;
}

// A button of our own words: those that a browser puts there are in its own language.
function bringing(parent, text) {
  const label = made(parent, "label", text);
  label.style.cssText =
    "position: relative; overflow: hidden; padding: .2em .5em; border: 1px solid var(--jp-border-color1); border-radius: 3px";
  const field = made(label, "input");
  field.type = "file";
  field.style.cssText = "position: absolute; inset: 0; opacity: 0; cursor: pointer";
  field.onfocus = () => (label.style.outline = "2px solid var(--jp-brand-color1)");
  field.onblur = () => (label.style.outline = "");
  return field;
}

function cellOfParameters(model) {
  const cells = [...(model.widget_manager?.context?.model?.cells ?? [])];
  return cells.find((cell) => (cell.getMetadata("tags") ?? []).includes("parameters"));
}

function written(model, values) {
  const shared = cellOfParameters(model)?.sharedModel;
  if (!shared) return;
  const lines = shared.getSource().split("\n").map((line) => {
    const name = line.split(" = ")[0];
    return name in values ? `${name} = ${JSON.stringify(values[name])}` : line;
  });
  shared.setSource(lines.join("\n"));
  window.jupyterapp?.commands.execute("notebook:run-all-cells");
}

function chooser(model) {
  const root = document.createElement("form");
  const { texts, values, files } = Object.fromEntries(
    ["texts", "values", "files"].map((name) => [name, model.get(name)]),
  );
  const about = "FOLDER" in values ? "FOLDER" : "REPORT";
  root.setAttribute("aria-label", texts.use);
  root.style.cssText = "display: flex; flex-wrap: wrap; gap: .5em 1em; align-items: center; margin-bottom: .6em";
  root.dataset.lmSuppressShortcuts = "true"; // keys belong to the fields here
  const file = labelled(root, about === "FOLDER" ? texts.folder : texts.file, "select");
  const options = () => {
    file.textContent = "";
    [...new Set([model.get("values")[about], ...model.get("files")])].forEach((path) => {
      const option = made(file, "option", path.replace(/^\.\.\//, ""));
      option.value = path;
    });
    file.value = model.get("values")[about];
  };
  options();
  model.on("change:files", options);
  model.on("change:values", options);
  if (about === "REPORT") {
    const upload = bringing(root, texts.upload);
    upload.onchange = async () => {
      const [chosen] = upload.files;
      if (chosen) model.send({ upload: chosen.name }, undefined, [await chosen.arrayBuffer()]);
    };
  }
  const auditor = "AUDITOR" in values ? labelled(root, texts.auditor, "input") : null;
  if (auditor) auditor.value = values.AUDITOR;
  const lang = labelled(root, texts.language, "select");
  Object.entries(LANGUAGES).forEach(([code, name]) => {
    made(lang, "option", name).value = code;
  });
  lang.value = values.LANG;
  made(root, "button", texts.use).type = "submit";
  const said = made(root, "p", model.get("said"));
  said.setAttribute("role", "status");
  said.style.cssText = "white-space: pre-line; margin: 0; flex-basis: 100%";
  let asked = null;
  root.onsubmit = (event) => {
    event.preventDefault();
    asked = { [about]: file.value, LANG: lang.value };
    if (auditor) asked.AUDITOR = auditor.value;
    model.send({ values: asked });
  };
  model.on("msg:custom", (answer) => {
    said.textContent = answer.said;
    if (asked && answer.done) written(model, asked);
    asked = null;
  });
  return root;
}

export default {
  initialize({ model }) {
    const root = chooser(model);
    let tries = 0;
    const timer = setInterval(() => {
      const places = [...document.querySelectorAll("[data-chooser]")];
      const place = places.find((node) => node.dataset.chooser === model.get("token"));
      if (place && !place.contains(root)) {
        for (const table of place.children) table.hidden = true; // it says the same
        place.prepend(root);
      }
      tries += 1;
      if (place || tries > 150) clearInterval(timer);
    }, 200);
    return () => clearInterval(timer);
  },
};
