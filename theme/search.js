// mdBook's index has words as spaces and hyphens part them, and finds what a word begins with:
// `pb.EchoReq`, but not the `EchoReq` in it, and of a path only its beginning. Here what follows a
// dot, a slash or a bracket begins a word as well.
(() => {
  'use strict';

  if (typeof elasticlunr === 'undefined') return;

  const LONGEST = 60;
  const BEGINNING = /(?<=[^\p{L}\p{N}_])[\p{L}\p{N}_]/gu;

  // The ends of a word, from each beginning inside it.
  const ends = (word) =>
    [...word.matchAll(BEGINNING)].map(({ index }) => word.slice(index, index + LONGEST));

  function complete(index) {
    for (const [ref, document] of Object.entries(index.documentStore.docs)) {
      for (const field of ['title', 'body']) {
        const words = elasticlunr.tokenizer(document[field] ?? '').flatMap(ends);
        const counts = new Map();
        for (const word of index.pipeline.run(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
        for (const [word, count] of counts) {
          index.index[field].addToken(word, { ref, tf: Math.sqrt(count) });
        }
      }
    }
    return index;
  }

  // The index is loaded when somebody searches for the first time.
  const load = elasticlunr.Index.load;
  elasticlunr.Index.load = (dump) => complete(load.call(elasticlunr.Index, dump));
})();
