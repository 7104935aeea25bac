// What mdBook's own page keeps from people who use a keyboard or a screen reader.
(() => {
  'use strict';

  // A label that opens the table of contents: a button in all but name, and out of the keyboard's reach.
  const toggle = document.getElementById('mdbook-sidebar-toggle');
  if (toggle) {
    toggle.setAttribute('role', 'button');
    toggle.tabIndex = 0;
    toggle.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      toggle.click();
    });
  }

  // A field whose only name is its placeholder.
  document.getElementById('mdbook-searchbar')?.setAttribute('aria-label', 'Search this book');

  // Code that is wider than the page scrolls, and arrow keys scroll only what has the focus.
  const reach = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute('tabindex');
    }
  });
  for (const code of guide.main.querySelectorAll('pre > code, .table-wrapper')) reach.observe(code);
})();
