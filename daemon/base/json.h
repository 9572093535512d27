// Json: a small JSON value with total accessors, and the one bounded reader of foreign JSON.
//
// The reader sits on nlohmann/json's SAX interface. It refuses nesting, text or objects over the
// limit, duplicate keys, numbers that fit neither int64 nor a finite double, and broken UTF-8. Its
// errors carry an offset and never quote the text, which may be a token answer. Accessors never
// abort: a wrong type is a null pointer or nullopt. Writing is json_writer.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace reeve {

class Json;
using JsonArray = std::vector<Json>;
// Members in the order of the text; keys are unique.
using JsonObject = std::vector<std::pair<std::string, Json>>;

class Json {
 public:
  enum class Type { null, boolean, integer, real, string, array, object };

  Json() = default;
  explicit Json(bool value) : held_(value) {}
  explicit Json(int64_t value) : held_(value) {}
  explicit Json(double value) : held_(value) {}
  explicit Json(std::string value) : held_(std::move(value)) {}
  explicit Json(JsonArray value) : held_(std::move(value)) {}
  explicit Json(JsonObject value) : held_(std::move(value)) {}

  Type type() const { return static_cast<Type>(held_.index()); }
  bool is_null() const { return type() == Type::null; }

  // Null where the value is of another type.
  const std::string* string() const { return std::get_if<std::string>(&held_); }
  const JsonArray* array() const { return std::get_if<JsonArray>(&held_); }
  const JsonObject* object() const { return std::get_if<JsonObject>(&held_); }
  JsonArray* array() { return std::get_if<JsonArray>(&held_); }
  JsonObject* object() { return std::get_if<JsonObject>(&held_); }
  std::optional<bool> boolean() const;
  std::optional<int64_t> integer() const;
  // Integers too.
  std::optional<double> real() const;

  // The member of that name; null where this is no object, or it has none.
  const Json* find(std::string_view key) const;
  // The member's string, or an empty one where there is none of that name and type.
  const std::string& text(std::string_view key) const;
  std::optional<int64_t> integer(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  // The member's array of strings; nullopt where absent or of another shape.
  std::optional<std::vector<std::string>> strings(std::string_view key) const;
  // Takes the member's string out, leaving an empty one: for values that become Secrets.
  std::string take_text(std::string_view key);

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, JsonArray, JsonObject> held_;
};

struct JsonLimits {
  size_t bytes = size_t{256} * 1024;
  size_t depth = 16;
  size_t members = 256;  // of one object; bounds the search for duplicates
};

Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace reeve
