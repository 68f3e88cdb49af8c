// SPDX-License-Identifier: MIT
#include <xgrad/datasets/internal/csv_lines.hpp>

#include <xgrad/core/error.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

}  // namespace

std::string excerpt(std::string_view text) {
  constexpr std::size_t most = 40;
  return '"' + std::string(text.substr(0, most)) + (text.size() > most ? "...\"" : "\"");
}

Lines::Lines(std::string_view text, const std::string& name, char delimiter)
    : text_(text), name_(name), delimiter_(delimiter) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // byte-order mark of UTF-8
}

bool Lines::next(Fields& fields) {
  fields.clear();
  while (fields.empty() && !text_.empty()) {
    line_ = line_ends_ + 1;
    do {
      fields.push_back(take_field());
    } while (take_delimiter());
    if (take('\n')) ++line_ends_;
    if (fields.size() == 1 && fields[0].empty()) fields.clear();
  }
  return !fields.empty();
}

void Lines::fail_at(std::size_t line, const std::string& expected, const std::string& found,
                    const std::string& remedy) const {
  throw DataError("[csv] " + name_ + ": line " + std::to_string(line) + ": expected " + expected +
                  ", found " + found + (remedy.empty() ? "" : "; " + remedy));
}

bool Lines::ends_field(char c) const {
  return c == '\n' || c == delimiter_ || (delimiter_ == ' ' && is_blank(c));
}

bool Lines::take(char c) {
  if (!text_.starts_with(c)) return false;
  text_.remove_prefix(1);
  return true;
}

// If blanks are the delimiter, those at the end of a line do not start another field.
bool Lines::take_delimiter() {
  if (delimiter_ != ' ') return take(delimiter_);
  skip_blanks();
  return !text_.empty() && text_.front() != '\n';
}

void Lines::skip_blanks() {
  while (!text_.empty() && is_blank(text_.front()) &&
         (delimiter_ == ' ' || text_.front() != delimiter_)) {
    text_.remove_prefix(1);
  }
}

std::string Lines::take_field() {
  skip_blanks();
  if (take('"')) return take_quoted();
  const auto end =
      std::find_if(text_.begin(), text_.end(), [this](char c) { return ends_field(c); });
  std::string field(text_.begin(), end);
  text_.remove_prefix(field.size());
  while (!field.empty() && is_blank(field.back())) field.pop_back();
  return field;
}

// Reads a field up to its closing quote. Two quotes within the field mean one quote.
std::string Lines::take_quoted() {
  std::string field;
  for (;;) {
    const std::string_view part = text_.substr(0, text_.find('"'));
    if (part.size() == text_.size()) fail("a closing quote", "the end of the text");
    field += part;
    line_ends_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    text_.remove_prefix(part.size() + 1);
    if (!take('"')) break;
    field += '"';
  }
  if (delimiter_ != ' ') skip_blanks();
  if (!text_.empty() && !ends_field(text_.front())) {
    fail("a delimiter after the closing quote", excerpt(text_.substr(0, 1)));
  }
  return field;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
