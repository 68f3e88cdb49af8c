// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace compare {

/// What the report says of an optimizer, and how it draws it: the same colour everywhere, told
/// apart by dashes and points too.
struct Rule {
  std::string name;  ///< as optim::make takes it
  std::string title;
  std::string formula;
  std::string intuition;
  std::string colour;  ///< of Okabe and Ito's palette, which colour-blind people can tell apart
  std::string dashes;  ///< lengths of lines and gaps, "8,4"; empty: a whole line
  int point = 7;       ///< gnuplot's number of a filled point
};

/// The six, in the order of optim::names().
const std::vector<Rule>& rules();
/// The rule of that name; grey and without a formula where the name is none of the six.
Rule find_rule(const std::string& name);

}  // namespace compare
