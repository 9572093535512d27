#include "bind/words.h"

#include <algorithm>
#include <cassert>
#include <ctime>

namespace reeve {
namespace {

constexpr size_t kHeaderBytes = 1024;  // of Accept-Language that are looked at
constexpr size_t kRanges = 32;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view cut(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  const std::string_view first = trimmed(text.substr(0, at));
  text = at == text.npos ? std::string_view() : text.substr(at + 1);
  return first;
}

// "q=0.8" in thousandths; 0 where it cannot be read.
int weight_of(std::string_view text) {
  if (text.empty()) return 1000;
  if (text.size() < 3 || text.size() > 7 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') {
    return 0;
  }
  int weight = text[2] == '1' ? 1000 : 0;
  if (text[2] != '0' && text[2] != '1') return 0;
  int place = 100;
  for (size_t at = 4; at < text.size(); ++at, place /= 10) {
    if (text[at] < '0' || text[at] > '9') return 0;
    weight += (text[at] - '0') * place;
  }
  return std::min(weight, 1000);
}

// de for "de", "DE-at"; null for a language that we do not speak.
const Messages* spoken(std::string_view range) {
  std::string primary(range.substr(0, range.find('-')));
  std::transform(primary.begin(), primary.end(), primary.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto* const found =
      std::find_if(all_messages.begin(), all_messages.end(),
                   [&](const Messages& each) { return each.language == primary; });
  return found == all_messages.end() ? nullptr : found;
}

}  // namespace

Words Words::for_header(std::string_view accept_language) {
  std::string_view rest = accept_language.substr(0, kHeaderBytes);
  const Messages* best = nullptr;
  int best_weight = 0;
  for (size_t count = 0; !rest.empty() && count < kRanges; ++count) {
    std::string_view parameters = cut(rest, ',');
    const std::string_view range = cut(parameters, ';');
    const int weight = weight_of(trimmed(parameters));
    const Messages* const messages = spoken(range);
    if (messages == nullptr || weight <= best_weight) continue;
    best = messages;
    best_weight = weight;
  }
  return best == nullptr ? Words() : Words(*best);
}

Html Words::say(Say key, std::initializer_list<Slot> slots) const {
  std::string_view text = messages_->texts[static_cast<size_t>(key)];
  Html html;
  [[maybe_unused]] size_t filled = 0;
  while (!text.empty()) {
    const size_t open = text.find('{');
    const std::string_view before = text.substr(0, open);
    html.add({Text(before, before.size())});
    if (open == text.npos) break;
    const size_t close = text.find('}', open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const auto* const slot = std::find_if(slots.begin(), slots.end(),
                                          [&](const Slot& each) { return each.name == name; });
    assert(close != text.npos && slot != slots.end());
    html.add({slot->with});
    ++filled;
    text.remove_prefix(close + 1);
  }
  assert(filled == slots.size());
  return html;
}

Html Words::day(int64_t unix_seconds) const {
  const auto seconds = static_cast<time_t>(unix_seconds);
  std::tm parts{};
  char text[16] = "";
  if (::gmtime_r(&seconds, &parts) == nullptr) return Html{"?"};
  if (std::strftime(text, sizeof text, "%Y-%m-%d", &parts) == 0) return Html{"?"};
  const auto month = static_cast<Say>(static_cast<size_t>(Say::month_1) + parts.tm_mon);
  const std::string day = std::to_string(parts.tm_mday);
  const std::string year = std::to_string(parts.tm_year + int64_t{1900});
  const Html date =
      say(Say::date, {{"day", Html{Text(day)}}, {"month", say(month)}, {"year", Html{Text(year)}}});
  return Html{"<time datetime=\"", Text(text), "\">", date, "</time>"};
}

Html Words::minutes(Say one, Say more, int64_t count) const {
  if (count <= 1) return say(one);
  const std::string number = std::to_string(count);
  return say(more, {{"minutes", Html{Text(number)}}});
}

}  // namespace reeve
