// The search leads to a page with ?h= and the words that were searched for. They are
// marked where they stand, without a change to the page.
{
  const words = new URLSearchParams(location.search).get("h")?.match(/[\w-]+/g);
  if (words && window.Highlight) {
    const word = new RegExp(words.join("|"), "gi");
    const found = new Highlight();
    const article = document.querySelector("article");
    const texts = document.createNodeIterator(article, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
      for (const { 0: match, index } of text.data.matchAll(word)) {
        const range = new StaticRange({
          startContainer: text,
          startOffset: index,
          endContainer: text,
          endOffset: index + match.length,
        });
        found.add(range);
      }
    }
    CSS.highlights.set("searched", found);
  }
}
