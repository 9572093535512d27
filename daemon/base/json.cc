#include "base/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace reeve {
namespace {

// Builds the value; `stack_` holds the containers that are open. Pointers into a container stay
// valid because a container grows only while it is the innermost one.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Reader(const JsonLimits& limits) : limits_(limits) { stack_.reserve(limits.depth); }

  bool null() override { return add(Json()) != nullptr; }
  bool boolean(bool value) override { return add(Json(value)) != nullptr; }
  bool number_integer(number_integer_t value) override {
    return add(Json(int64_t{value})) != nullptr;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > INT64_MAX) return refuse("a number out of range");
    return add(Json(static_cast<int64_t>(value))) != nullptr;
  }
  bool number_float(number_float_t value, const string_t&) override {
    if (!std::isfinite(value)) return refuse("a number out of range");
    return add(Json(value)) != nullptr;
  }
  bool string(string_t& value) override { return add(Json(std::move(value))) != nullptr; }
  bool binary(binary_t&) override { return refuse("binary data"); }
  bool start_object(std::size_t) override { return open(Json(JsonObject())); }
  bool start_array(std::size_t) override { return open(Json(JsonArray())); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    const JsonObject& members = *stack_.back()->object();
    if (members.size() == limits_.members) return refuse("too many members");
    for (const auto& member : members) {
      if (member.first == name) return refuse("a duplicate key");
    }
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    offset_ = position;
    return refuse("a syntax error");
  }

  Json take() { return std::move(root_); }
  Error error() const {
    std::string text = "invalid JSON: ";
    text += problem_ == nullptr ? "a syntax error" : problem_;
    if (offset_ != 0) text += " at byte " + std::to_string(offset_);
    return {Code::invalid, std::move(text)};
  }

 private:
  Json* add(Json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (JsonArray* array = stack_.back()->array()) return &array->emplace_back(std::move(value));
    JsonObject* object = stack_.back()->object();
    return &object->emplace_back(std::move(key_), std::move(value)).second;
  }
  bool open(Json container) {
    if (stack_.size() == limits_.depth) return refuse("nesting too deep");
    stack_.push_back(add(std::move(container)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }
  bool refuse(const char* problem) {
    if (problem_ == nullptr) problem_ = problem;
    return false;
  }

  const JsonLimits& limits_;
  Json root_;
  std::vector<Json*> stack_;
  std::string key_;
  const char* problem_ = nullptr;
  size_t offset_ = 0;
};

}  // namespace

std::optional<bool> Json::boolean() const {
  const bool* value = std::get_if<bool>(&held_);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<int64_t> Json::integer() const {
  const int64_t* value = std::get_if<int64_t>(&held_);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<double> Json::real() const {
  if (const auto whole = integer()) return static_cast<double>(*whole);
  const double* value = std::get_if<double>(&held_);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

const Json* Json::find(std::string_view key) const {
  if (const JsonObject* members = object()) {
    for (const auto& member : *members) {
      if (member.first == key) return &member.second;
    }
  }
  return nullptr;
}

const std::string& Json::text(std::string_view key) const {
  static const std::string empty;
  const Json* member = find(key);
  const std::string* value = member == nullptr ? nullptr : member->string();
  return value == nullptr ? empty : *value;
}

std::optional<int64_t> Json::integer(std::string_view key) const {
  const Json* member = find(key);
  return member == nullptr ? std::nullopt : member->integer();
}

std::optional<bool> Json::boolean(std::string_view key) const {
  const Json* member = find(key);
  return member == nullptr ? std::nullopt : member->boolean();
}

std::optional<std::vector<std::string>> Json::strings(std::string_view key) const {
  const Json* member = find(key);
  const JsonArray* values = member == nullptr ? nullptr : member->array();
  if (values == nullptr) return std::nullopt;
  std::vector<std::string> list;
  for (const Json& value : *values) {
    if (value.string() == nullptr) return std::nullopt;
    list.push_back(*value.string());
  }
  return list;
}

std::string Json::take_text(std::string_view key) {
  if (JsonObject* members = object()) {
    for (auto& member : *members) {
      if (member.first != key) continue;
      if (auto* value = std::get_if<std::string>(&member.second.held_))
        return std::exchange(*value, {});
    }
  }
  return {};
}

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    return Error{Code::limit, "JSON longer than " + std::to_string(limits.bytes) + " bytes"};
  }
  // The library takes a NUL for the end of the text, whatever follows.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return Error{Code::invalid, "invalid JSON: a NUL at byte " + std::to_string(nul + 1)};
  }
  Reader reader(limits);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader)) return reader.error();
  return reader.take();
}

}  // namespace reeve
