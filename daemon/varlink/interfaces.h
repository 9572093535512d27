// The interface texts of libclient/*.varlink, embedded (scripts/embed).
#pragma once

#include <string_view>

namespace reeve::interfaces {

extern const std::string_view io_reeve_Agent_varlink;
extern const std::string_view io_reeve_Binding_varlink;
extern const std::string_view io_reeve_Admin_varlink;
extern const std::string_view io_reeve_Fetch_varlink;
extern const std::string_view io_reeve_Attest_varlink;

}  // namespace reeve::interfaces
