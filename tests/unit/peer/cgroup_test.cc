#include "peer/cgroup.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

const std::string kId(64, 'a');

struct Case {
  std::string text, path, unit, container, scope;
};

TEST(Cgroup, names_units_and_containers) {
  const Case cases[] = {
      {"0::/\n", "/", "", "", ""},
      {"4:memory:/x/y.service\n0::/system.slice/triage.service\n", "/system.slice/triage.service",
       "triage.service", "", "/system.slice/triage.service"},
      {"0::/system.slice/system-agent.slice/agent@a.service/sub\n",
       "/system.slice/system-agent.slice/agent@a.service/sub", "agent@a.service", "",
       "/system.slice/system-agent.slice/agent@a.service"},
      {"0::/user.slice/user-1.slice/user@1.service/app.slice/fake.service\n",
       "/user.slice/user-1.slice/user@1.service/app.slice/fake.service", "user@1.service", "",
       "/user.slice/user-1.slice/user@1.service"},
      {"0::/system.slice/docker-" + kId + ".scope\n", "/system.slice/docker-" + kId + ".scope",
       "docker-" + kId + ".scope", "docker:" + kId, "/system.slice/docker-" + kId + ".scope"},
      {"0::/machine.slice/libpod-" + kId + ".scope/container\n",
       "/machine.slice/libpod-" + kId + ".scope/container", "libpod-" + kId + ".scope",
       "podman:" + kId, "/machine.slice/libpod-" + kId + ".scope"},
      {"0::/libpod_parent/libpod-" + kId + "\n", "/libpod_parent/libpod-" + kId, "",
       "podman:" + kId, "/libpod_parent/libpod-" + kId},
      {"0::/docker/" + kId + "\n", "/docker/" + kId, "", "docker:" + kId, "/docker/" + kId},
      {"0::/docker/" + kId.substr(1) + "\n", "/docker/" + kId.substr(1), "", "", ""},
  };
  for (const Case& c : cases) {
    const auto names = parse_cgroup(c.text);
    ASSERT_TRUE(names) << c.text;
    EXPECT_EQ(names->path, c.path);
    EXPECT_EQ(names->unit.value_or(""), c.unit) << c.text;
    EXPECT_EQ(names->container.value_or(""), c.container) << c.text;
    EXPECT_EQ(names->scope_path, c.scope) << c.text;
  }
}

TEST(Cgroup, refuses_what_is_not_plain) {
  for (const std::string text :
       {"", "1:name=systemd:/a.service\n", "0::relative\n", "0::/a/../b.service\n", "0::/a//b\n",
        "0::/a\x01/b\n", "0::/a\n0::/b.service\n", "0::\n"}) {
    EXPECT_FALSE(parse_cgroup(text)) << text;
  }
  EXPECT_FALSE(parse_cgroup("0::/" + std::string(300, 'a') + "\n"));
  EXPECT_FALSE(parse_cgroup("0::/" + std::string(5000, 'a') + "\n"));
}

}  // namespace
}  // namespace reeve
