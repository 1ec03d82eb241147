/* What the search page quotes of a page: its words, and an ellipsis for each formula's source. */
"use strict";
{
  const quote = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const formula of page.querySelectorAll(".math")) formula.textContent = "…";
    return quote(page.documentElement.outerHTML, anchor);
  };
}
