// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace compare::html {

/// Text as it may stand between tags and inside a quoted attribute.
std::string escape(std::string_view text);

/// element("td class=\"best\"", inner) is `<td class="best">inner</td>`. `inner` is HTML already.
std::string element(const std::string& tag, const std::string& inner);

/// A table that scrolls within its own box where the page is too narrow for it. Cells are HTML.
std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows);

/// A whole page that needs no other file. `title` is text, `body` HTML.
std::string page(const std::string& title, const std::string& body);

}  // namespace compare::html
