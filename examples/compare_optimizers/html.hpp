// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace compare::html {

/// Escapes text for use between tags and inside a quoted attribute.
std::string escape(std::string_view text);

/// Returns an HTML element: element("td class=\"best\"", inner) is `<td class="best">inner</td>`.
/// `inner` must be HTML; it is not escaped.
std::string element(const std::string& tag, const std::string& inner);

/// Returns a table inside a box that scrolls if the page is too narrow. `head` and the cells must
/// be HTML; they are not escaped.
std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows);

/// Returns a whole page that refers to no other file. `title` is plain text, `body` is HTML.
std::string page(const std::string& title, const std::string& body);

}  // namespace compare::html
