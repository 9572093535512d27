#include "cli/json.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "cli/failure.h"

namespace reeve::cli {

using Json = nlohmann::ordered_json;

// To and from the library's values.
struct JsonLibrary {
  static Value read(const Json& json) {
    switch (json.type()) {
      case Json::value_t::boolean: return Value(json.get<bool>());
      case Json::value_t::number_integer: return Value(json.get<int64_t>());
      case Json::value_t::number_unsigned: {
        const auto number = json.get<uint64_t>();
        if (number > uint64_t{std::numeric_limits<int64_t>::max()})
          return Value(json.get<double>());
        return Value(static_cast<int64_t>(number));
      }
      case Json::value_t::number_float: return Value(json.get<double>());
      case Json::value_t::string: return Value(json.get<std::string>());
      case Json::value_t::array: {
        Value::List list;
        for (const Json& element : json) list.push_back(read(element));
        return Value(std::move(list));
      }
      case Json::value_t::object: {
        Value::Object object;
        for (const auto& [name, member] : json.items()) object.emplace_back(name, read(member));
        return Value(std::move(object));
      }
      default: return Value(nullptr);
    }
  }

  static Json write(const Value& value) {
    if (const auto* list = std::get_if<Value::List>(&value.held_)) {
      Json json = Json::array();
      for (const Value& element : *list) json.push_back(write(element));
      return json;
    }
    if (const auto* object = std::get_if<Value::Object>(&value.held_)) {
      Json json = Json::object();
      for (const auto& [name, member] : *object) json[name] = write(member);
      return json;
    }
    if (const auto* flag = std::get_if<bool>(&value.held_)) return *flag;
    if (const auto* whole = std::get_if<int64_t>(&value.held_)) return *whole;
    if (const auto* real = std::get_if<double>(&value.held_)) return *real;
    if (const auto* text = value.string()) return *text;
    return nullptr;
  }
};

Value Value::parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  // The library's own message would quote the text.
  if (json.is_discarded()) throw Failure(kFailed, "the daemon's answer is not JSON");
  return JsonLibrary::read(json);
}

std::string Value::dump() const {
  try {
    return JsonLibrary::write(*this).dump(-1, ' ', true);
  } catch (const Json::exception&) {
    throw Failure(kUsage, "an argument is not UTF-8 text");
  }
}

Value Value::of(const std::vector<std::string>& texts) {
  List list;
  for (const std::string& text : texts) list.push_back(of(text));
  return of(std::move(list));
}

const Value::Object& Value::members() const {
  static const Object none;
  const auto* object = std::get_if<Object>(&held_);
  return object == nullptr ? none : *object;
}

const Value* Value::find(std::string_view name) const {
  for (const auto& [key, value] : members()) {
    if (key == name && !std::holds_alternative<std::nullptr_t>(value.held_)) return &value;
  }
  return nullptr;
}

std::optional<std::string> Value::text(std::string_view name) const {
  const Value* found = find(name);
  if (found == nullptr || found->string() == nullptr) return std::nullopt;
  return *found->string();
}

std::optional<int64_t> Value::integer(std::string_view name) const {
  const Value* found = find(name);
  const auto* number = found == nullptr ? nullptr : std::get_if<int64_t>(&found->held_);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

bool Value::flag(std::string_view name) const {
  const Value* found = find(name);
  const auto* flag = found == nullptr ? nullptr : std::get_if<bool>(&found->held_);
  return flag != nullptr && *flag;
}

Value::List Value::list(std::string_view name) const {
  const Value* found = find(name);
  const auto* list = found == nullptr ? nullptr : std::get_if<List>(&found->held_);
  return list == nullptr ? List() : *list;
}

std::vector<std::string> Value::texts(std::string_view name) const {
  std::vector<std::string> texts;
  const Value* found = find(name);
  const auto* list = found == nullptr ? nullptr : std::get_if<List>(&found->held_);
  if (list == nullptr) return texts;
  for (const Value& element : *list) {
    if (element.string() != nullptr) texts.push_back(*element.string());
  }
  return texts;
}

std::string Value::need_text(std::string_view name) const {
  auto found = text(name);
  if (!found) throw misfit(std::string(name));
  return std::move(*found);
}

Value& Value::set(std::string_view name, Value value) {
  std::get<Object>(held_).emplace_back(std::string(name), std::move(value));
  return *this;
}

Value& Value::set_if(std::string_view name, const std::optional<std::string>& text) {
  return text ? set(name, std::string_view(*text)) : *this;
}

Value& Value::set_if(std::string_view name, const std::vector<std::string>& texts) {
  return texts.empty() ? *this : set(name, of(texts));
}

}  // namespace reeve::cli
