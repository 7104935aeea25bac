// What the scripts of the guide share: elements, and what a browser may keep or not.
const guide = (() => {
  'use strict';

  // Text becomes text, never markup: some of it is what a reader has typed.
  function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in made) made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // Browsers refuse storage where cookies are blocked, by throwing. Then nothing is remembered, and
  // all else works.
  const kept = {
    read(key) {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    write(key, value) {
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Refused, or full.
      }
    },
  };

  const isTyping = (event) =>
    event.target.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable]') != null;

  const main = document.querySelector('main');

  const headingBefore = (element, headings) =>
    [...main.querySelectorAll(headings)].findLast(
      (heading) => heading.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING,
    );

  return { element, kept, isTyping, main, headingBefore };
})();
