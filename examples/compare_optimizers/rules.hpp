// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace compare {

/// How the report describes and draws an optimizer. Its colour, dashes and points are the same in
/// all charts.
struct Rule {
  std::string name;  ///< a name that optim::make accepts
  std::string title;
  std::string formula;  ///< as MathML
  std::string intuition;
  std::string colour;
  std::string dashes;  ///< lengths of dashes and gaps, for example "8,4"; empty: a solid line
  int point = 7;       ///< gnuplot's number of a filled point type
};

/// Returns the update rules of the library, in the order of optim::names().
const std::vector<Rule>& rules();
/// Returns the rule with this name. An unknown name gives a grey rule without a formula.
Rule find_rule(const std::string& name);

}  // namespace compare
