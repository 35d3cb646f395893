// The signature below the desk, reopening, and what a second person makes of the findings: each with
// the name of who does it, and a signature with a confirmation that says what is signed.
class Signature {
  constructor(parent, desk) {
    this.desk = desk;
    this.texts = desk.texts;
    this.second = {}; // by keys: "" agrees, a text sends back
    this.root = made(parent, "div", "signature");
  }

  isSecond() {
    const form = this.desk.form();
    return form.is_signed && form.next === "reviewed";
  }

  judge(key, note) {
    this.second[key] = note;
    this.code = "";
    this.draw();
  }

  said(key) {
    const { texts } = this;
    const note = this.second[key];
    return note === undefined ? "" : note ? `${texts["send back"]}: ${note}` : texts.agree;
  }

  judged() {
    const own = this.desk.own().filter((one) => one.key in this.second);
    const back = own.filter((one) => this.second[one.key]);
    return { agreed: own.length - back.length, back };
  }

  draw() {
    const { root, texts } = this;
    const form = this.desk.form();
    if (form.code === this.code && form.number === this.number) return;
    const isSame = form.number === this.number;
    const kept = isSame ? [...root.querySelectorAll("input")].map((input) => input.value) : [];
    Object.assign(this, { code: form.code, number: form.number });
    root.replaceChildren();
    made(root, "h4", "", texts.signature);
    for (const line of form.signatures) made(root, "p", "signed", line);
    made(root, "p", "open", [form.progress, form.asking].filter(Boolean).join(" · "));
    if (this.isSecond()) made(root, "p", "second", texts.second);
    const name = labelled(root, texts.name, "input", "name");
    name.value = kept[0] || (form.next === "prepared" ? this.desk.model.get("auditor") : "");
    const why = labelled(root, texts.reason, "input", "reason");
    why.value = kept[1] ?? "";
    const acts = made(root, "span", "buttons");
    if (form.next) {
      const said = texts[`sign ${form.next}`];
      button(acts, said, "sign", () => this.confirm(acts, form, name, why));
    }
    if (!form.is_signed) return;
    const { back } = this.judged();
    const said = back.length ? `${texts["sent back"]} (${back.length})` : texts.reopen;
    button(acts, said, "reopen", () => this.reopen(name, why, back));
  }

  confirm(acts, form, name, why) {
    const { texts } = this;
    const before = [...acts.children];
    const { agreed } = this.judged();
    const told = [name.value, form.name, form.progress, form.asking];
    if (agreed) told.push(`${texts.agree}: ${agreed}`);
    acts.replaceChildren();
    made(acts, "span", "sure", `${told.filter(Boolean).join(" · ")}. ${texts.sure}`);
    const { code, next: value } = form;
    const sign = button(acts, texts.confirm, "confirm", async () => {
      acts.replaceChildren(...before);
      const asked = { act: "sign", value, code, note: why.value, auditor: name.value };
      if ((await this.desk.ask(asked)).ok) this.done();
    });
    button(acts, texts.cancel, "cancel", () => acts.replaceChildren(...before));
    sign.focus();
  }

  async reopen(name, why, back) {
    const notes = Object.fromEntries(back.map((one) => [one.key, this.second[one.key]]));
    const asked = { act: "reopen", note: why.value, auditor: name.value, notes };
    if ((await this.desk.ask(asked)).ok) this.done();
  }

  // What was typed is done with; a name is typed by each who signs.
  done() {
    for (const input of this.root.querySelectorAll("input")) input.value = "";
    this.second = {};
    this.code = "";
    this.desk.draw();
  }
}

