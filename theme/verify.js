// Tabs of editions, and copying exactly what is to be pasted. Without it all editions are shown.
(() => {
  'use strict';

  const KEY = 'verify-edition';

  /** What browsers may refuse, by throwing: then nothing is remembered, and the address stays. */
  function attempt(refused) {
    try {
      return refused();
    } catch {
      return null;
    }
  }
  const remember = (edition) => attempt(() => localStorage.setItem(KEY, edition));

  function element(tag, attributes, text = '') {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  }

  const groups = [...document.querySelectorAll('.verify-editions')];
  const words = (text) => (text || '').split(' ').filter(Boolean);
  const known = words(document.querySelector('[data-verify-editions]')?.dataset.verifyEditions);

  function panelOf(group, edition) {
    const panels = [...group.children].filter((panel) => panel.dataset.verifyFor);
    return panels.find((panel) => words(panel.dataset.verifyFor).includes(edition));
  }

  function show(edition) {
    for (const group of groups) {
      const shown = panelOf(group, edition);
      for (const panel of group.querySelectorAll(':scope > .verify-edition')) {
        panel.hidden = panel !== shown;
      }
      for (const tab of group.querySelectorAll('[role=tab]')) {
        const selected = tab.dataset.edition === edition;
        tab.setAttribute('aria-selected', selected);
        tab.tabIndex = selected ? 0 : -1;
        if (selected) shown.setAttribute('aria-labelledby', tab.id);
      }
    }
  }

  function choose(edition, tab) {
    const before = tab.getBoundingClientRect().top;
    show(edition);
    remember(edition);
    // What is above may have become longer or shorter; the tab stays where it is.
    window.scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: 'instant' });
    const address = new URL(location.href);
    address.searchParams.set('edition', edition);
    attempt(() => history.replaceState(history.state, '', address));
  }

  function onKey(event) {
    const tabs = [...event.currentTarget.children];
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined || at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    // mdBook turns pages with the arrows.
    event.stopPropagation();
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab.focus();
    choose(tab.dataset.edition, tab);
  }

  function addTabs(group, number) {
    const list = element('div', { class: 'verify-tablist', role: 'tablist', 'aria-label': 'Edition' });
    for (const edition of known) {
      const panel = panelOf(group, edition);
      if (!panel) continue;
      panel.id ||= `verify-panel-${number}-${edition}`;
      panel.setAttribute('role', 'tabpanel');
      const id = `verify-tab-${number}-${edition}`;
      const tab = element('button', { id, role: 'tab', 'aria-controls': panel.id, 'data-edition': edition }, edition);
      tab.addEventListener('click', () => choose(edition, tab));
      list.append(tab);
    }
    list.addEventListener('keydown', onKey);
    group.prepend(list);
    group.classList.add('verify-ready');
  }

  function notice(edition, shown) {
    const said = `This book has no edition “${edition.slice(0, 60)}”. It has ${known.join(', ')}; shown is ${shown}.`;
    document.querySelector('main')?.prepend(element('p', { class: 'verify-notice', role: 'status' }, said));
  }

  if (known.length > 1) {
    const wanted = new URL(location.href).searchParams.get('edition');
    const remembered = attempt(() => localStorage.getItem(KEY));
    const is = (edition) => known.includes(edition);
    const edition = [wanted, remembered].find(is) ?? known[0];
    groups.forEach(addTabs);
    show(edition);
    if (is(wanted)) remember(wanted);
    else if (wanted !== null) notice(wanted, edition);
  }

  /** Puts back the tabs that mdBook's page replaced by four spaces each at the start of lines. */
  function restoreTabs(code) {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    let starts = true;
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const text = node.data.replace(/(^|\n)((?: {4})+)/g, (whole, line, spaces) =>
        line || starts ? line + '\t'.repeat(spaces.length / 4) : whole);
      starts = /(^|\n)\t*$/.test(text) && (starts || text.includes('\n'));
      if (text !== node.data) node.data = text;
    }
  }
  document.querySelectorAll('code.verify-tabs').forEach(restoreTabs);

  // Who prints the whole book does not want upstream's files, nor the empty pages of their breaks.
  if (location.pathname.endsWith('/print.html')) {
    for (const page of document.querySelectorAll('.verify-page')) {
      const above = page.previousElementSibling;
      if (above?.style.breakBefore === 'page') above.remove();
      page.remove();
    }
    for (const link of document.querySelectorAll('main a[href^="#"]')) {
      if (!document.getElementById(decodeURIComponent(link.hash.slice(1)))) link.removeAttribute('href');
    }
  }

  // mdBook's button copies what is to be seen, in this very click: of a diff, what is to be pasted.
  let copied = null;
  document.addEventListener('click', (event) => {
    copied = event.target.closest?.('.clip-button')?.closest('.verify-diff') ?? null;
    copied?.classList.add('verify-copying');
  }, true);
  window.addEventListener('click', () => copied?.classList.remove('verify-copying'));
})();
