// The sheet of doubted cells: each with what stands around it, the reading in a field, and what was
// decided. Python makes all texts, and they come in as text, never as markup.
class Doubted {
  constructor(model) {
    this.model = model;
    this.texts = model.get("texts");
    this.line = new Line(model, () => this.say(this.texts["no kernel"], true));
    this.root = made(null, "section", "auditkit-doubted");
    this.root.setAttribute("aria-label", this.texts.title);
    this.build();
    for (const what of ["stands", "head"]) model.on(`change:${what}`, () => this.draw());
    model.on("change:said", () => this.say(model.get("said")));
    this.draw();
    this.say(model.get("said"));
    this.look();
  }

  build() {
    const { root, texts } = this;
    this.head = made(root, "p", "head");
    this.said = made(root, "p", "said");
    this.said.setAttribute("role", "status");
    const help = made(root, "p", "help", texts.help);
    const undo = button(root, texts.undo, "undo", () => this.undo());
    const cases = this.model.get("cases");
    for (const node of [this.said, help, undo]) node.hidden = !cases.length;
    const list = made(root, "ol");
    list.hidden = !cases.length;
    this.rows = cases.map((one, at) => this.row(list, one, `${at + 1}/${cases.length}`));
  }

  row(list, one, counted) {
    const { texts } = this;
    const root = made(list, "li");
    root.dataset.key = one.key;
    const crop = made(root, "div", "crop");
    const told = made(root, "div", "told");
    made(told, "b", "", `${counted}  ${one.label}`);
    const why = made(told, "span", "why");
    const field = labelled(told, texts.reads, "input", "reads");
    field.value = one.text;
    field.setAttribute("aria-label", `${one.label}: ${one.why}`);
    const read = field.value; // as the field has it, to be compared with
    const number = made(told, "span", "number");
    made(told, "span", "where", one.where);
    const state = made(told, "span", "state");
    const row = { one, root, crop, why, field, read, number, state };
    field.onkeydown = (event) => this.pressed(event, row);
    field.onfocus = () => field.select();
    return row;
  }

  draw() {
    this.head.textContent = this.model.get("head");
    const stands = this.model.get("stands");
    for (const row of this.rows.filter((one) => !one.isAsked)) {
      const stand = stands[row.one.key];
      const by = [stand.auditor, stand.on].filter(Boolean).join(", ");
      row.root.classList.toggle("settled", stand.settled);
      row.state.textContent = stand.said && `${stand.said} (${by})`;
      const { texts } = this;
      row.number.textContent = stand.number ? `${texts.number}: ${stand.number}` : texts["no number"];
      row.why.textContent = stand.settled ? row.one.why : stand.why;
      const now = stand.decision === "corrected" ? stand.value : row.read;
      if (now !== row.shown) row.field.value = now;
      row.shown = now;
    }
  }

  // One picture after the other, so that what is decided meanwhile need not wait for all.
  async look() {
    for (const row of this.rows) {
      const answer = await this.line.ask({ act: "picture", key: row.one.key });
      row.crop.replaceChildren();
      const { kinds = [], lines = [], pictures = [] } = answer;
      row.crop.classList.toggle("wide", !kinds.includes("png")); // tables and lines are as wide as a form
      for (const [at, kind] of kinds.entries()) {
        const picture = made(row.crop, "img");
        picture.alt = row.one.where;
        picture.src = URL.createObjectURL(new Blob([pictures[at]], { type: `image/${kind}` }));
      }
      for (const [before, inside, behind] of lines) {
        const text = made(row.crop, "pre", "", before);
        made(text, "mark", "", inside);
        text.append(behind);
      }
      const why = answer.ok ? this.texts["no picture"] : answer.said;
      if (!row.crop.firstChild) made(row.crop, "p", "help", why);
    }
  }

  say(text, isWrong = false) {
    this.said.textContent = text;
    this.said.classList.toggle("wrong", isWrong);
  }

  // A key that is held decides one cell, and one that ends a word of an input method none.
  pressed(event, row) {
    if (event.isComposing) return;
    const isUndone = (event.ctrlKey || event.metaKey) && event.key === "z";
    const acts = {
      Enter: () => event.repeat || this.decide(row),
      ArrowDown: () => this.move(row, 1),
      ArrowUp: () => this.move(row, -1),
      Escape: () => (row.field.value = row.read),
    };
    const isTyped = row.field.value !== row.shown;
    const act = isUndone && !isTyped ? () => this.undo() : acts[event.key];
    if (!act || ((event.ctrlKey || event.metaKey || event.altKey) && !isUndone)) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  }

  move(row, step) {
    const next = this.rows[this.rows.indexOf(row) + step];
    if (next) this.show(next);
  }

  show(row) {
    row.root.scrollIntoView({ block: "nearest" });
    row.field.focus({ preventScroll: true });
  }

  isSettled({ one, isAsked }) {
    return isAsked || this.model.get("stands")[one.key].settled;
  }

  // The next cell is there at once; what became of this one is said when it is in the log.
  async decide(row) {
    const text = row.field.value;
    const at = this.rows.indexOf(row);
    const isNew = !this.isSettled(row) || text !== row.shown;
    const done = isNew && this.ask(row, text);
    const later = [...this.rows.slice(at + 1), ...this.rows.slice(0, at)];
    const next = later.find((one) => !this.isSettled(one)) ?? later[0];
    if (next) this.show(next);
    await done;
  }

  async ask(row, text) {
    const isAsRead = text === row.read;
    const asked = { act: isAsRead ? "accept" : "correct", key: row.one.key, text };
    row.isAsked = true;
    row.shown = text;
    row.state.textContent = this.texts.saving;
    const { ok, said } = await this.line.ask(asked);
    row.isAsked = false;
    row.root.classList.toggle("wrong", !ok);
    this.say(said, !ok);
    if (ok) this.draw();
    else row.state.textContent = said;
  }

  async undo() {
    const { ok, said } = await this.line.ask({ act: "undo" });
    this.say(said, !ok);
    this.draw();
  }
}

export default {
  initialize({ model, signal }) {
    place(new Doubted(model).root, model, signal);
  },
};
