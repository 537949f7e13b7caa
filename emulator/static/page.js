"use strict";
// The chat page: phones side by side, everybody's newest messages, a clock to move.
// Every word that people or the service wrote goes into the page as a text node, never as HTML.

const POLL_MS = 600;
const SLOW_POLL_MS = 2500;
const FEED_LENGTH = 120;
const APART_MS = 5 * 60 * 1000;
const AVATARS = ["#5b8def", "#2ba471", "#d9822b", "#8a63d2", "#c2557a", "#3c9aa8", "#7a8b2f", "#b0623a"];
const messages = new Map();
const phones = [];
const seen = new Map();
const busy = new Map();
let world = { members: [], groups: [], app: {}, bot: {}, connected: {} };
let seq = 0;
let feedReady = false;

// -- small tools

function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false && one !== ""));
  return node;
}

const byId = (id) => document.getElementById(id);
const safeUrl = (url) => (/^https?:\/\//i.test(String(url || "")) ? String(url) : "");
const member = (userid) => world.members.find((one) => one.userid.toLowerCase() === String(userid).toLowerCase());
const nameOf = (userid) => (member(userid) || { name: userid }).name;
const number = (message) => Number(message.id.slice(1));

function link(url, label) {
  const address = safeUrl(url);
  return address ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label) : label;
}

function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.classList.add("on");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => box.classList.remove("on"), 3800);
}

async function ask(action, body) {
  const options = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch("/emulator/api/" + action, options);
  const data = await answer.json().catch(() => ({ error: `模拟器出错了（HTTP ${answer.status}）` }));
  if (!answer.ok) throw new Error(data.error || "出错了");
  return data;
}

const FAILED = { failed: "没有送达", dropped: "没有送达", refused: "对方的答复不合规定，手机上看不到" };

async function act(action, body) {
  try {
    const result = await ask(action, body);
    if (FAILED[result.status]) toast(`${FAILED[result.status]}：${result.error}`);
    return result;
  } catch (error) {
    toast(error.message);
    return null;
  } finally {
    await poll();
  }
}

function avatar(name) {
  const node = h("span", { className: "avatar", ariaHidden: "true" }, [...name][0] || "?");
  const sum = [...name].reduce((total, one) => total + one.codePointAt(0), 0);
  node.style.background = AVATARS[sum % AVATARS.length];
  return node;
}

// -- words: plain text with <a href>, and the little markdown WeCom knows

function plain(text) {
  const parts = [];
  const pattern = /<a\s+href=["']([^"'<>]*)["'][^<>]*>([^<]*)<\/a>|(https?:\/\/[^\s<>"'，。；）]+)/gi;
  let last = 0;
  for (const found of text.matchAll(pattern)) {
    parts.push(text.slice(last, found.index));
    parts.push(found[3] ? link(found[3], found[3]) : link(found[1], found[2]));
    last = found.index + found[0].length;
  }
  parts.push(text.slice(last));
  return parts.filter((one) => one !== "");
}

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]*)\]\((https?:\/\/[^\s)]+)\)|<font color=["'](info|comment|warning)["']>(.*?)<\/font>/g;

function inline(text) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(...plain(text.slice(last, found.index)));
    const [all, bold, code, label, url, color, coloured] = found;
    if (bold) parts.push(h("strong", null, inline(bold)));
    else if (code) parts.push(h("code", null, code));
    else if (color) parts.push(h("span", { className: "font-" + color }, inline(coloured)));
    else parts.push(link(url, label));
    last = found.index + all.length;
  }
  parts.push(...plain(text.slice(last)));
  return parts;
}

const BLOCKS = [
  { fits: /^#{1,6}\s+/, wrap: null, make: (line) => h("h4", null, inline(line.replace(/^#{1,6}\s+/, ""))) },
  { fits: /^>\s?/, wrap: "blockquote", make: (line) => h("div", null, inline(line.replace(/^>\s?/, ""))) },
  { fits: /^\s*[-*]\s+/, wrap: "ul", make: (line) => h("li", null, inline(line.replace(/^\s*[-*]\s+/, ""))) },
  { fits: /^\s*\d+[.)]\s+/, wrap: "ol", make: (line) => h("li", null, inline(line.replace(/^\s*\d+[.)]\s+/, ""))) },
  { fits: /^\|.*\|\s*$/, wrap: "table", make: tableRow },
];

function tableRow(line) {
  const cells = line.trim().slice(1, -1).split("|");
  if (cells.every((one) => /^\s*:?-+:?\s*$/.test(one))) return null;
  return h("tr", null, cells.map((one) => h("td", null, inline(one.trim()))));
}

function markdown(text) {
  const out = [];
  let code = null;
  for (const line of text.replace(/<\/?think>/g, "").split("\n")) {
    if (line.startsWith("```")) {
      if (code) code = null;
      else out.push((code = h("pre", null)));
    } else if (code) {
      code.append(line + "\n");
    } else {
      addLine(out, line);
    }
  }
  return out;
}

function addLine(out, line) {
  const block = BLOCKS.find((one) => one.fits.test(line));
  const before = out[out.length - 1];
  if (!block) {
    if (line.trim() === "") out.push(null);
    else if (before && before.tagName === "P") before.append(h("br"), ...inline(line));
    else out.push(h("p", null, inline(line)));
    return;
  }
  const made = block.make(line);
  if (made === null) return;
  if (!block.wrap) out.push(made);
  else if (before && before.tagName === block.wrap.toUpperCase()) before.append(made);
  else {
    const wrap = h(block.wrap, null, made);
    if (block.wrap === "ol") wrap.start = parseInt(line, 10) || 1;
    out.push(wrap);
  }
}

// -- cards

function renderCard(phone, message, face) {
  const card = face.card || {};
  const dead = face.state === "greyed";
  const title = card.main_title || {};
  const inside = h("div", { className: "inside" }, [
    card.source && card.source.desc && h("div", { className: "source c" + Number(card.source.desc_color || 0) }, card.source.desc),
    title.title && h("h3", null, title.title),
    title.desc && h("div", { className: "desc" }, title.desc),
    card.emphasis_content && h("div", { className: "emphasis" }, h("b", null, card.emphasis_content.title || ""), h("span", { className: "desc" }, card.emphasis_content.desc || "")),
    card.image_text_area && h("div", { className: "cited" }, card.image_text_area.title || "", h("br"), card.image_text_area.desc || ""),
    card.card_image && h("div", { className: "cited" }, link(card.card_image.url, "[图片]")),
    card.quote_area && h("div", { className: "cited" }, card.quote_area.title && h("b", null, card.quote_area.title), card.quote_area.title && h("br"), card.quote_area.quote_text || ""),
    card.sub_title_text && h("p", { className: "sub" }, plain(card.sub_title_text)),
    ...(card.vertical_content_list || []).map((one) => h("div", { className: "cited" }, h("b", null, one.title || ""), h("br"), one.desc || "")),
    rows(card.horizontal_content_list),
  ]);
  const questions = askParts(card, dead, message.picked || {});
  inside.append(...questions.nodes);
  return h("div", { className: "card" }, inside, taps(phone, message, face, questions.read), menu(phone, message, face), jumps(phone, message, card));
}

function rows(list) {
  if (!list || !list.length) return null;
  return h("dl", null, list.map((one) => [
    h("dt", null, one.keyname || ""),
    h("dd", null, one.type === 1 ? link(one.url, one.value || "查看") : one.type === 3 && !one.value ? nameOf(one.userid) : one.value || ""),
  ]));
}

function askParts(card, dead, picked) {
  const nodes = [];
  const readers = [];
  for (const one of [card.button_selection, ...(card.select_list || [])].filter(Boolean)) {
    const select = h("select", { disabled: dead || Boolean(one.disable), ariaLabel: one.title || "请选择" },
      (one.option_list || []).map((option) => h("option", { value: option.id, selected: option.id === ((picked[one.question_key] || [])[0] || one.selected_id) }, option.text)));
    nodes.push(h("label", { className: "ask" }, one.title && h("span", null, one.title), select));
    readers.push(() => [one.question_key, select.value ? [select.value] : []]);
  }
  if (card.checkbox) {
    const kind = card.checkbox.mode === 1 ? "checkbox" : "radio";
    const group = "g" + Math.random().toString(36).slice(2);
    const boxes = (card.checkbox.option_list || []).map((option) =>
      h("input", { type: kind, name: group, value: option.id, checked: picked[card.checkbox.question_key] ? picked[card.checkbox.question_key].includes(option.id) : Boolean(option.is_checked), disabled: dead || Boolean(card.checkbox.disable) }));
    nodes.push(h("fieldset", null, boxes.map((box, index) => h("label", null, box, card.checkbox.option_list[index].text))));
    readers.push(() => [card.checkbox.question_key, boxes.filter((one) => one.checked).map((one) => one.value)]);
  }
  const read = () => Object.fromEntries(readers.map((reader) => reader()).filter(([, chosen]) => chosen.length));
  return { nodes, read };
}

function taps(phone, message, face, read) {
  if (face.state === "greyed") return h("div", { className: "taps" }, h("span", { className: "done" }, face.label || "已处理"));
  const buttons = [...((face.card || {}).button_list || []), (face.card || {}).submit_button].filter(Boolean);
  if (face.label) return h("div", { className: "taps" }, h("span", { className: "done" }, face.label));
  if (!buttons.length) return null;
  return h("div", { className: "taps" }, buttons.map((one) => {
    if (one.type === 1) return h("button", { type: "button", className: "s2", onclick: () => openUrl(one.url) }, one.text);
    const style = [1, 2, 3, 4].includes(one.style) ? one.style : 1;
    return h("button", { type: "button", className: "s" + style, disabled: Boolean(one.disable), onclick: (event) => tap(event.currentTarget, phone, message, one.key, read()) }, one.text);
  }));
}

function openUrl(url) {
  const address = safeUrl(url);
  if (address) window.open(address, "_blank", "noopener,noreferrer");
}

function menu(phone, message, face) {
  const actions = (((face.card || {}).action_menu || {}).action_list || []);
  if (!actions.length || face.state === "greyed") return null;
  return h("div", { className: "taps menu" }, actions.map((one) =>
    h("button", { type: "button", onclick: (event) => tap(event.currentTarget, phone, message, one.key, {}) }, one.text)));
}

function jumps(phone, message, card) {
  const list = (card.jump_list || []).map((one) => {
    if (one.type === 3) return h("button", { type: "button", onclick: () => say(phone, { text: one.question, chat: message.chat }) }, one.title);
    return safeUrl(one.url) ? link(one.url, one.title) : null;
  }).filter(Boolean);
  const more = card.card_action && safeUrl(card.card_action.url) ? [link(card.card_action.url, "查看详情")] : [];
  return list.length + more.length ? h("div", { className: "links" }, list, more) : null;
}

async function tap(button, phone, message, key, selected) {
  button.setAttribute("aria-busy", "true");
  await act("click", { userid: phone.userid, message_id: message.id, key, selected });
  button.removeAttribute("aria-busy");
}

// -- one message

function faceFor(message, userid) {
  return message.faces[userid.toLowerCase()] || message;
}

function renderSafely(phone, message) {
  try {
    return renderMessage(phone, message);
  } catch (error) {
    return h("div", { className: "note bad" }, "这条消息显示不出来：" + message.text);
  }
}

function renderMessage(phone, message) {
  const mine = message.sender.toLowerCase() === phone.userid.toLowerCase();
  const face = faceFor(message, phone.userid);
  if (face.state === "recalled") return h("div", { className: "recalled" }, `${message.sender_name}撤回了一条消息`);
  const group = !message.owner;
  const stack = h("div", { className: "stack" },
    group && !mine && h("div", { className: "sender" }, message.sender_name),
    body(phone, message, face),
    message.quote && h("div", { className: "quote" }, message.quote),
    message.note && note(message),
    message.feedback_id && !mine && judge(phone, message));
  const wide = face.card || message.links.length ? " wide" : "";
  return h("div", { className: "row" + (mine ? " mine" : "") + wide }, avatar(message.sender_name), stack);
}

function note(message) {
  const kind = message.note.startsWith("正在") ? " run" : message.note.startsWith("没有送达") ? " bad" : "";
  return h("div", { className: "note" + kind }, message.note);
}

function body(phone, message, face) {
  if (face.card) return renderCard(phone, message, face);
  if (message.links.length) return renderLinks(message);
  const words = message.kind === "image" || (message.pictures.length && face.text === "[图片]") ? "" : face.text;
  const shown = message.pictures.length ? words.replace(/\s*(\[图片\])+\s*$/, "") : words;
  const photos = message.pictures.map((id) =>
    h("img", { className: "photo", alt: "照片", loading: "lazy", src: "/emulator/picture/" + encodeURIComponent(id) }));
  if (!shown && photos.length) return h("div", { className: "bubble bare" }, photos);
  const content = message.kind === "markdown" ? markdown(shown) : plain(shown);
  const waiting = message.note.startsWith("正在") && !shown;
  return h("div", { className: "bubble" }, waiting ? dots() : content, photos);
}

function renderLinks(message) {
  return h("div", { className: "card" }, message.links.map((one) => h("div", { className: "inside" },
    h("h3", null, link(one.url, one.title)), one.description && h("div", { className: "desc" }, one.description))));
}

function dots() {
  return h("span", { className: "dots", role: "img", ariaLabel: "正在输入" }, h("i"), h("i"), h("i"));
}

function judge(phone, message) {
  const send = (type) => act("feedback", { userid: phone.userid, message_id: message.id, type }).then((done) => done && toast("谢谢您的反馈"));
  return h("div", { className: "judge" }, h("button", { type: "button", onclick: () => send(1) }, "有用"), h("button", { type: "button", onclick: () => send(2) }, "没用"));
}

// -- a phone

class Phone {
  constructor(userid) {
    this.userid = userid;
    this.chat = "app";
    this.nodes = new Map();
    this.photos = [];
    this.build();
    this.become(userid);
  }

  build() {
    this.face = h("span");
    this.place = h("small");
    this.select = h("select", { ariaLabel: "我是谁", onchange: () => this.become(this.select.value, true) }, peopleByRole());
    this.tabs = h("div", { className: "tabs", role: "tablist" });
    this.list = h("div", { className: "chat", role: "log", tabIndex: 0, ariaLabel: "聊天内容" });
    this.input = h("textarea", { rows: 1, maxLength: 2000, ariaLabel: "写消息", placeholder: "写消息", oninput: () => this.grow(), onkeydown: (event) => this.onKey(event) });
    this.at = h("input", { type: "checkbox", checked: true });
    this.file = h("input", { type: "file", accept: "image/*", multiple: true, hidden: true, onchange: () => this.pick() });
    this.pending = h("div", { className: "pending" });
    this.atLabel = h("label", { className: "at", title: "群里不@机器人，它就收不到" }, this.at, "@" + (world.bot.name || "机器人"));
    this.where = h("button", { type: "button", onclick: () => this.sendPlace() }, "位置");
    this.sendButton = h("button", { type: "submit" }, "发送");
    this.node = h("section", { className: "phone", ariaLabel: "手机" },
      h("div", { className: "who" }, this.face, h("label", null, this.place, this.select),
        h("button", { type: "button", className: "close", title: "收起这部手机", ariaLabel: "收起这部手机", onclick: () => removePhone(this) }, "×")),
      this.tabs, this.list,
      h("form", { className: "composer", onsubmit: (event) => { event.preventDefault(); this.send(); } },
        this.pending,
        h("div", { className: "tools" }, this.atLabel,
          h("button", { type: "button", onclick: () => this.file.click() }, "照片"),
          h("button", { type: "button", onclick: () => this.addSample() }, "示例照片"),
          this.where, this.file),
        h("div", { className: "write" }, this.input, this.sendButton)));
  }

  become(userid, byHand) {
    const person = member(userid);
    if (!person) return;
    this.userid = person.userid;
    this.select.value = person.userid;
    this.face.replaceChildren(avatar(person.name));
    this.place.textContent = person.label;
    const chats = this.chats();
    if (!chats.some((one) => one.id === this.chat)) this.chat = chats[0].id;
    this.reset();
    if (byHand) this.enter();
  }

  chats() {
    const groups = world.groups.filter((one) => one.members.some((userid) => userid.toLowerCase() === this.userid.toLowerCase()));
    return [
      { id: "app", name: world.app.name },
      { id: "bot", name: world.bot.name },
      ...groups.map((one) => ({ id: one.chat_id, name: one.name })),
    ];
  }

  open(chat, byHand) {
    this.chat = chat;
    this.reset();
    if (byHand) this.enter();
  }

  enter() {
    if (this.chat === "bot" && world.connected.bot) ask("open", { userid: this.userid, via: "bot" }).then(poll, () => {});
    if (this.chat === "app" && world.connected.app) ask("open", { userid: this.userid, via: "app" }).then(poll, () => {});
  }

  reset() {
    this.nodes.clear();
    this.list.replaceChildren();
    this.at.checked = true;
    this.render();
    this.list.scrollTop = this.list.scrollHeight;
  }

  inChat(message, chat) {
    if (message.chat !== chat) return false;
    return !message.owner || message.owner.toLowerCase() === this.userid.toLowerCase();
  }

  render() {
    const near = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 90;
    const mine = [...messages.values()].filter((one) => this.inChat(one, this.chat));
    this.renderList(mine);
    if (mine.length) seen.set(this.key(this.chat), number(mine[mine.length - 1]));
    this.renderTabs();
    const inGroup = this.chat !== "app" && this.chat !== "bot";
    this.atLabel.hidden = !inGroup;
    this.atLabel.style.display = inGroup ? "" : "none";
    this.where.style.display = this.chat === "app" ? "" : "none";
    if (near) this.list.scrollTop = this.list.scrollHeight;
  }

  renderList(mine) {
    let before = null;
    const wanted = [];
    for (const message of mine) {
      if (!before || new Date(message.at) - new Date(before.at) > APART_MS || new Date(message.at) < new Date(before.at)) wanted.push(this.keyed("t" + message.id, 0, () => h("div", { className: "when" }, when(message.at))));
      wanted.push(this.keyed(message.id, message.seq, () => renderSafely(this, message)));
      before = message;
    }
    if (busy.get(this.key(this.chat))) wanted.push(this.keyed("dots", 0, () => this.typing()));
    if (!wanted.length) wanted.push(this.keyed("empty", 0, () => h("div", { className: "empty" }, "还没有消息，写一句试试。")));
    sync(this.list, wanted);
  }

  typing() {
    const name = this.chat === "app" ? world.app.name : world.bot.name;
    return h("div", { className: "row" }, avatar(name), h("div", { className: "stack" }, h("div", { className: "bubble" }, dots())));
  }

  keyed(id, version, make) {
    const known = this.nodes.get(id);
    if (known && known.version === version) return known.node;
    const node = make();
    this.nodes.set(id, { version, node });
    return node;
  }

  renderTabs() {
    const wanted = this.chats().map((one) => {
      const unread = one.id === this.chat ? 0 : this.unread(one.id);
      const version = [unread, one.id === this.chat].join();
      return this.keyed("tab" + one.id, version, () =>
        h("button", { type: "button", role: "tab", ariaSelected: String(one.id === this.chat), onclick: () => this.open(one.id, true) },
          h("span", { className: "name" }, one.name),
          unread > 0 && h("span", { className: "badge", ariaLabel: unread + "条未读" }, unread > 99 ? "99+" : String(unread))));
    });
    sync(this.tabs, wanted);
  }

  unread(chat) {
    const last = seen.get(this.key(chat)) || 0;
    return [...messages.values()].filter((one) => this.inChat(one, chat) && number(one) > last && one.sender.toLowerCase() !== this.userid.toLowerCase()).length;
  }

  key(chat) {
    return this.userid + "|" + chat;
  }

  // -- writing

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = Math.min(this.input.scrollHeight + 2, 130) + "px";
  }

  onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  async pick() {
    for (const file of this.file.files) {
      if (file.size > 10 * 1024 * 1024) toast("照片太大，最多 10 MB");
      else this.addPhoto(await readFile(file));
    }
    this.file.value = "";
  }

  addPhoto(url) {
    this.photos.push(url);
    this.showPending();
  }

  addSample() {
    this.addPhoto(samplePhoto());
  }

  showPending() {
    this.pending.replaceChildren(...this.photos.map((url, index) => h("button", { type: "button", title: "去掉这张", onclick: () => { this.photos.splice(index, 1); this.showPending(); } },
      h("img", { src: url, alt: "待发送的照片" }))));
  }

  send() {
    const text = this.input.value.trim();
    if (!text && !this.photos.length) return;
    say(this, { text, images: this.photos, mention: this.at.checked, chat: this.chat });
    this.input.value = "";
    this.photos = [];
    this.showPending();
    this.grow();
    this.list.scrollTop = this.list.scrollHeight;
  }

  sendPlace() {
    const place = (member(this.userid) || {}).place || "这里";
    const label = window.prompt("发送哪个位置？", place);
    if (label) say(this, { location: [27.914, 112.527, label], chat: this.chat });
  }
}

async function say(phone, said) {
  const { chat, ...rest } = said;
  const body = { userid: phone.userid, ...rest };
  if (chat === "app" || chat === "bot") body.via = chat;
  else body.chat = chat;
  const key = phone.key(chat);
  const expects = (chat === "app" || chat === "bot" || said.mention !== false) && (chat === "app" ? world.connected.app : world.connected.bot);
  if (expects) busy.set(key, (busy.get(key) || 0) + 1);
  setTimeout(poll, 60);
  await act("say", body);
  if (expects) busy.set(key, busy.get(key) - 1);
  renderAll();
}

function sync(parent, wanted) {
  wanted.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] || null);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild.remove();
}

function peopleByRole() {
  const roles = new Map();
  for (const one of world.members) roles.set(one.role, [...(roles.get(one.role) || []), one]);
  return [...roles].map(([role, people]) => h("optgroup", { label: role }, people.map((one) =>
    h("option", { value: one.userid }, one.place ? `${one.name}（${one.role}）` : `${one.name}（${one.label}）`))));
}

function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = reject;
    reader.readAsDataURL(file);
  });
}

function samplePhoto() {
  const canvas = h("canvas", { width: 480, height: 360 });
  const paint = canvas.getContext("2d");
  const sky = paint.createLinearGradient(0, 0, 0, 360);
  sky.addColorStop(0, "#1b2a4a");
  sky.addColorStop(1, "#5b5a76");
  paint.fillStyle = sky;
  paint.fillRect(0, 0, 480, 360);
  paint.fillStyle = "#2b2f38";
  paint.fillRect(0, 300, 480, 60);
  paint.fillRect(236, 80, 9, 226);
  paint.fillRect(236, 80, 90, 7);
  paint.fillStyle = "#f7d97a";
  paint.beginPath();
  paint.arc(322, 94, 13, 0, Math.PI * 2);
  paint.fill();
  paint.fillStyle = "#ffffff";
  paint.font = "22px sans-serif";
  paint.fillText("示例照片：路灯", 24, 340);
  return canvas.toDataURL("image/png");
}

function when(at) {
  const [day, time] = [at.slice(0, 10), at.slice(11, 16)];
  const [, month, date] = day.split("-").map(Number);
  return `${month}月${date}日 ${time}`;
}

function longDay(at) {
  const [year, month, date] = at.slice(0, 10).split("-").map(Number);
  const week = "日一二三四五六"[new Date(Date.UTC(year, month - 1, date)).getUTCDay()];
  return `${year}年${month}月${date}日 星期${week} ${at.slice(11, 16)}`;
}

// -- everybody's messages

function received(message) {
  return ["app", "bot", "webhook"].includes(message.sender);
}

function feedItem(message, fresh) {
  const person = message.owner ? member(message.owner) : null;
  const group = world.groups.find((one) => one.chat_id === message.chat);
  const to = person ? `${person.name} · ${person.role}` : group ? group.name : message.owner || message.chat;
  const role = person ? " role-" + person.role : "";
  const change = { greyed: `（已变为：${message.label || "不可再点"}）`, replaced: "（已更新）" }[message.state] || "";
  return h("li", { className: fresh ? "fresh" : "" }, h("button", { type: "button", onclick: () => lookAt(message, person, group) },
    h("div", { className: "top" }, h("span", { className: "to" + role }, to), h("span", null, message.sender_name), h("time", null, when(message.at))),
    h("div", { className: "what" }, (bareWords(message.text) || "…") + change)));
}

function bareWords(text) {
  return text.replace(/<\/?(?:a|font)\b[^>]*>/gi, "").replace(/\*\*|^#{1,6}\s+|^>\s?|`/gm, "").trim();
}

const feedNodes = new Map();

function renderFeed() {
  const list = [...messages.values()].filter(received).reverse().slice(0, FEED_LENGTH);
  const wanted = list.map((message) => {
    const known = feedNodes.get(message.id);
    if (known && known.seq === message.seq) return known.node;
    const node = feedItem(message, feedReady && !known);
    feedNodes.set(message.id, { seq: message.seq, node });
    return node;
  });
  if (!wanted.length) wanted.push(h("li", { className: "none" }, "还没有人收到消息。"));
  sync(byId("feed-list"), wanted);
  feedReady = true;
}

function lookAt(message, person, group) {
  const userid = person ? person.userid : group && group.members[0];
  if (!userid) return;
  const open = phones.find((one) => one.userid === userid) || phones[phones.length - 1];
  open.chat = message.chat;
  open.become(userid);
  show("phones");
  open.node.scrollIntoView({ inline: "nearest", block: "nearest" });
}

// -- all together

function renderAll() {
  for (const phone of phones) phone.render();
}

let polling = null;
let again = false;

function poll() {
  if (polling) {
    again = true;
    return polling;
  }
  polling = fetchUpdates().finally(() => {
    polling = null;
    if (again) {
      again = false;
      poll();
    }
  });
  return polling;
}

async function fetchUpdates() {
  try {
    const news = await ask("updates?since=" + seq);
    byId("now").textContent = longDay(news.now);
    byId("now").dateTime = news.now;
    if (news.seq < seq) location.reload();
    seq = news.seq;
    for (const one of news.messages) messages.set(one.id, one);
    if (news.messages.length) {
      renderAll();
      renderFeed();
    }
  } catch (error) {
    byId("now").textContent = "模拟器没有响应";
  }
}

function addPhone(userid) {
  const phone = new Phone(userid);
  phones.push(phone);
  byId("phones").append(phone.node);
  phone.list.scrollTop = phone.list.scrollHeight;
  byId("more-phones").disabled = phones.length >= 6;
}

function removePhone(phone) {
  if (phones.length === 1) return toast("至少留一部手机");
  phones.splice(phones.indexOf(phone), 1);
  phone.node.remove();
  byId("more-phones").disabled = false;
}

function nextPerson() {
  const shown = new Set(phones.map((one) => one.userid));
  const roles = [...new Set(world.members.map((one) => one.role))];
  const used = new Set(phones.map((one) => (member(one.userid) || {}).role));
  const role = roles.find((one) => !used.has(one));
  return world.members.find((one) => one.role === role) || world.members.find((one) => !shown.has(one.userid)) || world.members[0];
}

function show(what) {
  document.body.dataset.show = what;
  for (const button of document.querySelectorAll(".switch button")) button.setAttribute("aria-pressed", String(button.dataset.show === what));
  renderAll();
}

async function moveClock(button) {
  button.setAttribute("aria-busy", "true");
  await act("clock", JSON.parse(button.dataset.step));
  button.removeAttribute("aria-busy");
}

function firstOf(role) {
  return world.members.find((one) => one.role === role);
}

async function start() {
  world = await ask("world");
  document.title = "模拟手机 · " + world.app.name;
  await poll();
  if (!world.members.length) return toast("这个世界里还没有人");
  addPhone((firstOf("居民") || world.members[0]).userid);
  const second = firstOf("邻长") || nextPerson();
  if (window.innerWidth >= 1180 && second && world.members.length > 1) addPhone(second.userid);
  renderFeed();
  byId("next-slot").hidden = !world.slots.length;
  byId("next-slot").title = world.slots.join("、");
  for (const button of document.querySelectorAll(".jumps button")) button.addEventListener("click", () => moveClock(button));
  for (const button of document.querySelectorAll(".switch button")) button.addEventListener("click", () => show(button.dataset.show));
  byId("more-phones").addEventListener("click", () => {
    addPhone(nextPerson().userid);
    phones[phones.length - 1].node.scrollIntoView({ inline: "end", block: "nearest" });
  });
  tick();
}

async function tick() {
  await poll();
  world.connected = world.connected.app && world.connected.bot ? world.connected : (await ask("world").catch(() => world)).connected;
  setTimeout(tick, document.hidden ? SLOW_POLL_MS : POLL_MS);
}

start().catch((error) => toast(error.message));
