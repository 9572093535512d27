#include "cli/sts_answer.h"

#include <algorithm>
#include <vector>

namespace reeve::cli {
namespace {

constexpr size_t kMost = size_t{64} * 1024;
constexpr size_t kDepth = 16;

bool visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The five entities of XML; a text with any other is no answer of ours.
bool decode(std::string_view text, std::string& out) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
  out.clear();
  while (!text.empty()) {
    if (text.front() != '&') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto* const found = std::find_if(
        std::begin(kEntities), std::end(kEntities),
        [text](const auto& entity) { return text.substr(0, entity.first.size()) == entity.first; });
    if (found == std::end(kEntities)) return false;
    out += found->second;
    text.remove_prefix(found->first.size());
  }
  return true;
}

// Walks the elements; tells of each that holds text alone, by its parent's name and its own.
class Elements final {
 public:
  explicit Elements(std::string_view xml) : rest_(xml) {}

  template <class Take>
  bool walk(Take take) {
    if (rest_.substr(0, 5) == "<?xml")
      rest_.remove_prefix(std::min(rest_.find("?>"), rest_.size() - 2) + 2);
    std::string_view text;
    while (!rest_.empty()) {
      const size_t open = std::min(rest_.find('<'), rest_.size());
      text = rest_.substr(0, open);
      rest_.remove_prefix(open);
      if (rest_.empty()) break;
      const size_t close = rest_.find('>');
      if (close == std::string_view::npos || close < 2) return false;
      const std::string_view tag = rest_.substr(1, close - 1);
      rest_.remove_prefix(close + 1);
      if (!(tag.front() == '/' ? end(tag.substr(1), text, take) : begin(tag))) return false;
    }
    return open_.empty();
  }

 private:
  static std::string_view name_of(std::string_view tag) {
    return tag.substr(0, std::min(tag.find_first_of(" \t\r\n/"), tag.size()));
  }
  bool begin(std::string_view tag) {
    if (tag.front() == '!' || tag.front() == '?') return false;
    leaf_ = true;
    if (tag.back() == '/') return true;
    open_.push_back(name_of(tag));
    return open_.size() <= kDepth;
  }
  template <class Take>
  bool end(std::string_view name, std::string_view text, Take take) {
    if (open_.empty() || name_of(name) != open_.back()) return false;
    open_.pop_back();
    if (leaf_ && !open_.empty()) take(open_.back(), name_of(name), text);
    leaf_ = false;
    return true;
  }

  std::string_view rest_;
  std::vector<std::string_view> open_;
  bool leaf_ = false;
};

}  // namespace

StsAnswer read_sts_answer(std::string_view xml) {
  StsAnswer answer;
  StsCredentials read;
  bool sound = xml.size() <= kMost;
  const auto take = [&](std::string_view parent, std::string_view name, std::string_view text) {
    std::string* into = nullptr;
    if (parent == "Error" && name == "Code") into = &answer.error;
    if (parent == "Credentials") {
      if (name == "AccessKeyId") into = &read.access_key_id;
      if (name == "SecretAccessKey") into = &read.secret_access_key;
      if (name == "SessionToken") into = &read.session_token;
      if (name == "Expiration") into = &read.expiration;
    }
    if (into == nullptr) return;
    sound = sound && into->empty() && decode(text, *into) && visible(*into);
  };
  sound = sound && Elements(xml).walk(take) && sound;
  if (!sound) return {};
  const bool whole = !read.access_key_id.empty() && !read.secret_access_key.empty() &&
                     !read.session_token.empty() && !read.expiration.empty();
  if (whole && answer.error.empty()) answer.credentials = std::move(read);
  return answer;
}

}  // namespace reeve::cli
