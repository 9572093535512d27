#include "oauth/callback.h"

#include <array>

#include "base/check.h"
#include "oauth/text.h"

namespace reeve {
namespace {

using Kind = CallbackProblem::Kind;

constexpr size_t kCodeBytes = 4096;
constexpr size_t kStateBytes = 512;
constexpr size_t kTextBytes = 2048;

bool right_issuer(const CallbackAnswer& answer, const CallbackRules& rules) {
  if (answer.iss.empty()) return !rules.iss_supported;
  // Configured by endpoints, without an issuer: there is nothing to compare with.
  if (rules.issuer.empty()) return !rules.iss_supported;
  return answer.iss == rules.issuer;
}

}  // namespace

std::optional<CallbackAnswer> read_callback(Parameters parameters) {
  std::array<std::string, 5> values;
  static constexpr std::array<std::pair<std::string_view, size_t>, 5> known = {
      {{"state", kStateBytes},
       {"code", kCodeBytes},
       {"iss", kTextBytes},
       {"error", kTextBytes},
       {"error_description", kTextBytes}}};
  for (size_t i = 0; i < parameters.size(); ++i) {
    auto& [name, value] = parameters[i];
    for (size_t j = 0; j < i; ++j) {
      if (parameters[j].first == name) return std::nullopt;
    }
    for (size_t k = 0; k < known.size(); ++k) {
      if (known[k].first != name || value.empty()) continue;
      const bool prose = name == "error_description";
      if (prose ? value.size() > known[k].second : !visible_text(value, known[k].second)) {
        return std::nullopt;
      }
      values[k] = std::move(value);
      break;
    }
  }
  return CallbackAnswer{Secret(std::move(values[0])), Secret(std::move(values[1])),
                        std::move(values[2]), std::move(values[3]), std::move(values[4])};
}

std::variant<Secret, CallbackProblem> judge_callback(CallbackAnswer answer,
                                                     const CallbackRules& rules) {
  if (!right_issuer(answer, rules) && check_on(Check::iss))
    return CallbackProblem{Kind::mix_up, {}, {}};
  const bool failed = !answer.error.empty();
  if (failed != answer.code.empty()) return CallbackProblem{Kind::malformed, {}, {}};
  if (!failed) return std::move(answer.code);
  const Kind kind = answer.error == "access_denied" ? Kind::declined : Kind::failed;
  return CallbackProblem{kind, error_word(answer.error), summary(answer.error_description)};
}

}  // namespace reeve
