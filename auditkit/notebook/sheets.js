// Pages of a file with the cells of findings framed: pictures, or grids where a file has no pages.
function made(parent, tag, name = "", text = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.textContent = text;
  parent?.append(node);
  return node;
}

function button(parent, text, name, act) {
  const node = made(parent, "button", name, text);
  node.type = "button";
  node.onclick = act;
  return node;
}

function labelled(parent, text, tag, name) {
  const label = made(parent, "label", `of-${name}`);
  made(label, "span", "", text);
  return made(label, tag, name);
}

function chooser(parent, text, name, options, act) {
  const select = labelled(parent, text, "select", name);
  for (const [value, said] of options) made(select, "option", "", said).value = value;
  select.onchange = act;
  return select;
}

class Page {
  constructor(parent, texts, { ask, chosen }) {
    Object.assign(this, { texts, ask, chosen, zoom: 1, sheets: new Map(), cases: [] });
    this.bar = made(parent, "div", "pager");
    button(this.bar, "‹", "previous", () => this.turn(-1)).title = `${texts.previous} ([)`;
    this.named = made(this.bar, "span", "named");
    this.named.setAttribute("aria-live", "polite");
    button(this.bar, "›", "next", () => this.turn(1)).title = `${texts.next} (])`;
    button(this.bar, "−", "smaller", () => this.enlarge(0.8)).title = `${texts.smaller} (-)`;
    button(this.bar, "+", "larger", () => this.enlarge(1.25)).title = `${texts.larger} (+)`;
    for (const one of this.bar.querySelectorAll("button")) one.setAttribute("aria-label", one.title);
    this.root = made(parent, "div", "page");
    this.root.tabIndex = 0;
    this.root.setAttribute("aria-label", texts.page);
  }

  // Frame the cells of some cases, those of the one that is chosen above all, and show its first.
  frames(cases, key, names) {
    Object.assign(this, { cases, key, names });
    const chosen = cases.find((one) => one.key === key);
    const spot = chosen?.figures.flatMap(({ spots }) => spots).find(({ sheet }) => sheet);
    if (spot) this.to(spot, false);
    else if (this.sheet && this.names.includes(this.sheet)) this.draw();
    else if (this.names.length) this.to({ sheet: this.names[0] }, false);
    else this.root.replaceChildren(made(null, "p", "nothing", this.texts["no page"]));
  }

  turn(step) {
    const sheet = this.names[this.names.indexOf(this.sheet) + step];
    if (sheet) this.to({ sheet }, false);
  }

  enlarge(by) {
    this.zoom = Math.max(0.5, Math.min(4, this.zoom * by));
    this.size();
  }

  // A page of A4 is read at 820 pixels, also where the desk is narrower.
  size() {
    if (this.canvas) this.canvas.style.width = `max(${this.zoom * 100}%, ${this.zoom * 820}px)`;
  }

  // Show a place: the sheet is asked for once, whoever comes to it later finds it here.
  async to(spot, isCalled = true) {
    const { sheet } = spot;
    this.sheet = sheet;
    if (!this.sheets.has(sheet)) this.sheets.set(sheet, this.ask(sheet).then(drawn));
    const made = await this.sheets.get(sheet);
    if (this.sheet !== sheet) return;
    if (!made) this.sheets.delete(sheet);
    this.draw(made);
    this.scroll(spot, isCalled);
  }

  draw(made = this.made) {
    this.made = made;
    const at = this.names.indexOf(this.sheet) + 1;
    const [, kind, number] = /^(grid )?(.*)$/.exec(this.sheet);
    const name = this.texts[kind ? "grid named" : "page named"].replace("#", number);
    this.named.textContent = `${name} (${at}/${this.names.length})`;
    if (!made) return;
    if (this.canvas !== made.canvas) this.root.replaceChildren(made.canvas);
    this.canvas = made.canvas;
    this.size();
    const spots = this.spots();
    if (made.cells) this.mark(made.cells, spots);
    else this.lay(made, spots);
  }

  // Each place on this sheet once, with the findings and figures that rest on it.
  spots() {
    const found = new Map();
    for (const one of this.cases)
      for (const figure of one.figures)
        for (const spot of figure.spots) {
          if (spot.sheet !== this.sheet) continue;
          const at = spot.at ?? spot.box.join();
          const of = found.get(at) ?? { spot, at, of: [] };
          const place = { key: one.key, path: figure.path, said: `${one.rule} ${figure.label}` };
          found.set(at, { ...of, sure: figure.sure, of: [...of.of, place] });
        }
    return [...found.values()];
  }

  looks(node, { of, sure }) {
    node.classList.toggle("on", of.some(({ key }) => key === this.key));
    node.classList.toggle("unsure", !sure);
    node.title = [...new Set(of.map(({ said }) => said))].join("; ");
    node.onclick = () => {
      const own = of.find(({ key }) => key === this.key) ?? of[0];
      this.chosen(own.key, own.path);
    };
  }

  lay({ canvas, wide, high }, spots) {
    for (const node of canvas.querySelectorAll(".frame")) node.remove();
    for (const spot of spots) {
      const [left, top, right, bottom] = spot.spot.box;
      const node = button(canvas, "", "frame");
      node.dataset.at = spot.at;
      const part = (size, of) => `${(100 * size) / of}%`;
      const place = { left: part(left, wide), top: part(top, high) };
      Object.assign(node.style, place, {
        width: part(right - left, wide),
        height: part(bottom - top, high),
      });
      this.looks(node, spot);
      node.setAttribute("aria-label", node.title);
    }
  }

  mark(cells, spots) {
    for (const node of cells.values()) {
      node.classList.remove("framed", "on");
      node.onclick = null;
    }
    for (const spot of spots) {
      const node = cells.get(spot.at);
      node?.classList.add("framed");
      if (node) this.looks(node, spot);
    }
  }

  scroll(spot, isCalled) {
    const at = spot.at ?? spot.box?.join();
    const node = this.made?.cells?.get(at) ?? this.root.querySelector(`[data-at="${at}"]`);
    if (!node) return;
    const [box, room] = [node.getBoundingClientRect(), this.root.getBoundingClientRect()];
    this.root.scrollTop += box.top - room.top - room.height / 3;
    const beyond = box.right - room.left + this.root.scrollLeft + 24 - this.root.clientWidth;
    this.root.scrollLeft = Math.max(0, beyond); // no further than it must: labels stand at the left
    if (!isCalled) return;
    node.classList.add("called");
    setTimeout(() => node.classList.remove("called"), 1500);
  }
}

// Make of what Python sent a picture or a table, once.
function drawn({ ok, pictures, wide, high, heading, cells }) {
  if (!ok) return undefined;
  const canvas = made(null, "div", "canvas");
  if (!cells) {
    const picture = made(canvas, "img");
    picture.alt = "";
    picture.src = URL.createObjectURL(new Blob([pictures[0]], { type: "image/png" }));
    canvas.style.aspectRatio = `${wide} / ${high}`;
    return { canvas, wide, high };
  }
  const known = new Map();
  for (const [at, text] of heading) known.set(at, made(canvas, "p", "line", text));
  const table = made(canvas, "table", "grid");
  for (const cell of cells) {
    while (table.rows.length <= cell.row) table.insertRow();
    const node = made(table.rows[cell.row], "td", cell.unsure ? "unsure" : "", cell.text);
    node.rowSpan = cell.rows;
    node.colSpan = cell.columns;
    node.title = cell.where;
    known.set(cell.at, node);
  }
  return { canvas, cells: known };
}

