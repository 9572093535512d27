// Result: what a function gives back when it may fail and its caller only forwards the failure.
//
// A caller that must branch on the kind of failure gets an enum, an optional or a variant instead.
// Each layer adds context once, with `in()`. Only the edge (methods, main) logs.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace reeve {

// What kind of failure it is, for the few places that map it to a wire error or an exit status.
enum class Code {
  invalid,      // the input is wrong; the same input will fail again
  not_found,    // the named thing is not there
  denied,       // not allowed
  conflict,     // somebody else changed it first
  limit,        // a named limit was reached
  unavailable,  // try again later
  timeout,      // a deadline passed
  corrupt,      // stored or received data fails its check
  io,           // the operating system refused
  internal,     // should not happen
};

// A failure: its kind and a sentence for people. Never holds a secret or foreign text unchecked.
struct Error {
  Code code = Code::internal;
  std::string text;
};

// "CONTEXT: what went wrong".
inline Error in(std::string_view context, Error error) {
  error.text.insert(0, ": ").insert(0, context);
  return error;
}

// The failure of a system call: "WHAT: strerror(number)".
Error errno_error(std::string_view what, int number);

// Either a T or an Error. Reading the side that is not there is a bug and asserts.
template <class T>
class [[nodiscard]] Result {
 public:
  // NOLINTBEGIN(google-explicit-constructor): so that `return value;` and `return error;` work.
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  explicit operator bool() const { return held_.index() == 0; }
  T& operator*() & { return *std::get_if<0>(&held_); }
  const T& operator*() const& { return *std::get_if<0>(&held_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&held_)); }
  T* operator->() { return std::get_if<0>(&held_); }
  const T* operator->() const { return std::get_if<0>(&held_); }
  const Error& error() const& {
    assert(held_.index() == 1);
    return *std::get_if<1>(&held_);
  }
  Error&& error() && {
    assert(held_.index() == 1);
    return std::move(*std::get_if<1>(&held_));
  }

 private:
  std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return !error_; }
  const Error& error() const& {
    assert(error_);
    return *error_;
  }
  Error&& error() && {
    assert(error_);
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace reeve

// Unpacks a Result into a new variable, or returns its error from the enclosing function.
// `REEVE_TRY(auto name, expression);`  In coroutines: CO_TRY (async/task.h).
#define REEVE_CONCAT2(a, b) a##b
#define REEVE_CONCAT(a, b) REEVE_CONCAT2(a, b)
#define REEVE_TRY(declaration, expression) \
  REEVE_TRY_AS(REEVE_CONCAT(reeve_try_, __LINE__), declaration, expression)
#define REEVE_TRY_AS(name, declaration, expression) \
  auto name = (expression);                         \
  if (!name) return ::std::move(name).error();      \
  declaration = *::std::move(name)
// The same for Result<void>.
#define REEVE_CHECK(expression)                                \
  do {                                                         \
    auto reeve_check = (expression);                           \
    if (!reeve_check) return ::std::move(reeve_check).error(); \
  } while (false)
