// The interface texts of Varlink, read into a model, and the check of parameters against it.
//
// The text is the contract: a service is built from it, and every call is checked against it before
// its method runs (unknown parameters, missing ones, wrong types), so that methods may trust what
// they are given. Grammar: https://varlink.org/Interface-Definition (comments, structs, enums,
// arrays, maps, nullable).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace reeve::varlink {

struct Field;

struct Type {
  enum class Kind {
    boolean,
    integer,
    real,
    string,
    object,
    named,
    structure,
    enumeration,
    array,
    map
  };
  Kind kind = Kind::object;
  bool nullable = false;
  std::string name;                     // named
  std::vector<Field> fields;            // structure
  std::vector<std::string> values;      // enumeration
  std::shared_ptr<const Type> element;  // array, map
};

struct Field {
  std::string name;
  Type type;
};

struct MethodType {
  std::vector<Field> in, out;
};

struct Interface {
  std::string name;
  std::string text;
  std::map<std::string, Type> types;  // "type NAME (...)", a structure or enumeration each
  std::map<std::string, MethodType> methods;
  std::map<std::string, std::vector<Field>> errors;
};

Result<Interface> parse_interface(std::string_view text);

// The name of the first parameter that does not fit ("user.issuer", or an unknown one's), or empty
// if all do. Absent and null are the same for nullable fields. `strict`: unknown members are
// refused.
std::string misfit(const Json& parameters, const std::vector<Field>& fields,
                   const Interface& interface, bool strict = true);

}  // namespace reeve::varlink
