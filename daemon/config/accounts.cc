#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <limits>

#include "config/sections.h"

namespace reeve {
namespace {

constexpr size_t record_limit = size_t{1024} * 1024;

// getpwnam_r and getgrnam_r: grow the buffer until the record fits.
template <class Record, class Call>
bool lookup(const std::string& name, Record& record, Call call) {
  for (size_t size = 1024; size <= record_limit; size *= 4) {
    std::vector<char> buffer(size);
    Record* found = nullptr;
    const int failure = call(name.c_str(), &record, buffer.data(), buffer.size(), &found);
    if (failure != ERANGE) return failure == 0 && found;
  }
  return false;
}

// The largest value is -1, which the kernel uses for "nobody said".
std::optional<uint32_t> number(int64_t value) {
  if (value < 0 || value >= std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return static_cast<uint32_t>(value);
}

std::optional<uint32_t> resolve(
    const TomlNode& node, const std::function<std::optional<uint32_t>(const std::string&)>& find) {
  if (node.integer()) return number(*node.integer());
  if (!node.text() || node.text()->empty()) return std::nullopt;
  const std::string& text = *node.text();
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return text.find('\0') == std::string::npos ? find(text) : std::nullopt;
  int64_t value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return number(value);
}

struct Kind {
  const char* word;
  const std::function<std::optional<uint32_t>(const std::string&)>& find;
};

std::optional<uint32_t> read_one(TableReader& reader, std::string_view key, const Kind& kind) {
  const TomlNode* node = reader.take(key);
  if (!node) return std::nullopt;
  const auto id = resolve(*node, kind.find);
  if (!id)
    reader.expected(key, std::string("the name or number of a ") + kind.word + " of this host");
  return id;
}

std::vector<uint32_t> read_list(TableReader& reader, std::string_view key, const Kind& kind) {
  std::vector<uint32_t> ids;
  const TomlNode* node = reader.take(key);
  if (!node) return ids;
  const TomlArray one{*node};
  const TomlArray& values = node->array() ? *node->array() : one;
  bool sound = !values.empty();
  for (const TomlNode& value : values) {
    const auto id = resolve(value, kind.find);
    if (!id) sound = false;
    if (id && std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
  }
  if (!sound) {
    const std::string what = std::string("the name or number of a ") + kind.word + " of this host";
    reader.expected(key, what + ", or a list of them");
  }
  return ids;
}

}  // namespace

AccountNames AccountNames::of_host() {
  AccountNames names;
  names.user = [](const std::string& name) -> std::optional<uid_t> {
    struct passwd record {};
    if (!lookup(name, record, ::getpwnam_r)) return std::nullopt;
    return record.pw_uid;
  };
  names.group = [](const std::string& name) -> std::optional<gid_t> {
    struct group record {};
    if (!lookup(name, record, ::getgrnam_r)) return std::nullopt;
    return record.gr_gid;
  };
  return names;
}

std::optional<uid_t> read_user(TableReader& reader, std::string_view key,
                               const AccountNames& names) {
  return read_one(reader, key, {"user", names.user});
}

std::optional<gid_t> read_group(TableReader& reader, std::string_view key,
                                const AccountNames& names) {
  return read_one(reader, key, {"group", names.group});
}

std::vector<uid_t> read_users(TableReader& reader, std::string_view key,
                              const AccountNames& names) {
  return read_list(reader, key, {"user", names.user});
}

std::vector<gid_t> read_groups(TableReader& reader, std::string_view key,
                               const AccountNames& names) {
  return read_list(reader, key, {"group", names.group});
}

}  // namespace reeve
