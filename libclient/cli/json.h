// Value: a JSON value, as much as reading replies and writing parameters needs. Accessors are
// total: what is absent or of another type is nothing. json.cc alone knows the library behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reeve::cli {

class Value final {
 public:
  using List = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;  // in the text's order

  Value() : held_(Object()) {}
  static Value of(std::string_view text) { return Value(std::string(text)); }
  static Value of(List list) { return Value(std::move(list)); }
  static Value of(const std::vector<std::string>& texts);
  // Of a reply; libreeve has checked that it is an object. Throws Failure, which never quotes it.
  static Value parse(std::string_view text);

  // Of an object; null and absent are the same.
  const Value* find(std::string_view name) const;
  std::optional<std::string> text(std::string_view name) const;
  std::optional<int64_t> integer(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  List list(std::string_view name) const;
  const Object& members() const;
  const std::string* string() const { return std::get_if<std::string>(&held_); }
  // What an interface promises. Throws Failure where it is not there.
  std::string need_text(std::string_view name) const;

  // Adds a member to an object.
  Value& set(std::string_view name, Value value);
  Value& set(std::string_view name, std::string_view text) { return set(name, of(text)); }
  Value& set(std::string_view name, const char* text) { return set(name, of(text)); }
  Value& set(std::string_view name, int64_t number) { return set(name, Value(number)); }
  Value& set(std::string_view name, bool flag) { return set(name, Value(flag)); }
  Value& set_if(std::string_view name, const std::optional<std::string>& text);
  Value& set_if(std::string_view name, const std::vector<std::string>& texts);

  // One line of ASCII: nothing in it can steer a terminal. Throws Failure if a text is no UTF-8.
  std::string dump() const;

 private:
  friend struct JsonLibrary;
  using Held = std::variant<std::nullptr_t, bool, int64_t, double, std::string, List, Object>;
  explicit Value(Held held) : held_(std::move(held)) {}
  template <class T>
  explicit Value(T held) : held_(std::move(held)) {}

  Held held_;
};

}  // namespace reeve::cli
