// kill_point: the named steps between which a program may die at any moment. In Reeve's programs it
// does nothing: its body is empty, and nothing here can be switched on. The programs that the crash
// harness runs (tests/support/kill_point.cc) are linked with another body, which ends the process
// at the step that the test asked for.
#pragma once

namespace reeve {

void kill_point(const char* step) noexcept;

}  // namespace reeve
