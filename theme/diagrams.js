// Diagrams, drawn when they come into view, in the colours of the theme. The script that draws them
// is large, so a page without a diagram never loads it. What the diagram was drawn from stays as
// text, and without the script is all there is.
(() => {
  'use strict';

  const { element, main, headingBefore } = guide;
  const sources = [...main.querySelectorAll('pre > code.language-mermaid')];
  if (sources.length === 0) return;

  const SCRIPT = `${path_to_root}mermaid/mermaid.min.js`;
  const READABLE = 640;
  const PRINTED = location.pathname.endsWith('/print.html');

  let loading;
  const library = () =>
    (loading ??= new Promise((resolve, reject) => {
      const script = element('script', { src: SCRIPT });
      script.addEventListener('load', () => resolve(window.mermaid));
      script.addEventListener('error', reject);
      document.head.append(script);
    }));

  const isDark = () => !PRINTED && /\b(coal|navy|ayu)\b/.test(document.documentElement.className);

  function figure(code, index) {
    const pre = code.parentElement;
    const picture = element('div', { className: `guide-picture${PRINTED ? ' guide-on-paper' : ''}` });
    const text = element('details', {}, element('summary', {}, 'The diagram as text'));
    const made = element('figure', { className: 'guide-diagram' }, picture, text);
    pre.before(made);
    text.append(pre);
    const title = headingBefore(made, 'h1, h2, h3')?.textContent ?? document.title;
    return { code, picture, text, id: `guide-diagram-${index}`, title, seen: false };
  }

  // One at a time: Mermaid has one configuration for all.
  let queue = Promise.resolve();
  function draw(diagram) {
    diagram.seen = true;
    queue = queue.then(async () => {
      try {
        const mermaid = await library();
        mermaid.initialize({
          startOnLoad: false,
          securityLevel: 'strict',
          theme: isDark() ? 'dark' : 'default',
          // Else the words on lines are grey on grey.
          themeVariables: isDark() ? { edgeLabelBackground: '#222' } : {},
          fontFamily: 'inherit',
        });
        const { svg } = await mermaid.render(diagram.id, diagram.code.textContent);
        diagram.picture.innerHTML = svg;
        const drawn = diagram.picture.querySelector('svg');
        // Small enough for the page, but not too small to be read: then it scrolls.
        drawn.style.minWidth = `${Math.min(parseFloat(drawn.style.maxWidth) || 0, READABLE)}px`;
        diagram.picture.tabIndex = diagram.picture.scrollWidth > diagram.picture.clientWidth ? 0 : -1;
        drawn.setAttribute('role', 'img');
        drawn.setAttribute('aria-label', `Diagram: ${diagram.title}. Told in words below.`);
      } catch (error) {
        // The text is the diagram, then.
        diagram.text.open = true;
        console.error('a diagram is not drawn:', error);
      }
    });
    return queue;
  }

  const diagrams = sources.map(figure);
  const drawAgain = () => diagrams.filter(({ seen }) => seen).forEach(draw);
  document.addEventListener('guide:renamed', drawAgain);
  let dark = isDark();
  new MutationObserver(() => {
    if (dark === isDark()) return;
    dark = isDark();
    drawAgain();
  }).observe(document.documentElement, { attributeFilter: ['class'] });

  if (PRINTED) {
    // mdBook asks for this function when the page has loaded.
    const print = window.print.bind(window);
    const all = Promise.all(diagrams.map(draw));
    window.print = () => all.then(print);
    return;
  }
  const sight = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter(({ isIntersecting }) => isIntersecting)) {
        sight.unobserve(entry.target);
        draw(diagrams.find(({ picture }) => picture === entry.target));
      }
    },
    // A screen ahead, so that it is there when one arrives.
    { rootMargin: '50% 0px' },
  );
  diagrams.forEach(({ picture }) => sight.observe(picture));
})();
