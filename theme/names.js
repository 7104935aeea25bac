// The names of the reader's own service in place of the guide's. They stay in this browser.
(() => {
  'use strict';

  const KEY = 'guide-names';
  const OF_GUIDE = { service: 'auth-service', host: 'git.example.com', organisation: 'you' };
  const FIELDS = [
    ['service', 'Service'],
    ['host', 'Git host'],
    ['organisation', 'Organisation there'],
  ];

  const { element, kept, main } = guide;

  // Longest first, so that the organisation goes with its host: alone, `you` is a word.
  const address = `${OF_GUIDE.host}/${OF_GUIDE.organisation}`;
  const renamings = (names) => {
    const from = Object.values(nameRules.forms(OF_GUIDE.service));
    const to = Object.values(nameRules.forms(names.service));
    return new Map([
      [address, `${names.host}/${names.organisation}`],
      [OF_GUIDE.host, names.host],
      ...from.map((form, index) => [form, to[index]]),
    ]);
  };
  const literal = (text) => text.replace(/[.]/g, '\\$&');
  const FAMILY = new RegExp(
    [...renamings(OF_GUIDE).keys()].map(literal).join('|').replace(literal(address), '$&\\b'),
    'g',
  );

  // What a text node held before it was renamed. One that somebody has changed since holds it anew.
  const originals = new WeakMap();
  const original = (node) => {
    const known = originals.get(node);
    return known && known.shown === node.data ? known.original : node.data;
  };

  // Chapters about this repository name what is in it, whatever the reader's service is called.
  const root = new URL(path_to_root || '.', document.baseURI).pathname.length;
  const ofRepository = ({ pathname = '' }) => /^(rust|contributing)\//.test(pathname.slice(root));
  const titles = new Set(
    [...document.querySelectorAll('#mdbook-sidebar .chapter a')]
      .filter(ofRepository)
      .map((link) => link.lastChild.textContent.trim()),
  );
  const isOfRepository = (heading) =>
    ofRepository(location) || titles.has(heading.textContent.trim());

  // The text nodes in runs that are read as one: highlighting cuts a name in code into several.
  function runs() {
    const found = new Map();
    // On the page for print, each chapter begins with a heading of the first order.
    let asItIs = false;
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const parent = node.parentElement;
      const heading = parent.closest('main > h1');
      if (heading) asItIs = isOfRepository(heading);
      if (asItIs || parent.closest('svg, script, style')) continue;
      const key = parent.closest('code') ?? node;
      if (found.has(key)) found.get(key).push(node);
      else found.set(key, [node]);
    }
    return found.values();
  }

  // What is new stands where the old began; the rest of each node stays in it.
  function renamed(texts, names) {
    const whole = texts.join('');
    const parts = texts.map(() => '');
    let start = 0;
    const ends = texts.map((text) => (start += text.length));
    const nodeAt = (offset) => ends.findIndex((end) => offset < end);
    const keep = (from, to) => {
      while (from < to) {
        const node = nodeAt(from);
        const until = Math.min(to, ends[node]);
        parts[node] += whole.slice(from, until);
        from = until;
      }
    };
    let done = 0;
    for (const match of whole.matchAll(FAMILY)) {
      keep(done, match.index);
      parts[nodeAt(match.index)] += names.get(match[0]);
      done = match.index + match[0].length;
    }
    keep(done, whole.length);
    return parts;
  }

  // mdBook lists copies of a page's headings beside its chapters.
  function copyHeadings() {
    for (const link of document.querySelectorAll('.header-in-summary')) {
      const heading = document.getElementById(link.getAttribute('href').slice(1));
      if (heading) link.replaceChildren(...heading.firstElementChild.cloneNode(true).childNodes);
    }
  }

  function show(names) {
    const table = renamings(names);
    let changed = false;
    for (const nodes of runs()) {
      const texts = nodes.map(original);
      if (!texts.join('').match(FAMILY)) continue;
      renamed(texts, table).forEach((shown, index) => {
        const node = nodes[index];
        originals.set(node, { original: texts[index], shown });
        if (node.data === shown) return;
        node.data = shown;
        changed = true;
      });
    }
    if (!changed) return;
    copyHeadings();
    document.dispatchEvent(new Event('guide:renamed'));
  }

  // Stored values are no more to be trusted than typed ones: other pages of the host write there too.
  function remembered() {
    const stored = kept.read(KEY) ?? {};
    const names = { ...OF_GUIDE };
    for (const [field] of FIELDS) {
      const value = stored[field];
      if (typeof value === 'string' && nameRules[field](value) === '') names[field] = value;
    }
    names.service = nameRules.hyphenated(names.service);
    return names;
  }

  const isOfGuide = (names) => FIELDS.every(([field]) => names[field] === OF_GUIDE[field]);

  let names = remembered();

  function use(changed) {
    names = changed;
    kept.write(KEY, isOfGuide(names) ? null : names);
    show(names);
  }

  function field([name, label]) {
    const rule = element('p', { className: 'guide-rule', id: `guide-${name}-rule`, role: 'status' });
    const input = element('input', {
      id: `guide-${name}`,
      autocomplete: 'off',
      autocapitalize: 'none',
      spellcheck: false,
      'aria-describedby': rule.id,
    });
    const judge = () => {
      rule.textContent = nameRules[name](input.value);
      const fine = rule.textContent === '';
      input.setAttribute('aria-invalid', String(!fine));
      return fine;
    };
    input.oninput = () => {
      if (!judge()) return;
      const value = name === 'service' ? nameRules.hyphenated(input.value) : input.value;
      use({ ...names, [name]: value });
    };
    const fill = () => {
      input.value = names[name];
      judge();
    };
    return { parts: [element('label', { htmlFor: input.id }, label), input, rule], fill };
  }

  const fields = FIELDS.map(field);
  const fill = () => fields.forEach(({ fill }) => fill());
  function reset() {
    use({ ...OF_GUIDE });
    fill();
  }
  const button = (className, onclick, text) => element('button', { className, onclick }, text);
  const panel = element(
    'dialog',
    { className: 'guide-names', 'aria-labelledby': 'guide-names-title' },
    element('h2', { id: 'guide-names-title' }, 'Your names'),
    element('p', {}, 'The guide speaks of them from now on, also in what you copy; it was proven with its own. They stay in this browser.'),
    ...fields.flatMap(({ parts }) => parts),
    element(
      'p',
      {},
      'Go’s alignment and the order of imports depend on names: run ',
      element('code', {}, 'gofmt -w'),
      ' on what you have pasted.',
    ),
    element(
      'div',
      {},
      button('guide-reset', reset, 'Back to the guide’s names'),
      button('guide-close', () => panel.close(), 'Close'),
    ),
  );

  function open() {
    fill();
    panel.showModal();
  }
  const opener = button('icon-button guide-names-open', open, 'Your names');
  opener.setAttribute('aria-haspopup', 'dialog');
  document.querySelector('.right-buttons')?.prepend(opener);
  document.body.append(panel);

  if (!isOfGuide(names)) show(names);

  // Another tab has other names now, or what this page shows has grown.
  window.addEventListener('storage', ({ key }) => {
    if (key !== KEY && key !== null) return;
    names = remembered();
    show(names);
  });
  new MutationObserver(() => {
    if (!isOfGuide(names)) show(names);
  }).observe(main, { childList: true, subtree: true });
})();
