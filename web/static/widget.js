/* The chat on other people's pages: <hemvist-chat>. It asks nothing and keeps nothing before the visitor opens it,
   needs no style-src of its host (its sheets are constructed), and throws nothing into the host's page. */

const DAY = { card: [255, 255, 255], ink: [26, 35, 39] };
const NIGHT = { card: [27, 37, 41], ink: [236, 234, 228] };
const SELF = document.currentScript || [...document.scripts].find((script) => /\/embed(-\w+)?\.js/.test(script.src));
const BASE = SELF.src.replace(/\/embed[^/]*$/, "");
const SVG = "http://www.w3.org/2000/svg";
const NARROW = "(max-width: 30em), (max-height: 30em)"; // as in widget.css
const LANGUAGES = Object.keys(HEMVIST.texts);

function build(element) {
  const given = (name) => element.dataset[name] || element.getAttribute(name) || SELF.dataset[name] || "";
  const municipality = given("municipality");
  const isInline = element.hasAttribute("inline");
  if (HEMVIST.known.length && !HEMVIST.known.includes(municipality)) {
    console.error(`hemvist-chat: data-municipality: ${HEMVIST.known.join(" or ")}`);
    return null; // no button that leads nowhere; what stands inside the element stays
  }
  const place = HEMVIST.places[municipality] || {};
  const key = `hemvist-chat:${municipality}`;
  element.replaceChildren(); // what stood there for want of a script
  const root = element.attachShadow({ mode: "open" });
  const colours = new CSSStyleSheet();
  const look = new CSSStyleSheet();
  look.replaceSync(HEMVIST.css);
  root.adoptedStyleSheets = [look, colours];

  let language = firstLanguage();
  let chosen = null; // the language the visitor switched to
  let context = null;
  let turns = [];
  let welcome = null;
  let greeting = null;
  let isOpen = isInline;
  let opener = null;
  let parts = {};

  const talk = hemvistTalk({
    api: `${BASE}/api/v1`,
    base: BASE,
    municipality: () => municipality,
    language: () => language,
    texts: () => ({ ...HEMVIST.texts[language], ...welcome?.texts }),
    words: (spoken) => welcome.words[spoken],
    switchboard,
    copy: () => given("copy") && given("copy") + page() + "index.html",
    page,
    icon,
  });
  const { make } = talk;
  const take = talk.taking({ status: () => parts.status, log: () => parts.log, add });

  restore();
  paint(accent());
  render();
  if (isInline && !element.hasAttribute("ready")) watchUse();
  else if (isOpen) greet();
  root.addEventListener("click", follow);
  return { open, close };

  /* what the host page says */

  function firstLanguage() {
    const wanted = given("language");
    const own = (document.documentElement.lang || "").split("-")[0].toLowerCase();
    if (LANGUAGES.includes(wanted)) return wanted;
    if (wanted) warn(`data-language: ${LANGUAGES.join(" or ")}`);
    return LANGUAGES.includes(own) ? own : "sv";
  }

  function accent() {
    const wanted = given("accent");
    if (/^#[0-9a-f]{6}$/i.test(wanted)) return wanted;
    if (wanted) warn("data-accent: #rrggbb");
    return place.accent || welcome?.accent || HEMVIST.accent;
  }

  function switchboard() {
    if (welcome?.switchboard) return welcome.switchboard;
    const phone = given("phone") || place.phone;
    return { name: "", phone, phone_link: phone && `tel:${phone.replace(/[^\d+]/g, "")}`, email: given("email") || place.email };
  }

  function page() {
    return municipality ? `/${encodeURIComponent(municipality)}/${language}/` : "/";
  }

  /* opening and closing */

  function open() {
    if (isOpen && !isInline) return parts.box.focus();
    opener = document.activeElement;
    isOpen = true;
    reveal();
    greet();
    parts.box.focus();
    tell("open", {});
  }

  function close() {
    if (isInline || !isOpen) return;
    const hadFocus = root.activeElement;
    isOpen = false;
    reveal();
    save();
    if (!hadFocus) return;
    if (opener && opener !== document.body && opener !== element && opener.isConnected) opener.focus();
    else parts.launch.focus();
  }

  function reveal() {
    parts.panel.hidden = !isOpen;
    parts.launch.hidden = isOpen;
  }

  function watchUse() {
    parts.panel.addEventListener("focusin", () => { if (!welcome) { greet(); tell("open", {}); } }, { once: true });
  }

  function tell(name, detail) {
    element.dispatchEvent(new CustomEvent(`hemvist:${name}`, { bubbles: true, composed: true, detail }));
  }

  /* asks once, when it is opened, and again where that failed: whose chat it is, whom to call, where others start */
  function greet() {
    if (welcome?.language === language) return null;
    return greeting ??= meet().finally(() => { greeting = null; });
  }

  async function meet() {
    const query = new URLSearchParams({ municipality, language, topic: given("topic"), version: HEMVIST.version });
    const reply = await talk.call(`/welcome?${query}`);
    if (reply.refused) {
      apologize(reply);
      return reply;
    }
    welcome = reply;
    paint(accent());
    dress();
    if (turns.length) parts.log.replaceChildren(...turns.map(node));
    return language === reply.language ? null : meet();
  }

  function apologize(reply) {
    const texts = HEMVIST.texts[language];
    if (reply.code === "municipality_unknown" || !municipality) {
      warn("data-municipality");
      parts.hello.replaceChildren(make("p", {}, texts.misplaced), make("p", {}, talk.link("/", texts.choose)));
    } else if (!turns.length) {
      parts.log.replaceChildren(talk.trouble(reply.refused));
    }
  }

  /* showing */

  function render() {
    const texts = HEMVIST.texts[language];
    const typed = parts.box?.value || "";
    const box = make("textarea", { id: "question", rows: "1", maxlength: "500", enterkeyhint: "send", autocomplete: "off", "aria-describedby": "hint" });
    const list = make("ul", { id: "suggestions", role: "listbox", hidden: "hidden" });
    parts = {
      box, list,
      launch: make("button", { type: "button", class: "launch", "aria-haspopup": "dialog" }, icon("home"), make("span", {}, texts.launch)),
      title: make("h2", { id: "title" }, texts.launch),
      others: LANGUAGES.filter((one) => one !== language).map((one) => make("button", { type: "button", class: "other", lang: one }, HEMVIST.texts[one].spoken)),
      close: make("button", { type: "button", class: "close", "aria-label": texts.close_chat }, icon("remove")),
      official: make("p", { class: "demonstration" }),
      hello: make("div", { class: "hello" }),
      log: make("div", { role: "log", "aria-label": texts.conversation }, ...(welcome ? turns.map(node) : [])),
      tools: make("div", {}),
      status: make("p", { role: "status" }),
      form: make("form", { class: "composer" }, list, make("label", { for: "question" }, texts.label),
        make("div", { class: "row" }, box, make("button", { class: "send" }, icon("send"), make("span", {}, texts.ask))),
        make("p", { class: "hint", id: "hint" }, texts.hint)),
    };
    parts.scroll = make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": texts.conversation }, parts.hello, parts.log, parts.tools);
    parts.panel = make("div", { class: "panel", role: isInline ? "group" : "dialog", "aria-labelledby": "title", hidden: "hidden" },
      make("header", {}, parts.title, ...parts.others, !isInline && parts.close),
      parts.official, parts.scroll, parts.status, parts.form);
    box.value = typed;
    root.replaceChildren(make("section", { class: "frame", lang: language, "aria-label": texts.launch }, parts.launch, parts.panel));
    listen();
    reveal();
    dress();
  }

  function listen() {
    parts.launch.addEventListener("click", open);
    parts.close.addEventListener("click", close);
    for (const other of parts.others) other.addEventListener("click", () => speak(other.lang));
    parts.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || isInline) return;
      event.stopPropagation();
      close();
    });
    parts.panel.addEventListener("focusout", ({ relatedTarget }) => { // where it covers the page, the focus must not go on under it
      if (!isInline && relatedTarget && !root.contains(relatedTarget) && matchMedia(NARROW).matches) close();
    });
    const flag = talk.flagging({ box: parts.box, row: parts.form.querySelector(".row") });
    const suggestions = talk.suggesting({ box: parts.box, list: parts.list, choose: (option) => openEntry(option.entry, option.title, language) });
    parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const question = parts.box.value.trim();
      suggestions.close();
      if (question && flag.holds(question, () => askFor(question))) return;
      if (question) askFor(question);
      parts.box.focus();
    });
    parts.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      parts.form.requestSubmit();
    });
  }

  /* what came with the welcome, and what depends on whether anything was asked */
  function dress() {
    const texts = HEMVIST.texts[language];
    const known = welcome?.language === language && welcome;
    const name = known?.name || place.name?.[language];
    if (name) parts.title.textContent = texts.title.replace("%(place)s", name);
    parts.official.hidden = !known || known.official;
    parts.official.textContent = known?.texts?.demonstration;
    const starts = known && known.topics.length && !turns.length;
    parts.form.hidden = Boolean(known?.switched_off);
    if (known?.switched_off) return parts.hello.replaceChildren(...closed(known));
    parts.hello.replaceChildren(...(known?.greeting ? [make("p", {}, known.greeting)] : []), make("p", {}, texts.hello), ...(starts ? [make("h3", {}, known.texts.starts), talk.steps(known.topics)] : []));
    parts.tools.replaceChildren(...(known && turns.length ? [talk.tools({ turns: () => turns, print, say, forgotten })] : []));
  }

  function closed({ switched_off: off, words }) {
    return [make("h3", {}, off.title), make("p", {}, off.reason), make("ul", { class: "contacts" }, ...off.contacts.map((found) => talk.contact(found, words[language]))),
      make("p", {}, make("a", { class: "way", href: "tel:112" }, HEMVIST.texts[language].danger))];
  }

  function node(turn) {
    return talk.turn(turn.question, turn.reply);
  }

  function add(shown) {
    parts.log.append(shown);
    const scroller = parts.scroll.scrollHeight > parts.scroll.clientHeight ? parts.scroll : parts.panel; // in a low window all of it moves
    scroller.scrollTop += shown.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  }

  function say(text) {
    parts.status.textContent = text;
  }

  /* asking */

  function askFor(question) {
    const before = context;
    take(question, async () => await greet() || talk.ask(question, chosen, before), (reply) => {
      if (parts.box.value.trim() === question) parts.box.value = "";
      told({ question, reply, before });
    });
  }

  function openEntry(entry, title, spoken) {
    take(entry, async () => await greet() || talk.entry(entry, spoken), (reply) => {
      parts.box.value = "";
      told({ question: title, reply, before: context, isOpened: true });
    });
  }

  function told(turn) {
    const { kind, entry, language: spoken } = turn.reply;
    turns.push(turn);
    context = turn.reply.context;
    dress();
    add(node(turn));
    save();
    tell("answer", { kind, entry, language: spoken });
  }

  function follow(event) {
    const link = event.target.closest("a[data-entry]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    openEntry(link.dataset.entry, link.textContent.trim(), link.closest("[lang]").lang);
    parts.box.focus();
  }

  async function speak(wanted) {
    language = chosen = wanted;
    render();
    parts.others[0].focus();
    if (await greet()) return;
    await Promise.all(turns.map(async (turn) => {
      const said = await talk.inLanguage(turn, wanted);
      if (language === wanted) Object.assign(turn, said);
    }));
    if (language !== wanted || !turns.length) return;
    context = turns.at(-1).reply.context;
    parts.log.replaceChildren(...turns.map(node));
    save();
  }

  /* keeping it over a change of page, from the first question on */

  function save() {
    if (turns.length) stored((storage) => storage.setItem(key, JSON.stringify({ language, chosen, context, turns, isOpen })));
  }

  function restore() {
    const kept = stored((storage) => JSON.parse(storage.getItem(key)));
    if (!Array.isArray(kept?.turns) || !LANGUAGES.includes(kept.language)) return;
    ({ language, chosen, context, turns } = kept);
    isOpen ||= kept.isOpen && !matchMedia(NARROW).matches;
  }

  function forgotten() {
    stored((storage) => storage.removeItem(key));
    turns = [];
    context = null;
    parts.log.replaceChildren();
    parts.box.value = "";
    dress();
    parts.box.focus();
  }

  function stored(use) {
    try {
      return use(sessionStorage);
    } catch (error) {
      return null; // a browser that keeps nothing
    }
  }

  function print() {
    const view = window.open("", "_blank");
    if (!view) return;
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(HEMVIST.css);
    view.document.adoptedStyleSheets = [sheet];
    view.document.title = parts.title.textContent;
    view.document.documentElement.lang = language;
    view.document.body.className = "printed";
    view.document.body.append(view.document.importNode(parts.title, true), ...turns.map((turn) => view.document.adoptNode(node(turn))));
    view.print();
  }

  /* colours, by the same rule as web/accent.py: as given, only as much darker or lighter as it takes to be read */

  function paint(accent) {
    const colour = [1, 3, 5].map((at) => parseInt(accent.slice(at, at + 2), 16));
    colours.replaceSync(`:host { ${shades(colour, DAY)} } @media (prefers-color-scheme: dark) { :host { ${shades(colour, NIGHT)} } }`);
  }

  function shades(colour, { card, ink }) {
    const soft = mixed(card, colour, 0.1);
    const text = legible(colour, [card, soft]);
    const head = mixed(legible(colour, [DAY.card]), [0, 0, 0], card === NIGHT.card ? 0.35 : 0);
    const all = { accent: text, "accent-soft": soft, "accent-line": mixed(card, text, 0.35), head, card, ink };
    return Object.entries(all).map(([name, value]) => `--${name}: rgb(${value});`).join(" ");
  }

  function icon(name) {
    const node = document.createElementNS(SVG, "svg");
    for (const [attribute, value] of [["class", "icon"], ["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["focusable", "false"]]) node.setAttribute(attribute, value);
    for (const line of HEMVIST.icons[name] || welcome?.icons[name] || []) node.appendChild(document.createElementNS(SVG, "path")).setAttribute("d", line);
    return node;
  }
}

function warn(what) {
  console.warn(`hemvist-chat: ${what}`);
}

function legible(colour, backgrounds) {
  const worst = (shade) => Math.min(...backgrounds.map((background) => contrast(shade, background)));
  const end = worst([0, 0, 0]) > worst([255, 255, 255]) ? [0, 0, 0] : [255, 255, 255];
  for (let step = 0; step < 50; step++) {
    const shade = mixed(colour, end, step / 50);
    if (worst(shade) >= 4.5) return shade;
  }
  return end;
}

function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mixed(colour, other, share) {
  return colour.map((part, at) => Math.round(part + (other[at] - part) * share));
}

class HemvistChat extends HTMLElement {
  #chat = null;

  connectedCallback() {
    this.#chat ??= build(this);
  }

  open() {
    this.#chat?.open();
  }

  close() {
    this.#chat?.close();
  }
}

/* Twice on a page, it is there once; in a browser too old for it, what stands inside the element stays. */
if (!customElements.get("hemvist-chat") && "adoptedStyleSheets" in Document.prototype) {
  customElements.define("hemvist-chat", HemvistChat);
  const mount = () => {
    if ("municipality" in SELF.dataset && !document.querySelector("hemvist-chat")) document.body.append(document.createElement("hemvist-chat"));
  };
  if (document.body && document.readyState !== "loading") mount();
  else addEventListener("DOMContentLoaded", mount);
}
