// The desk: findings left, the page right, what is said of the finding below it. Python makes all
// texts, and they come in as text, never as markup; what draws a page stands in sheets.js, what
// signs in signature.js, which come before. In the notebook stands a static table, which
// Python renews; the desk is put in its place as long as a kernel runs, and is no part of the file.
const KEYS = { c: "confirmed", e: "explained", d: "dismissed", v: "needs evidence" };
const WORST = ["error", "warning", "note", "review", "suppressed"];

class Desk {
  constructor(model) {
    this.model = model;
    this.texts = model.get("texts");
    this.line = new Line(model, () => this.say(this.texts["no kernel"], true));
    this.root = made(null, "section", "auditkit-desk");
    this.root.setAttribute("aria-label", this.texts.title);
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    this.build();
    for (const what of ["cases", "stands", "forms"]) model.on(`change:${what}`, () => this.redraw());
    model.on("change:said", () => this.say(model.get("said")));
    this.draw();
    this.choose(this.shown()[0]?.key, false);
    this.say(model.get("said"));
  }

  build() {
    const { root, texts } = this;
    this.forms = made(root, "nav", "forms");
    this.forms.setAttribute("aria-label", texts.forms);
    made(root, "p", "help", texts.help);
    this.said = made(root, "p", "said");
    this.said.setAttribute("role", "status");
    this.tools(made(root, "div", "tools"));
    const left = made(root, "div", "left");
    this.list = made(left, "div", "list");
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", texts.title);
    const right = made(root, "div", "right");
    this.page = new Page(right, texts, {
      ask: (sheet) => this.ask({ act: "sheet", sheet }),
      chosen: (key, path) => this.fromPage(key, path),
    });
    this.detail = made(right, "div", "detail");
    this.decisions(made(root, "div", "decide"));
    this.signature = new Signature(root, this);
  }

  tools(bar) {
    const { texts } = this;
    const redraw = () => this.draw(true);
    const shown = ["all", "undecided", "stale", "asking"].map((name) => [name, texts[name]]);
    this.filter = chooser(bar, texts.filter, "filter", shown, redraw);
    this.severity = chooser(bar, texts.severity, "severity", [["", texts.all]], redraw);
    this.rule = chooser(bar, texts.rule, "rule", [["", texts.all]], redraw);
    const orders = ["by severity", "by rule", "by subject"].map((name) => [name, texts[name]]);
    this.order = chooser(bar, texts.sort, "order", orders, redraw);
    this.search = labelled(bar, texts.search, "input", "search");
    this.search.type = "search";
    this.search.oninput = redraw;
    this.group = labelled(bar, texts.group, "input", "group");
    this.group.type = "checkbox";
    this.group.onchange = redraw;
  }

  decisions(bar) {
    const { texts } = this;
    this.buttons = made(bar, "span", "buttons");
    for (const [key, decision] of Object.entries(KEYS)) {
      const name = `act ${decision.replace(" ", "-")}`;
      button(this.buttons, `${texts[decision]} (${key})`, name, () => this.decide(decision));
    }
    button(this.buttons, `${texts.undo} (u)`, "undo", () => this.ask({ act: "undo" }));
    this.agree = made(bar, "span", "buttons second");
    button(this.agree, `${texts.agree} (a)`, "act agree", () => this.judge(""));
    button(this.agree, `${texts["send back"]} (b)`, "act back", () => this.judge(this.note.value || texts["send back"]));
    this.note = labelled(bar, `${texts.note} (n)`, "input", "note");
    this.note.oninput = () => {
      clearTimeout(this.typed);
      this.typed = setTimeout(() => this.draft(), 400);
    };
    this.note.onblur = () => this.draft();
    this.proof = labelled(bar, texts.proof, "input", "proof");
    this.proof.type = "file";
    const chosen = this.proof.previousSibling; // its own words are those of the browser's language
    this.proof.onchange = () => {
      const name = this.proof.files[0]?.name;
      chosen.textContent = name ? `${texts.attached}: ${name}` : texts.proof;
    };
    const all = made(bar, "span", "of-rule");
    this.whole = made(all, "select", "whole");
    this.whole.setAttribute("aria-label", texts.decision);
    for (const act of Object.values(KEYS)) made(this.whole, "option", "", texts[act]).value = act;
    const one = button(all, texts["decide rule"], "decide-rule", () => this.decideRule());
    one.title = texts["decide rule how"];
  }

  // What is shown, and in which order.
  form() {
    const forms = this.model.get("forms");
    return forms.find((form) => form.number === this.model.get("at")) ?? forms[0];
  }

  stand(key) {
    return this.model.get("stands")[key];
  }

  current() {
    return this.model.get("cases").find((one) => one.key === this.key);
  }

  own() {
    const { number } = this.form();
    return this.model.get("cases").filter((one) => one.form === number);
  }

  shown() {
    const wanted = this.search.value.trim().toLowerCase();
    const some = this.own().filter((one) => {
      const stand = this.stand(one.key);
      const kept = {
        all: true,
        undecided: one.asks && !stand.decision,
        stale: Boolean(stand.was),
        asking: stand.decision === "needs evidence",
      }[this.filter.value];
      const said = [one.rule, one.title, one.subject, one["what was found"], stand.note];
      const isFound = !wanted || said.some((text) => text.toLowerCase().includes(wanted));
      const isOne = !this.severity.value || one.level === this.severity.value;
      return kept && isFound && isOne && (!this.rule.value || one.rule === this.rule.value);
    });
    const worst = (one) => WORST.indexOf(one.level);
    const order = {
      "by severity": (a, b) => worst(a) - worst(b),
      "by rule": (a, b) => a.rule.localeCompare(b.rule),
      "by subject": (a, b) => a.subject.localeCompare(b.subject),
    }[this.order.value];
    some.sort(order);
    return this.group.checked ? some.sort((a, b) => a.rule.localeCompare(b.rule)) : some;
  }

  // What comes in one message is drawn once.
  redraw() {
    this.due ??= Promise.resolve().then(() => {
      this.due = undefined;
      this.draw();
    });
  }

  draw(isAnew = false) {
    const had = this.list.contains(document.activeElement);
    this.drawForms();
    this.drawChoices();
    this.drawList();
    if (isAnew || !this.current()) {
      const some = this.shown();
      if (!some.some((one) => one.key === this.key)) this.choose(some[0]?.key, false);
    }
    this.drawDetail();
    this.signature.draw();
    const isSecond = this.signature.isSecond();
    this.agree.hidden = !isSecond;
    this.buttons.hidden = isSecond;
    // What is signed takes no decision before it is reopened.
    const { is_signed: isLocked } = this.form();
    for (const one of this.buttons.children) one.disabled = isLocked;
    for (const one of [this.proof.parentNode, this.whole.parentNode]) one.hidden = isLocked;
    if (had) this.selected()?.focus({ preventScroll: true });
  }

  drawForms() {
    this.forms.replaceChildren();
    const at = this.form().number;
    for (const form of this.model.get("forms")) {
      const one = button(this.forms, "", "form", () => this.toForm(form.number));
      one.setAttribute("aria-pressed", form.number === at);
      made(one, "b", "", form.name);
      const counts = made(one, "span", "counts");
      const signs = this.model.get("signs");
      for (const [level, count] of Object.entries(form.counts))
        made(counts, "span", level, `${signs[level]} ${count}`);
      const state = form.signatures.length ? form.signatures.join("; ") : this.texts.unsigned;
      made(one, "span", "state", [form.progress, form.asking, state].filter(Boolean).join(" · "));
      made(one, "progress").max = form.all || 1;
      one.lastChild.value = form.all ? form.decided : 1;
      one.lastChild.setAttribute("aria-label", form.progress);
    }
  }

  drawChoices() {
    const fill = (select, pairs) => {
      const before = select.value;
      while (select.options.length > 1) select.lastChild.remove();
      for (const [value, said] of pairs) made(select, "option", "", said).value = value;
      select.value = [...select.options].some((one) => one.value === before) ? before : "";
    };
    const own = this.own();
    const rules = new Map(own.map((one) => [one.rule, `${one.rule} ${one.title}`]));
    fill(this.rule, [...rules].sort());
    fill(this.severity, new Map(own.map((one) => [one.level, `${one.sign} ${one.severity}`])));
  }

  drawList() {
    const at = this.list.scrollTop;
    this.list.replaceChildren();
    const some = this.shown();
    if (!some.length) made(this.list, "p", "nothing", this.texts.nothing);
    let rule = "";
    for (const one of some) {
      if (this.group.checked && one.rule !== rule) {
        rule = one.rule;
        made(this.list, "h4", "", `${one.rule} ${one.title}`);
      }
      this.row(one);
    }
    this.list.scrollTop = at;
  }

  row(one) {
    const stand = this.stand(one.key);
    const line = made(this.list, "div", `row ${one.level}`);
    line.dataset.key = one.key;
    line.setAttribute("role", "option");
    this.mark(line);
    made(line, "span", "severity", `${one.sign} ${one.severity}`);
    made(line, "span", "rule", one.rule);
    made(line, "span", "subject", one.subject);
    made(line, "span", "found", one["what was found"]).title = one["what was found"];
    const { texts } = this;
    const judged = this.signature.said(one.key);
    const said = [stand.decision && texts[stand.decision], stand.standing, judged];
    made(line, "span", "decision", said.filter(Boolean).join(" · "));
    const note = stand.draft ? `${texts.draft}: ${stand.draft}` : stand.note;
    if (note || stand.proof) made(line, "span", "noted", [note, stand.proof].filter(Boolean).join("; "));
    line.onclick = () => this.choose(one.key);
  }

  mark(line) {
    const isOn = line.dataset.key === this.key;
    line.setAttribute("aria-selected", isOn);
    line.tabIndex = isOn ? 0 : -1;
  }

  selected() {
    return [...this.list.children].find((line) => line.dataset.key === this.key);
  }

  choose(key, isFocused = true) {
    if (this.key && key !== this.key) this.draft();
    this.key = key;
    for (const line of this.list.querySelectorAll(".row")) this.mark(line);
    const line = this.selected();
    const stand = key && this.stand(key);
    this.note.value = stand ? stand.draft || localStorage.getItem(this.stored(key)) || stand.note : "";
    this.proof.value = "";
    this.proof.onchange();
    this.drawDetail();
    if (line) {
      const { offsetTop: top, offsetHeight: high } = line;
      const { scrollTop: from, clientHeight: room } = this.list;
      if (top < from || top + high > from + room) this.list.scrollTop = top - room / 3;
      if (isFocused) line.focus({ preventScroll: true });
    }
    this.page.frames(this.own(), key, this.form().sheets);
  }

  // A cell was chosen on the page: its figure is shown, of the finding at hand or of another.
  fromPage(key, path) {
    if (key !== this.key) this.choose(key, false);
    const line = [...this.detail.querySelectorAll("li")].find((one) => one.dataset.path === path);
    line?.querySelector(".jump").focus({ preventScroll: true });
    line?.classList.add("here");
  }

  move(step) {
    const keys = this.shown().map((one) => one.key);
    if (!keys.length) return;
    const at = keys.indexOf(this.key) + step;
    this.choose(keys[Math.max(0, Math.min(at, keys.length - 1))]);
  }

  toForm(number) {
    this.model.set("at", number);
    this.model.save_changes();
    this.key = undefined;
    this.draw(true);
  }

  // What is said of a finding.
  drawDetail() {
    const { detail, texts } = this;
    const one = this.current();
    detail.replaceChildren();
    if (!one) return;
    made(detail, "h4", "", `${one.sign} ${one.severity}: ${one.rule} ${one.title}`);
    const told = made(detail, "dl");
    const parts = ["what was found", "printed", "recomputed", "arithmetic", "question", "basis"];
    for (const name of [...parts, "standards"]) {
      if (!one[name]) continue;
      made(told, "dt", "", texts[name]);
      made(told, "dd", name.replaceAll(" ", "-"), one[name]);
    }
    if (one.doubts.length) {
      made(told, "dt", "", texts.doubts);
      made(told, "dd", "doubts", one.doubts.join("; "));
    }
    if (!one.figures.length) return;
    made(detail, "h5", "", texts.figures);
    const figures = made(detail, "ul", "figures");
    for (const figure of one.figures) this.figure(figures, figure);
  }

  figure(list, figure) {
    const { texts } = this;
    const line = made(list, "li");
    line.dataset.path = figure.path;
    const text = `${figure.label}: ${figure.text || "—"}`;
    const jump = button(line, text, "jump", () => {
      const spot = figure.spots[0];
      if (spot?.sheet) this.page.to(spot);
    });
    jump.disabled = !figure.spots[0]?.sheet;
    if (!figure.sure) made(line, "span", "unsure", texts.unsure);
    button(line, texts.correct, "correct", () => this.correcting(line, figure));
  }

  correcting(line, figure) {
    const { texts } = this;
    const box = made(line, "form", "correcting");
    line.querySelector(".correct").hidden = true;
    const reads = labelled(box, texts.reads, "input", "reads");
    reads.value = figure.text;
    const why = labelled(box, texts.why, "input", "why");
    const done = () => {
      box.remove();
      line.querySelector(".correct").hidden = false;
    };
    made(box, "button", "save", texts.save).type = "submit";
    button(box, texts.cancel, "cancel", done);
    box.onsubmit = async (event) => {
      event.preventDefault();
      const asked = { act: "correct", path: figure.path, text: reads.value, note: why.value };
      if ((await this.ask(asked)).ok) done();
    };
    reads.select();
    reads.focus();
  }

  // What is done, and what became of it.
  say(text, isWrong = false) {
    this.said.textContent = text;
    this.said.classList.toggle("wrong", isWrong);
  }

  async ask(asked, buffers = []) {
    const isDone = asked.act !== "sheet" && asked.act !== "draft";
    if (isDone) this.say(this.texts.saving);
    const answer = await this.line.ask(asked, buffers);
    if (isDone || !answer.ok) this.say(answer.said, !answer.ok);
    return answer;
  }

  async decide(decision) {
    const { key } = this;
    if (!key) return;
    const keys = this.shown().map((one) => one.key);
    const asked = { act: "decide", key, decision, note: this.note.value };
    const file = this.proof.files[0];
    clearTimeout(this.typed);
    const buffers = file ? [await file.arrayBuffer()] : [];
    this.drop(key);
    const { ok } = await this.ask({ ...asked, proof: file?.name ?? "" }, buffers);
    if (!ok || this.key !== key) return;
    const later = [...keys.slice(keys.indexOf(key) + 1), ...keys.slice(0, keys.indexOf(key))];
    const next = later.find((one) => !this.stand(one)?.decision) ?? later[0] ?? key;
    this.choose(next);
  }

  decideRule() {
    const one = this.current();
    const asked = { act: "decide rule", rule: one?.rule, decision: this.whole.value };
    if (one) this.ask({ ...asked, note: this.note.value });
  }

  stored(key) {
    return `auditkit ${this.model.get("auditor")} ${key}`;
  }

  drop(key) {
    localStorage.removeItem(this.stored(key));
  }

  draft() {
    clearTimeout(this.typed);
    const { key } = this;
    const stand = key && this.stand(key);
    const note = this.note.value;
    if (!stand || note === (stand.draft || stand.note) || this.signature.isSecond()) return;
    localStorage.setItem(this.stored(key), note);
    this.ask({ act: "draft", key, note });
  }

  judge(note) {
    if (!this.key) return;
    this.signature.judge(this.key, note);
    this.drawList();
    this.move(1);
  }

  pressed(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches("input, select, textarea")) {
      if (target === this.note && key === "Enter") {
        const { decision } = this.stand(this.key) ?? {};
        if (decision && !this.signature.isSecond()) this.decide(decision);
        else this.draft();
      } else if (key !== "Escape") return;
      this.selected()?.focus({ preventScroll: true });
    } else {
      const isSecond = this.signature.isSecond();
      const acts = {
        ArrowDown: () => this.move(1),
        ArrowUp: () => this.move(-1),
        j: () => this.move(1),
        k: () => this.move(-1),
        n: () => this.note.focus(),
        f: () => this.search.focus(),
        "[": () => this.page.turn(-1),
        "]": () => this.page.turn(1),
        "+": () => this.page.enlarge(1.25),
        "-": () => this.page.enlarge(0.8),
        u: () => isSecond || this.ask({ act: "undo" }),
        a: () => isSecond && this.judge(""),
        b: () => isSecond && this.judge(this.note.value || this.texts["send back"]),
      };
      const isOnPage = this.page.root.contains(target) && key.startsWith("Arrow");
      const act = key in KEYS && !isSecond ? () => this.decide(KEYS[key]) : acts[key];
      if (!act || isOnPage) return;
      act();
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

export default {
  initialize({ model, signal }) {
    place(new Desk(model).root, model, signal);
  },
};
