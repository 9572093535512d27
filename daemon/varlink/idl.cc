#include "varlink/idl.h"

namespace reeve::varlink {
namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// A reader of one interface text by recursive descent; the first problem ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Interface> parse() {
    Interface interface;
    interface.text = std::string(text_);
    if (word() != "interface") return problem("expected 'interface'");
    interface.name = dotted_name();
    if (interface.name.empty()) return problem("expected the interface's name");
    while (!at_end()) {
      const std::string keyword = word(), name = word();
      if (name.empty()) return problem("expected a name");
      if (keyword == "type") {
        REEVE_TRY(interface.types[name], parenthesised());
      } else if (keyword == "error") {
        REEVE_TRY(Type fields, parenthesised());
        interface.errors[name] = std::move(fields.fields);
      } else if (keyword == "method") {
        REEVE_TRY(Type in, parenthesised());
        if (!take("->")) return problem("expected '->'");
        REEVE_TRY(Type out, parenthesised());
        interface.methods[name] = {std::move(in.fields), std::move(out.fields)};
      } else {
        return problem("expected 'type', 'method' or 'error'");
      }
    }
    return interface;
  }

 private:
  static constexpr int kDepth = 8;

  Error problem(std::string_view what) const {
    size_t line = 1;
    for (const char c : text_.substr(0, position_)) line += c == '\n' ? 1 : 0;
    return {Code::invalid, "interface line " + std::to_string(line) + ": " + std::string(what)};
  }
  void skip() {
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == '#') position_ = std::min(text_.find('\n', position_), text_.size());
      else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') ++position_;
      else return;
    }
  }
  bool at_end() {
    skip();
    return position_ == text_.size();
  }
  bool take(std::string_view token) {
    skip();
    if (text_.substr(position_, token.size()) != token) return false;
    position_ += token.size();
    return true;
  }
  std::string word() {
    skip();
    const size_t start = position_;
    while (position_ < text_.size() && name_character(text_[position_])) ++position_;
    return std::string(text_.substr(start, position_ - start));
  }
  std::string dotted_name() {
    skip();
    const size_t start = position_;
    while (position_ < text_.size() && (name_character(text_[position_]) ||
                                        text_[position_] == '.' || text_[position_] == '-')) {
      ++position_;
    }
    return std::string(text_.substr(start, position_ - start));
  }

  // "(name: type, ...)" or "(value, ...)".
  Result<Type> parenthesised() {
    if (++depth_ > kDepth) return problem("nesting too deep");
    if (!take("(")) return problem("expected '('");
    Type type;
    type.kind = Type::Kind::structure;
    while (!take(")")) {
      if (!(type.fields.empty() && type.values.empty()) && !take(","))
        return problem("expected ','");
      std::string name = word();
      if (name.empty()) return problem("expected a field's name");
      if (take(":")) {
        REEVE_TRY(Type field, parse_type());
        type.fields.push_back({std::move(name), std::move(field)});
      } else {
        type.kind = Type::Kind::enumeration;
        type.values.push_back(std::move(name));
      }
    }
    if (!type.fields.empty() && !type.values.empty()) return problem("fields and values mixed");
    --depth_;
    return type;
  }

  Result<Type> parse_type() {
    Type type;
    if (take("?")) type.nullable = true;
    if (take("[string]") || take("[]")) {
      if (++depth_ > kDepth) return problem("nesting too deep");
      type.kind = text_[position_ - 2] == '[' ? Type::Kind::array : Type::Kind::map;
      REEVE_TRY(Type element, parse_type());
      type.element = std::make_shared<const Type>(std::move(element));
      --depth_;
      return type;
    }
    skip();
    if (position_ < text_.size() && text_[position_] == '(') {
      REEVE_TRY(Type inner, parenthesised());
      inner.nullable = type.nullable;
      return inner;
    }
    type.name = word();
    if (type.name.empty()) return problem("expected a type");
    using Kind = Type::Kind;
    if (type.name == "bool") type.kind = Kind::boolean;
    else if (type.name == "int") type.kind = Kind::integer;
    else if (type.name == "float") type.kind = Kind::real;
    else if (type.name == "string") type.kind = Kind::string;
    else if (type.name == "object") type.kind = Kind::object;
    else type.kind = Kind::named;
    return type;
  }

  std::string_view text_;
  size_t position_ = 0;
  int depth_ = 0;
};

// What is wrong with `value` under `path`, or empty.
class Checker {
 public:
  Checker(const Interface& interface, bool strict) : interface_(interface), strict_(strict) {}

  std::string fields(const Json& value, const std::vector<Field>& fields,
                     const std::string& prefix) const {
    const JsonObject* members = value.object();
    if (members == nullptr)
      return prefix.empty() ? "parameters" : prefix.substr(0, prefix.size() - 1);
    size_t known = 0;
    for (const Field& field : fields) {
      const Json* member = value.find(field.name);
      if (member != nullptr) ++known;
      if (member == nullptr || member->is_null()) {
        if (!field.type.nullable) return prefix + field.name;
        continue;
      }
      if (std::string bad = type(*member, field.type, prefix + field.name); !bad.empty())
        return bad;
    }
    if (!strict_ || known == members->size()) return {};
    return unknown(*members, fields, prefix);
  }

 private:
  static std::string unknown(const JsonObject& members, const std::vector<Field>& fields,
                             const std::string& prefix) {
    for (const auto& member : members) {
      bool found = false;
      for (const Field& field : fields) found = found || field.name == member.first;
      if (!found) return prefix + member.first;
    }
    return {};
  }

  std::string type(const Json& value, const Type& type, const std::string& path) const {
    using Kind = Type::Kind;
    switch (type.kind) {
      case Kind::boolean: return value.boolean() ? "" : path;
      case Kind::integer: return value.integer() ? "" : path;
      case Kind::real: return value.real() ? "" : path;
      case Kind::string: return value.string() != nullptr ? "" : path;
      case Kind::object: return value.object() != nullptr ? "" : path;
      case Kind::structure: return fields(value, type.fields, path + ".");
      case Kind::enumeration: return enumeration(value, type, path);
      case Kind::array: return array(value, type, path);
      case Kind::map: return map(value, type, path);
      case Kind::named: {
        const auto found = interface_.types.find(type.name);
        return found == interface_.types.end() ? path : this->type(value, found->second, path);
      }
    }
    return path;
  }
  static std::string enumeration(const Json& value, const Type& type, const std::string& path) {
    if (value.string() == nullptr) return path;
    for (const std::string& known : type.values) {
      if (known == *value.string()) return {};
    }
    return path;
  }
  std::string array(const Json& value, const Type& type, const std::string& path) const {
    if (value.array() == nullptr) return path;
    for (const Json& element : *value.array()) {
      if (std::string bad = this->type(element, *type.element, path); !bad.empty()) return bad;
    }
    return {};
  }
  std::string map(const Json& value, const Type& type, const std::string& path) const {
    if (value.object() == nullptr) return path;
    for (const auto& member : *value.object()) {
      if (std::string bad = this->type(member.second, *type.element, path); !bad.empty())
        return bad;
    }
    return {};
  }

  const Interface& interface_;
  bool strict_;
};

}  // namespace

Result<Interface> parse_interface(std::string_view text) { return Parser(text).parse(); }

std::string misfit(const Json& parameters, const std::vector<Field>& fields,
                   const Interface& interface, bool strict) {
  return Checker(interface, strict).fields(parameters, fields, "");
}

}  // namespace reeve::varlink
