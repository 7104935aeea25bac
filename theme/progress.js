// The checklist's ticks, kept in this browser, and a button and a key that lead to the first one missing.
//
// Runs before the names are replaced: a step is known by the guide's own words.
(() => {
  'use strict';

  const KEY = 'guide-progress';
  const NEXT = 'n';
  const CHECKLIST = 'checklist.html';
  // Asks the checklist, when it opens, for what the key asks for.
  const FRAGMENT = '#next';

  const { element, kept, isTyping, main, headingBefore } = guide;

  const stored = kept.read(KEY);
  const done = new Set(Array.isArray(stored) ? stored.filter((step) => typeof step === 'string') : []);

  function step(box) {
    const words = box.parentElement.textContent.trim().replace(/\s+/g, ' ');
    const label = element('label');
    const item = box.parentElement;
    label.append(...item.childNodes);
    item.append(label);
    item.classList.add('guide-step');
    box.disabled = false;
    box.checked = done.has(words);
    box.addEventListener('change', () => {
      if (box.checked) done.add(words);
      else done.delete(words);
      kept.write(KEY, [...done]);
      tell();
    });
    return box;
  }

  const boxes = [...main.querySelectorAll('li > input[type=checkbox]')].map(step);
  const state = element('output');
  const onward = element('button', { onclick: next }, 'Next step');
  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    state.textContent = `${ticked} of ${boxes.length} done`;
    onward.hidden = ticked === boxes.length;
  };
  if (boxes.length > 0) {
    const shown = element('div', { className: 'guide-progress' }, state, ' ', onward);
    headingBefore(boxes[0], 'h1')?.after(shown);
    tell();
  }

  function next() {
    const missing = boxes.find((box) => !box.checked);
    if (!missing) return;
    missing.closest('li').scrollIntoView({ block: 'center' });
    missing.focus({ preventScroll: true });
  }

  document.addEventListener('keydown', (event) => {
    if (event.key !== NEXT || event.altKey || event.ctrlKey || event.metaKey || isTyping(event)) return;
    if (document.querySelector('dialog[open]')) return;
    event.preventDefault();
    if (boxes.length > 0) next();
    else location.href = path_to_root + CHECKLIST + FRAGMENT;
  });
  if (boxes.length > 0 && location.hash === FRAGMENT) next();

  document
    .querySelector('#mdbook-help-popup p:last-of-type')
    ?.before(element('p', {}, 'Press ', element('kbd', {}, 'N'), ' for the next unfinished step of the checklist'));
})();
