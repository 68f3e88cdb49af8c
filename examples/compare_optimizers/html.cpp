// SPDX-License-Identifier: MIT
#include "compare_optimizers/html.hpp"

namespace compare::html {
namespace {

constexpr std::string_view kStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --text: #1d1f23; --muted: #5d636d; --line: #dddfe3;
  --accent: #0b63a5; --good: #0a7a58; --warn: #a63c00; --shade: #f0f1f3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131519; --card: #1b1e24; --text: #e8e9eb; --muted: #a3a9b3; --line: #343942;
    --accent: #74b9ee; --good: #4cc9a0; --warn: #ff9a5c; --shade: #242830;
  }
  .swatch, figure svg { filter: brightness(1.3); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 76rem; background: var(--page);
  color: var(--text); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: break-word;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 2.8rem 0 .6rem; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 1.8rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .6rem 0 1rem; }
ul { margin: .5rem 0; padding-left: 1.2rem; max-width: 46rem; }
li { margin: .25rem 0; }
.note { color: var(--muted); font-size: .875rem; }
.answer {
  background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--accent);
  border-radius: 8px; padding: .8rem 1rem; max-width: none; font-size: 1.05rem;
}
.scroll {
  overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  margin: .5rem 0;
}
.scroll:focus-visible { outline: 2px solid var(--accent); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td {
  padding: .5rem .8rem; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums;
}
th {
  color: var(--muted); font-weight: 600; font-size: .8rem; border-bottom: 1px solid var(--line);
  vertical-align: bottom;
}
tbody tr + tr td { border-top: 1px solid var(--line); }
th:first-child, td:first-child {
  text-align: left; position: sticky; left: 0; background: var(--card);
}
td.text, th.text { text-align: left; }
td small { color: var(--muted); font-size: .85em; }
pre {
  overflow-x: auto; background: var(--shade); border-radius: 8px; padding: .7rem .9rem;
  font-size: .85rem; margin: .5rem 0;
}
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: var(--muted); }
dd { margin: 0; min-width: 0; }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--accent); }
.mark { border-radius: 99px; padding: .1rem .55rem; font-size: .78rem; background: var(--shade); }
.mark.good { color: var(--good); }
.mark.warn { color: var(--warn); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .9rem; margin: .4rem 0; }
.name { white-space: nowrap; }
.swatch { width: 34px; height: 12px; margin-right: .4rem; vertical-align: -1px; overflow: visible; }
.charts {
  display: grid; gap: .9rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr));
}
.charts.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
figure {
  margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: .7rem .6rem .4rem; min-width: 0;
}
figcaption { font-size: .9rem; font-weight: 600; padding: 0 .3rem .3rem; line-height: 1.35; }
figcaption small { display: block; color: var(--muted); font-weight: 400; font-size: .8rem; }
figure svg { display: block; width: 100%; height: auto; color: var(--muted); }
.rules { display: grid; gap: .9rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
.rule {
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem;
}
.rule h3 { margin: 0; }
.rule p { font-size: .92rem; }
.formula { overflow-x: auto; }
.formula math { width: max-content; margin: .4rem 0; font-size: 1.05rem; }
.formula mtd { padding: .15em .2em; text-align: left; }
@media print { body { max-width: none; } figure, .rule { break-inside: avoid; } }
)css";

}  // namespace

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char character : text) {
    switch (character) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += character;
    }
  }
  return result;
}

std::string element(const std::string& tag, const std::string& inner) {
  return "<" + tag + ">" + inner + "</" + tag.substr(0, tag.find(' ')) + ">";
}

std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string titles, lines;
  for (const std::string& title : head) titles += element("th scope=\"col\"", title);
  for (const auto& row : rows) {
    std::string cells;
    for (const std::string& cell : row) cells += element("td", cell);
    lines += element("tr", cells) + "\n";
  }
  return element("div class=\"scroll\" tabindex=\"0\"",
                 element("table", element("thead", element("tr", titles)) + "\n" +
                                      element("tbody", lines))) +
         "\n";
}

std::string page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
         element("title", escape(title)) + "\n" + element("style", std::string(kStyle)) +
         "\n</head>\n<body>\n" + body + "</body>\n</html>\n";
}

}  // namespace compare::html
